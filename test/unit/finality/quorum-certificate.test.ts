/** Certificates: what of votes makes one, and that nothing else is taken for one. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { committeesOf, faultsBorne, quorum, seatsOf } from "#core/finality/finality-state.ts";
import {
  checkCertificate,
  checkLink,
  checkQuorum,
  decodeCertificate,
  encodeCertificate,
  makeCertificate,
  type QuorumCertificate,
  type QuorumCertificateBody,
} from "#core/finality/quorum-certificate.ts";
import { isSignedBy } from "#core/finality/vote.ts";
import {
  certify,
  didsOf,
  FEW_BLOCKS,
  NETWORK,
  QUORUM_CONTEXT,
  VotedChain,
  voteFor,
  voterOf,
  votersOf,
} from "#test/builders/finality-voters.ts";
import { named } from "#test/builders/ledger-actors.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";

const test = suite("quorum certificate");
const CHECKING = { ...QUORUM_CONTEXT, ...FEW_BLOCKS };

/** Seven of the old committee, of whom two stay; five new ones. The chain is in epoch 1 from block 7 on. */
const OLD = votersOf("o1", "o2", "o3", "o4", "o5", "both1", "both2");
const NEW = votersOf("both2", "n1", "n2", "n3", "both1");
const chain = handedOver();
const { finality } = chain;
const committees = committeesOf(finality, 1) ?? { forward: [], rear: [] };
const seated = seatsOf(committees);
const link = chain.link(6, 8);
const enough = [...OLD.slice(0, 3), ...votersOf("both1", "both2"), ...NEW.slice(1, 3)];
const certificate = certify(finality, link, enough);

function handedOver(): VotedChain {
  const made = new VotedChain(didsOf(OLD), didsOf(NEW));
  made.growTo(6);
  const certificates = [made.link(0, 4), made.link(4, 6)].map((each) => certify(made.finality, each, OLD));
  made.growTo(7, certificates);
  made.growTo(8);
  return made;
}

function withBody(changes: Partial<QuorumCertificateBody>): QuorumCertificate {
  return encodeCertificate({ ...certificate.body, ...changes });
}

function faultOf(candidate: QuorumCertificate): string | undefined {
  const checked = checkCertificate(CHECKING, finality, candidate);
  return checked.ok ? undefined : checked.fault.code;
}

test("a quorum of both committees is taken, and the seats are the forward committee's, then who is in the rear only", () => {
  assert.is(finality.epoch, 1);
  assert.equal(seated, didsOf([...NEW, ...OLD.slice(0, 5)]));
  assert.is(faultOf(certificate), undefined);
  assert.is(certificate.body.seats.length, 2);
  const decoded = decodeCertificate(certificate.bytes);
  assert.ok(decoded.ok);
  assert.equal(decoded.value.body, certificate.body);
});

test("the order in which votes came makes no difference", () => {
  const votes = enough.map((voter) => voteFor(link, voter, 1));
  assert.equal(makeCertificate(finality, [...votes].reverse()), certificate);
  assert.equal(makeCertificate(finality, [...votes, ...votes]), certificate);
});

test("votes of strangers, for other links and of other epochs make no quorum", () => {
  const four = enough.slice(0, 4).map((voter) => voteFor(link, voter, 1));
  const others = [
    ...votersOf("stranger 1", "stranger 2", "stranger 3").map((voter) => voteFor(link, voter, 1)),
    ...enough.map((voter) => voteFor(chain.link(4, 8), voter, 1)),
    ...enough.map((voter) => voteFor(link, voter, 0)),
  ];
  assert.is(makeCertificate(finality, [...four, ...others]), undefined);
  assert.is(makeCertificate(finality, []), undefined);
});

test("one vote short in either committee makes none, and with it makes one", () => {
  const votesOf = (names: readonly string[]) => votersOf(...names).map((voter) => voteFor(link, voter, 1));
  const rearFull = ["o1", "o2", "o3", "both1", "both2"];
  assert.is(makeCertificate(finality, votesOf([...rearFull, "n1"])), undefined, "three of five new ones");
  assert.ok(makeCertificate(finality, votesOf([...rearFull, "n1", "n2"])));
  const newFull = ["both1", "both2", "n1", "n2", "n3"];
  assert.is(makeCertificate(finality, votesOf([...newFull, "o1", "o2"])), undefined, "four of seven old ones");
  assert.ok(makeCertificate(finality, votesOf([...newFull, "o1", "o2", "o3"])));
});

test("one signature short in either committee is refused before any signature is looked at", () => {
  const without = (name: string): QuorumCertificate => {
    const seat = seated.indexOf(voterOf(name).did);
    const place = seated.slice(0, seat).filter((did) => didsOf(enough).includes(did)).length;
    const seats = Uint8Array.from(certificate.body.seats);
    seats[seat >> 3] = (seats[seat >> 3] ?? 0) & ~(1 << (seat & 7));
    const signatures = certificate.body.signatures.filter((_, index) => index !== place).map(() => new Uint8Array(64));
    return withBody({ seats, signatures });
  };
  const check = (name: string) => checkCertificate(CHECKING, finality, without(name));
  assert.equal(check("n1"), {
    ok: false,
    fault: { code: "QUORUM_TOO_FEW", committee: "forward", votes: 3, needed: 4 },
  });
  assert.equal(check("o1"), { ok: false, fault: { code: "QUORUM_TOO_FEW", committee: "rear", votes: 4, needed: 5 } });
});

test("a bitmap of another length, with bits behind the last seat, or other than there are signatures is refused", () => {
  const { seats, signatures } = certificate.body;
  assert.is(faultOf(withBody({ seats: seats.slice(0, 1) })), "QUORUM_WRONG_SEATS");
  assert.is(faultOf(withBody({ seats: Uint8Array.of(...seats, 0) })), "QUORUM_WRONG_SEATS");
  const [first = 0, second = 0] = seats;
  for (const bit of [2, 5, 7]) {
    const behind = withBody({
      seats: Uint8Array.of(first, second | (1 << bit)),
      signatures: [...signatures, new Uint8Array(64)],
    });
    assert.is(faultOf(behind), "QUORUM_WRONG_SEATS");
  }
  assert.is(faultOf(withBody({ signatures: signatures.slice(1) })), "QUORUM_WRONG_SEATS");
  assert.is(faultOf(withBody({ signatures: [...signatures, named64("more")] })), "QUORUM_WRONG_SEATS");
});

test("a foreign, repeated, exchanged or upper-half signature is refused", () => {
  const { signatures } = certificate.body;
  const [one = named64(""), two = named64(""), ...rest] = signatures;
  const foreign = voteFor(link, voterOf("stranger"), 1).signature;
  for (const bad of [
    [foreign, two, ...rest],
    [two, two, ...rest],
    [two, one, ...rest],
    [complementOfS(one), two, ...rest],
    [new Uint8Array(64), two, ...rest],
  ]) {
    assert.is(faultOf(withBody({ signatures: bad })), "QUORUM_BAD_SIGNATURE");
  }
});

test("every bit of what was signed counts", () => {
  const other = chain.at(8).id.with(0, (chain.at(8).id[0] ?? 0) ^ 1);
  assert.is(faultOf(withBody({ network: NETWORK.with(0, 0) })), "QUORUM_WRONG_NETWORK");
  assert.is(faultOf(withBody({ epoch: 0 })), "QUORUM_WRONG_EPOCH");
  assert.is(faultOf(withBody({ epoch: 2 })), "QUORUM_WRONG_EPOCH");
  assert.is(faultOf(withBody({ target: { serial: 8, id: other } })), "QUORUM_UNKNOWN_TARGET");
  assert.is(faultOf(withBody({ target: chain.at(10) })), "QUORUM_UNKNOWN_TARGET");
  assert.is(faultOf(withBody({ source: { serial: 6, id: other } })), "QUORUM_UNKNOWN_SOURCE");
  assert.is(faultOf(withBody({ source: chain.at(4) })), "QUORUM_BAD_SIGNATURE");
});

test("no change of one byte of a certificate is taken", () => {
  fc.assert(
    fc.property(fc.nat(certificate.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
      const changed = Uint8Array.from(certificate.bytes);
      changed[place] = (changed[place] ?? 0) ^ flip;
      const decoded = decodeCertificate(changed);
      return !decoded.ok || faultOf(decoded.value) !== undefined;
    }),
    { numRuns: 150 },
  );
});

test("what the chain knows already is refused in a block, but is a quorum all the same", () => {
  const after = handedOver();
  after.growTo(9, [certificate]);
  const checked = checkCertificate(CHECKING, after.finality, certificate);
  assert.equal(checked, { ok: false, fault: { code: "QUORUM_NOTHING_NEW" } });
  assert.ok(checkLink(QUORUM_CONTEXT, after.finality, certificate).ok);
});

test("a source that the chain has not justified is refused in a block, and heard outside of one", () => {
  const late = handedOver();
  late.growTo(10);
  const next = certify(late.finality, late.link(8, 10), enough);
  const checked = checkCertificate(CHECKING, late.finality, next);
  assert.equal(checked, { ok: false, fault: { code: "QUORUM_SOURCE_NOT_JUSTIFIED", serial: 8 } });
  assert.ok(checkLink(QUORUM_CONTEXT, late.finality, next).ok);
});

test("heard outside of a block it must be a link of the chain all the same", () => {
  const elsewhere = { serial: 8, id: named("elsewhere") };
  for (const [changes, code] of [
    [{ target: elsewhere }, "QUORUM_UNKNOWN_TARGET"],
    [{ source: { ...elsewhere, serial: 6 } }, "QUORUM_UNKNOWN_SOURCE"],
    [{ epoch: 0 }, "QUORUM_WRONG_EPOCH"],
  ] as const) {
    const checked = checkLink(QUORUM_CONTEXT, finality, withBody(changes));
    assert.is(checked.ok ? undefined : checked.fault.code, code);
  }
});

test("of a committee a third may lie, rounded down to what is less than a third; of nobody nobody", () => {
  const sizes = [0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 31];
  assert.equal(sizes.map(faultsBorne), [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 10]);
});

test("two quorums of a committee share more members than may lie, whatever its size", () => {
  for (let members = 1; members <= 31; members += 1) {
    const shared = 2 * quorum(members) - members;
    assert.ok(shared > faultsBorne(members), `${members}`);
    assert.ok(quorum(members) <= members - faultsBorne(members), "the honest ones are enough");
  }
  const drawn = fc.integer({ min: 1, max: 31 }).chain((members) => {
    const all = Array.from({ length: members }, (_, index) => index);
    const some = fc.subarray(all, { minLength: quorum(members) });
    return fc.tuple(fc.constant(members), some, some);
  });
  fc.assert(
    fc.property(drawn, ([members, left, right]) => {
      return left.filter((each) => right.includes(each)).length > faultsBorne(members);
    }),
  );
});

test("of a committee without members nothing is ever a quorum", () => {
  const nobody = { forward: [], rear: [] };
  const empty = withBody({ seats: new Uint8Array(1), signatures: [new Uint8Array(64)] });
  assert.not.ok(checkQuorum(QUORUM_CONTEXT, nobody, empty).ok);
  const alone = new VotedChain([]);
  alone.growTo(2);
  assert.is(makeCertificate(alone.finality, [voteFor(alone.link(0, 2), voterOf("o1"))]), undefined);
});

test("a vote is of whoever has signed it, by any key that speaks for it", () => {
  const vote = voteFor(link, voterOf("o1"), 1);
  const [key, other] = [voterOf("o1").signer.publicKey, voterOf("o2").signer.publicKey];
  assert.ok(isSignedBy(QUORUM_CONTEXT.crypto, vote, [other, key]));
  assert.not.ok(isSignedBy(QUORUM_CONTEXT.crypto, vote, [other]));
  assert.not.ok(isSignedBy(QUORUM_CONTEXT.crypto, vote, []));
});

test.run();

function named64(name: string): Uint8Array {
  return Uint8Array.of(...named(name), ...named(`${name}!`));
}
