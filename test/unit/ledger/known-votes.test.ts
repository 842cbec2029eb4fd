/** What a chain keeps of votes, certificates and heights that it cannot place yet, and for how long. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { encodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { Chain, type ChainLink } from "#core/ledger/chain.ts";
import { certify, hear, linkAt, voteOf } from "#test/builders/committee-votes.ts";
import { crypto, makeActor, named } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const FOUR = ["one", "two", "three", "four"].map((name) => makeActor(`voter ${name}`, "station"));
const REGION = { rules: { ...VOTING_RULES, checkpointBlocks: 2 }, authorities: FOUR };

const test = suite("known votes");

test("of certificates for blocks that are not here the newest 64 wait; one that comes again keeps its place", () => {
  const builder = new LedgerBuilder(REGION);
  const blocks = [builder.seal(), builder.seal()];
  const certificate = certify(builder, [linkAt(builder, 0), linkAt(builder, 2)]);
  for (const [others, justified] of [
    [63, 2],
    [64, 0],
  ] as const) {
    const chain = new Chain(crypto, builder.genesis);
    for (const each of [certificate, ...strangers(certificate, others), ...strangers(certificate, others)]) {
      const heard = chain.addCertificate(each);
      assert.is(heard.ok ? "" : heard.fault.code, "VOTE_UNKNOWN_TARGET");
    }
    for (const block of blocks) assert.ok(chain.addBlock(block, undefined).ok);
    assert.is(chain.justified.serial, justified);
  }
});

test("a certificate that waits counts for its own block only", () => {
  const builder = new LedgerBuilder(REGION);
  const blocks = Array.from({ length: 4 }, () => builder.seal());
  const certificate = certify(builder, [linkAt(builder, 0), linkAt(builder, 4)]);
  const chain = new Chain(crypto, builder.genesis);
  chain.addCertificate(certificate);
  for (const block of blocks.slice(0, 3)) assert.ok(chain.addBlock(block, undefined).ok);
  assert.is(chain.justified.serial, 0);
  const [last] = blocks.slice(3);
  assert.ok(last);
  const added = chain.addBlock(last, undefined);
  assert.ok(added.ok);
  assert.is(chain.justified.serial, 4);
  assert.equal(
    added.value.certificates.map(({ bytes }) => toHex(bytes)),
    [toHex(certificate.bytes)],
  );
});

test("the tallest block is told also where it is on no branch that is followed", () => {
  const builder = new LedgerBuilder(REGION);
  const chain = new Chain(crypto, builder.genesis);
  assert.is(chain.tallest, 0);
  const root = builder.chain.head;
  const grow = (blocks: number, rank: number): ChainLink => {
    let parent = root;
    for (let serial = 1; serial <= blocks; serial += 1) {
      const block = builder.make({ parent, rank });
      builder.add(block);
      assert.ok(chain.addBlock(block, undefined).ok);
      parent = builder.linkOf(block);
    }
    return parent;
  };
  grow(3, 3);
  assert.equal([chain.head.serial, chain.tallest], [3, 3]);
  assert.ok(chain.addCertificate(certify(builder, [root, grow(2, 0)])).ok);
  assert.equal([chain.head.serial, chain.tallest], [2, 3]);
});

test("votes for what is final make room for others, and new ones are told to be too old; those above are kept", () => {
  const builder = new LedgerBuilder(REGION);
  for (let serial = 1; serial <= 6; serial += 1) builder.seal();
  const pairs = [
    [0, 2],
    [2, 4],
    [4, 6],
  ] as const;
  const [voter] = FOUR;
  assert.ok(voter);
  const early = voteOf(builder, [linkAt(builder, 0), linkAt(builder, 2)], voter);
  const late = voteOf(builder, [linkAt(builder, 2), linkAt(builder, 6)], voter);
  assert.ok(builder.chain.addVote(early).ok && builder.chain.addVote(late).ok);
  const unused = certify(builder, [linkAt(builder, 0), linkAt(builder, 4)]);
  const certificates = pairs.map(([from, to]) => certify(builder, [linkAt(builder, from), linkAt(builder, to)]));
  for (const certificate of certificates) hear(builder, certificate);
  const { chain } = builder;
  assert.is(chain.final.serial, 4);
  assert.equal(
    chain.votes.votes().map(({ key }) => key),
    [late.key],
  );
  const again = chain.addVote(early);
  assert.equal(again, { ok: false, fault: { code: "VOTE_TOO_OLD", serial: 2, final: 4 } });
  assert.equal(chain.addCertificate(unused), { ok: false, fault: { code: "VOTE_TOO_OLD", serial: 4, final: 4 } });
});

test("of a target in the head's chain the newest word counts: a link around what is final by now is none", () => {
  const builder = new LedgerBuilder(REGION);
  for (let serial = 1; serial <= 6; serial += 1) builder.seal();
  const around = [linkAt(builder, 0), linkAt(builder, 6)] as const;
  const [voter, other] = FOUR;
  assert.ok(voter && other);
  assert.ok(builder.chain.addVote(voteOf(builder, around, voter)).ok);
  for (const pair of [
    [0, 2],
    [2, 4],
  ] as const) {
    hear(builder, certify(builder, [linkAt(builder, pair[0]), linkAt(builder, pair[1])]));
  }
  builder.seal();
  assert.equal([around[1].state.finality.final.serial, builder.state.finality.final.serial], [0, 2]);
  const heard = builder.chain.addVote(voteOf(builder, around, other));
  assert.equal(heard, { ok: false, fault: { code: "QUORUM_UNKNOWN_SOURCE", serial: 0 } });
});

test("a certificate that waits is checked when its block comes: one that nobody has signed justifies nothing", () => {
  const builder = new LedgerBuilder(REGION);
  const blocks = [builder.seal(), builder.seal()];
  const { body } = certify(builder, [linkAt(builder, 0), linkAt(builder, 2)]);
  const signatures = body.signatures.map(() => new Uint8Array(64).fill(1));
  const chain = new Chain(crypto, builder.genesis);
  chain.addCertificate(encodeCertificate({ ...body, signatures }));
  for (const block of blocks) assert.ok(chain.addBlock(block, undefined).ok);
  assert.is(chain.head.serial, 2);
  assert.is(chain.justified.serial, 0);
});

/** A chain with four blocks, where the certificate for the sixth waits first of all. */
function waitingForSix(): {
  readonly chain: Chain;
  readonly builder: LedgerBuilder;
  readonly arrive: (serials: readonly number[]) => void;
} {
  const builder = new LedgerBuilder(REGION);
  const blocks = Array.from({ length: 6 }, () => builder.seal());
  const chain = new Chain(crypto, builder.genesis);
  const arrive = (serials: readonly number[]): void => {
    for (const serial of serials) {
      const block = blocks[serial - 1];
      assert.ok(block && chain.addBlock(block, undefined).ok);
    }
  };
  arrive([1, 2]);
  chain.addCertificate(certify(builder, [linkAt(builder, 4), linkAt(builder, 6)]));
  return { chain, builder, arrive };
}

test("a certificate that has been taken makes room for another", () => {
  const { chain, builder, arrive } = waitingForSix();
  const four = certify(builder, [linkAt(builder, 0), linkAt(builder, 4)]);
  for (const each of [four, ...strangers(four, 62)]) chain.addCertificate(each);
  arrive([3, 4]);
  assert.is(chain.justified.serial, 4);
  chain.addCertificate(strangers(four, 63).at(-1) ?? four);
  arrive([5, 6]);
  assert.is(chain.justified.serial, 6);
});

for (const [where, height] of [
  ["below", 1],
  ["beside", 2],
] as const) {
  test(`certificates for blocks ${where} what is final by now make room, and further ones do not come to wait`, () => {
    const { chain, builder, arrive } = waitingForSix();
    arrive([3, 4]);
    const pairs = [
      [0, 2],
      [2, 4],
    ] as const;
    const [low, high] = pairs.map(([from, to]) => certify(builder, [linkAt(builder, from), linkAt(builder, to)]));
    assert.ok(low && high);
    for (const each of strangers(low, 63, height)) assert.not.ok(chain.addCertificate(each).ok);
    assert.ok(chain.addCertificate(low).ok && chain.addCertificate(high).ok);
    assert.is(chain.final.serial, 2);
    // 63 places are free again, and those that are too old by now take none of them.
    for (const each of strangers(high, 63, 6)) chain.addCertificate(each);
    for (const each of strangers(low, 70)) {
      const heard = chain.addCertificate(each);
      assert.is(heard.ok ? "" : heard.fault.code, "VOTE_TOO_OLD");
    }
    arrive([5, 6]);
    assert.is(chain.justified.serial, 6);
  });
}

test.run();

/** Certificates of the same form for blocks that nobody has. */
function strangers({ body }: QuorumCertificate, count: number, serial = 2): readonly QuorumCertificate[] {
  const source = { serial: 0, id: body.source.id };
  return Array.from({ length: count }, (_, index) =>
    encodeCertificate({ ...body, source, target: { serial, id: named(`nowhere ${serial} ${index}`) } }),
  );
}
