/** Certificates at their limits: seats and bytes, keys, and what of nearly right votes makes none. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seatsOf } from "#core/finality/finality-state.ts";
import {
  checkCertificate,
  checkLink,
  decodeCertificate,
  encodeCertificate,
  makeCertificate,
  type QuorumCertificate,
  type QuorumCertificateBody,
} from "#core/finality/quorum-certificate.ts";
import {
  certify,
  didsOf,
  FEW_BLOCKS,
  QUORUM_CONTEXT,
  VotedChain,
  voteFor,
  voterOf,
  votersOf,
} from "#test/builders/finality-voters.ts";
import { named } from "#test/builders/ledger-actors.ts";

const test = suite("quorum certificate, limits");
const CHECKING = { ...QUORUM_CONTEXT, ...FEW_BLOCKS };

/** Seven of the old committee, five of the new one, of whom two were in the old one: ten seats in epoch 1. */
const OLD = votersOf("o1", "o2", "o3", "o4", "o5", "both1", "both2");
const NEW = votersOf("both2", "n1", "n2", "n3", "both1");
const enough = [...OLD.slice(0, 3), ...NEW];
const chain = new VotedChain(didsOf(OLD), didsOf(NEW));
chain.growTo(6);
chain.growTo(
  7,
  [chain.link(0, 4), chain.link(4, 6)].map((each) => certify(chain.finality, each, OLD)),
);
const finality = chain.growTo(10);
const seated = seatsOf({ forward: didsOf(NEW), rear: didsOf(OLD) });
const link = chain.link(6, 8);
const certificate = certify(finality, link, enough);

function withBody(changes: Partial<QuorumCertificateBody>): QuorumCertificate {
  return encodeCertificate({ ...certificate.body, ...changes });
}

test("a bit behind the last seat is refused also where there is no signature for it", () => {
  const [first = 0, second = 0] = certificate.body.seats;
  const checked = checkCertificate(CHECKING, finality, withBody({ seats: Uint8Array.of(first, second | 0x80) }));
  assert.equal(checked, { ok: false, fault: { code: "QUORUM_WRONG_SEATS", reason: "no such seat" } });
});

test("of several bad signatures the first one's seat is named", () => {
  const signatures = certificate.body.signatures.map(() => new Uint8Array(64));
  const checked = checkCertificate(CHECKING, finality, withBody({ signatures }));
  const [first] = seated.filter((did) => didsOf(enough).includes(did));
  assert.equal(checked, { ok: false, fault: { code: "QUORUM_BAD_SIGNATURE", member: first } });
});

test("the bitmap has a byte for each eight seats", () => {
  for (const [size, bytes] of [
    [1, 1],
    [8, 1],
    [9, 2],
  ] as const) {
    const voters = votersOf(...Array.from({ length: size }, (_, index) => `m${index}`));
    const grown = new VotedChain(didsOf(voters));
    grown.growTo(2);
    const made = certify(grown.finality, grown.link(0, 2), voters);
    assert.is(made.body.seats.length, bytes);
    assert.ok(checkLink(QUORUM_CONTEXT, grown.finality, made).ok);
  }
});

test("there is room for two committees of 31 and for no seat more, and nothing is read of more than 4,608 bytes", () => {
  const signed = (seats: number, count: number): QuorumCertificateBody => ({
    ...{ ...certificate.body, seats: new Uint8Array(seats).fill(255) },
    signatures: Array.from({ length: count }, () => new Uint8Array(64)),
  });
  assert.ok(decodeCertificate(encodeCertificate(signed(8, 62)).bytes).ok);
  for (const body of [signed(9, 62), signed(8, 63)]) assert.throws(() => encodeCertificate(body));
  const tooLong = (length: number): boolean => {
    const decoded = decodeCertificate(new Uint8Array(length));
    return !decoded.ok && "expected" in decoded.fault && decoded.fault.expected === "at most 4608 bytes";
  };
  assert.equal([tooLong(4608), tooLong(4609)], [false, true]);
});

test("votes for a block that the chain does not have, or of another epoch than the block's, make no certificate", () => {
  const elsewhere = { ...link, target: { serial: 8, id: named("elsewhere") } };
  const votesFor = (voted: typeof link, epoch: number) =>
    [...OLD, ...enough].map((each) => voteFor(voted, each, epoch));
  assert.is(makeCertificate(finality, votesFor(elsewhere, 1)), undefined);
  assert.is(makeCertificate(finality, votesFor(link, 0)), undefined);
});

test("votes from one source to different targets make no certificate together", () => {
  const [half, others] = [enough.slice(0, 4), enough.slice(4)];
  const votes = [
    ...half.map((each) => voteFor(link, each, 1)),
    ...others.map((each) => voteFor(chain.link(6, 10), each, 1)),
  ];
  assert.is(makeCertificate(finality, votes), undefined);
});

test("one of a member's keys is enough", () => {
  const keysOf = (did: string) => [voterOf("stranger").signer.publicKey, ...QUORUM_CONTEXT.keysOf(did)];
  assert.ok(checkLink({ ...QUORUM_CONTEXT, keysOf }, finality, certificate).ok);
});

test("another way to what is justified is news only where it makes its source final", () => {
  const voters = votersOf("o1", "o2", "o3", "o4");
  const grown = new VotedChain(didsOf(voters), didsOf(voters), { checkpointBlocks: 2, epochCheckpoints: 100 });
  grown.growTo(8);
  const certifyFrom = (source: number, target: number) => certify(grown.finality, grown.link(source, target), voters);
  const ways = [certifyFrom(4, 8), certifyFrom(6, 8)];
  grown.growTo(9, [certifyFrom(0, 4), certifyFrom(0, 6), certifyFrom(0, 8)]);
  const codes = ways.map((way) => {
    const checked = checkCertificate(CHECKING, grown.finality, way);
    return checked.ok ? "" : checked.fault.code;
  });
  assert.equal(codes, ["QUORUM_NOTHING_NEW", ""]);
});

test.run();
