/** What is final by votes: it stays, whatever comes later, and a chain says of itself what its certificates say. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { applyBlock } from "#core/ledger/apply-block.ts";
import { linksRootOf } from "#core/ledger/apply-certificates.ts";
import { decodeBlock, encodeBlock, type Block, type HeaderBody } from "#core/ledger/block.ts";
import { Chain, type ChainLink } from "#core/ledger/chain.ts";
import { certificateRecord, readJournal } from "#core/ledger/journal.ts";
import { CERTIFICATES_PER_BLOCK_MAX } from "#core/limits.ts";
import { decodeChainExport, exportChain } from "#records/chain-export.ts";
import { badCertificates } from "#test/builders/bad-certificates.ts";
import { certify, hear, linkAt, sealAndCertify, voteOf } from "#test/builders/committee-votes.ts";
import { crypto, makeActor, named, sha256 } from "#test/builders/ledger-actors.ts";
import {
  EASY_RULES,
  forgeHeader,
  LedgerBuilder,
  OPERATOR,
  STATION,
  VEHICLE,
  VOTING_RULES,
} from "#test/builders/ledger-builder.ts";
import { recordsOf } from "#test/builders/ledger-story.ts";

const FOUR = ["one", "two", "three", "four"].map((name) => makeActor(`voter ${name}`, "station"));
const [ONE = OPERATOR, TWO = OPERATOR, THREE = OPERATOR] = FOUR;
const QUORUM = [ONE, TWO, THREE];

const test = suite("finality of a chain");

test("a region of one station becomes final by its one vote", () => {
  const builder = new LedgerBuilder({ rules: VOTING_RULES });
  const { chain } = builder;
  assert.equal(builder.state.finality.committees, [[toHex(OPERATOR.did)]]);
  sealBlocks(builder, 8);
  assert.equal([chain.final.serial, chain.justified.serial, chain.levelOf(1)], [0, 0, "C1"]);
  assert.ok(chain.addVote(voteOf(builder, [linkAt(builder, 0), linkAt(builder, 4)], OPERATOR)).ok);
  assert.equal([chain.final.serial, chain.justified.serial, chain.levelOf(4)], [0, 4, "C1"]);
  const taken = chain.addVote(voteOf(builder, [linkAt(builder, 4), linkAt(builder, 8)], OPERATOR));
  assert.ok(taken.ok && taken.value.pool === "new" && taken.value.certificates.length === 1);
  assert.equal([chain.final.serial, chain.justified.serial], [4, 8]);
  assert.equal(
    [0, 1, 4, 5].map((serial) => chain.levelOf(serial)),
    ["C1", "C2", "C2", "C1"],
  );
  assert.is(builder.state.finality.final.serial, 0, "the chain itself does not say so yet");
  const block = builder.seal();
  assert.is(block.certificates.length, 2);
  assert.equal(block.header.justify, { serial: 8, id: linkAt(builder, 8).id });
  assert.equal([builder.state.finality.final.serial, block.header.serial], [4, 9]);
  assert.is(builder.seal().certificates.length, 0, "what the chain holds is not said twice");
});

test("where nobody votes no header and no state has anything of it, and no vote is heard", () => {
  const builder = new LedgerBuilder({ rules: EASY_RULES });
  const voting = new LedgerBuilder({ rules: VOTING_RULES });
  sealBlocks(voting, 4);
  const before = builder.state.finality;
  sealBlocks(builder, 9);
  assert.is(builder.state.finality, before);
  for (const serial of [1, 4, 8]) {
    const { header } = linkAt(builder, serial).block ?? builder.make();
    assert.equal([header.justify, header.nextCommittee, header.linksRoot], [undefined, undefined, undefined]);
    assert.is(builder.chain.levelOf(serial), "C1");
  }
  const pair = [linkAt(voting, 0), linkAt(voting, 4)] as const;
  assert.is(codeOf(builder.chain.addVote(voteOf(voting, pair, OPERATOR))), "VOTE_WITHOUT_FINALITY");
  const block = builder.make();
  const justified = forgeHeader(builder.genesis.network, block, { justify: { serial: 0, id: builder.genesis.id } });
  assert.equal(wrongField(builder, justified), "justify");
  const certified = { ...block, certificates: [certify(voting, pair)] };
  assert.is(codeOf(applyBlock(builder.state, certified, builder.chain.context)), "BLOCK_BAD_CERTIFICATE");
});

test("a vote of a stranger, under another key, for what is no link or is over, is refused with its reason", () => {
  const { builder } = regionOfFour(8);
  const { chain } = builder;
  const link = [linkAt(builder, 0), linkAt(builder, 4)] as const;
  const stranger = makeActor("stranger", "station");
  assert.is(codeOf(chain.addVote(voteOf(builder, link, stranger))), "VOTE_WITHOUT_SEAT");
  const forged = voteOf(builder, link, { ...ONE, signer: stranger.signer });
  assert.is(codeOf(chain.addVote(forged)), "VOTE_BAD_SIGNATURE");
  const elsewhere = { ...linkAt(builder, 4), serial: 12, id: named("elsewhere"), state: linkAt(builder, 4).state };
  const good = voteOf(builder, link, ONE);
  const moved = { ...good, body: { ...good.body, target: { serial: 12, id: elsewhere.id } } };
  assert.is(codeOf(chain.addVote(moved)), "VOTE_UNKNOWN_TARGET");
  const otherEpoch = { ...good, body: { ...good.body, epoch: 1 } };
  assert.is(codeOf(chain.addVote(otherEpoch)), "QUORUM_WRONG_EPOCH");
  assert.equal(kindOf(chain.addVote(good)), "new");
  assert.equal(kindOf(chain.addVote(good)), "known");
  const twice = voteOf(builder, [linkAt(builder, 0), linkAt(builder, 8)], ONE);
  assert.equal(kindOf(chain.addVote(twice)), "new");
  hear(builder, certify(builder, link));
  hear(builder, certify(builder, [linkAt(builder, 4), linkAt(builder, 8)]));
  assert.is(chain.final.serial, 4);
  assert.is(codeOf(chain.addVote(voteOf(builder, link, TWO))), "VOTE_TOO_OLD");
});

test("a member's two votes for one height are told, the second with the first", () => {
  const { builder } = regionOfFour(4);
  const side = builder.make({ parent: linkAt(builder, 3), rank: 1 });
  builder.add(side);
  const first = voteOf(builder, [linkAt(builder, 0), linkAt(builder, 4)], ONE);
  assert.equal(kindOf(builder.chain.addVote(first)), "new");
  const second = voteOf(builder, [linkAt(builder, 0), builder.linkOf(side)], ONE);
  const taken = builder.chain.addVote(second);
  assert.ok(taken.ok && typeof taken.value.pool === "object");
  assert.is(taken.value.pool.contradicts.key, first.key);
});

test("fewer votes than the quorum make nothing of a checkpoint; the last one does", () => {
  const { builder } = regionOfFour(4);
  const link = [linkAt(builder, 0), linkAt(builder, 4)] as const;
  for (const voter of [ONE, TWO]) {
    const taken = builder.chain.addVote(voteOf(builder, link, voter));
    assert.ok(taken.ok && taken.value.certificates.length === 0);
    assert.is(builder.chain.justified.serial, 0);
  }
  const last = builder.chain.addVote(voteOf(builder, link, THREE));
  assert.ok(last.ok && last.value.certificates.length === 1);
  assert.is(builder.chain.justified.serial, 4);
});

for (const [what, fault, change] of badCertificates(QUORUM)) {
  test(`a block whose certificate ${what} is refused: BLOCK_BAD_CERTIFICATE, ${fault}`, () => {
    const { builder } = regionOfFour(9);
    const pair = [linkAt(builder, 0), linkAt(builder, 4)] as const;
    const certificates = change(builder, certify(builder, pair, QUORUM));
    const target = certificates.at(-1)?.body.target ?? pair[1];
    const justify = { serial: target.serial, id: target.id };
    const block = withCertificates(builder, certificates, { justify });
    const applied = applyBlock(builder.state, block, builder.chain.context);
    assert.ok(!applied.ok && applied.fault.code === "BLOCK_BAD_CERTIFICATE");
    assert.equal([applied.fault.place, applied.fault.fault.code], [certificates.length - 1, fault]);
  });
}

test("a header says of its certificates what they say, and a copy without one of them is no copy", () => {
  const { builder } = regionOfFour(9);
  const [root, four, eight] = [0, 4, 8].map((serial) => linkAt(builder, serial));
  assert.ok(root && four && eight);
  const certificates = [certify(builder, [root, four], QUORUM), certify(builder, [four, eight], QUORUM)];
  for (const certificate of certificates) hear(builder, certificate);
  const block = builder.make();
  assert.equal(block.certificates, certificates);
  const applied = applyBlock(builder.state, block, builder.chain.context);
  assert.ok(applied.ok && applied.value.state.finality.final.serial === 4);
  // The one link that skips the first checkpoint justifies the same and makes nothing final.
  const skipping = certify(builder, [root, eight], QUORUM);
  assert.equal(wrongField(builder, { ...block, certificates: [skipping] }), "linksRoot");
  assert.equal(wrongField(builder, { ...block, certificates: [] }), "justify");
  const { network } = builder.genesis;
  const signer = builder.actorOf(toHex(block.header.miner)).signer;
  const lower = forgeHeader(network, block, { justify: { serial: 4, id: four.id } }, signer);
  assert.equal(wrongField(builder, lower), "justify");
  const named7 = forgeHeader(network, block, { nextCommittee: named("committee") }, signer);
  assert.equal(wrongField(builder, named7), "nextCommittee");
});

test("another quorum's signatures under the same links are the same block", () => {
  const { builder } = regionOfFour(5);
  const pair = [linkAt(builder, 0), linkAt(builder, 4)] as const;
  hear(builder, certify(builder, pair, QUORUM));
  const block = builder.make();
  const other = { ...block, certificates: [certify(builder, pair, FOUR)] };
  const travelled = decodeBlock(builder.chain.context, encodeBlock(other));
  assert.ok(travelled.ok);
  assert.is(travelled.value.key, block.key);
  assert.ok(builder.chain.addBlock(travelled.value, undefined).ok);
});

test("a sealer that holds many certificates puts in as many as a block may carry, and the next one goes on", () => {
  const { builder } = regionOfFour(0);
  const bare = (): void => {
    builder.add(builder.make({ certificates: [] }));
  };
  for (let serial = 1; serial <= 24; serial += 1) {
    bare();
    if (serial % 4 === 0) hear(builder, certify(builder, [linkAt(builder, serial - 4), linkAt(builder, serial)]));
  }
  assert.is(builder.chain.final.serial, 20);
  assert.is(builder.seal().certificates.length, CERTIFICATES_PER_BLOCK_MAX);
  assert.is(builder.state.finality.final.serial, 12);
  assert.is(builder.seal().certificates.length, 2);
  assert.is(builder.state.finality.final.serial, 20);
  assert.is(builder.chain.certificatesFor(builder.chain.head).length, 0);
});

test("at the end of an epoch the next committee is named, and takes over when that is final", () => {
  const rules = { ...VOTING_RULES, epochCheckpoints: 1 };
  const builder = new LedgerBuilder({ rules, authorities: FOUR });
  sealAndCertify(builder, 4);
  const named4 = linkAt(builder, 4).block?.header.nextCommittee;
  assert.ok(named4 !== undefined && linkAt(builder, 3).block?.header.nextCommittee === undefined);
  assert.is(builder.state.finality.next?.length, 4);
  sealAndCertify(builder, 4);
  assert.equal([builder.chain.final.serial, builder.state.finality.epoch], [4, 0]);
  sealAndCertify(builder, 1);
  assert.equal([builder.state.finality.epoch, builder.state.finality.boundary], [1, 16]);
  assert.is(builder.state.finality.committees.length, 2);
  sealAndCertify(builder, 20);
  assert.ok(builder.state.finality.epoch >= 2);
  assert.is(builder.chain.final.serial, 24);
});

test("what was final before a start is final after it, also by votes that stand in no block", () => {
  const { builder } = regionOfFour(0);
  sealAndCertify(builder, 12);
  const heard = builder.chain.certificatesAbove(builder.state.finality.final.serial);
  assert.ok(builder.chain.final.serial > builder.state.finality.final.serial);
  const records = [...recordsOf(builder), ...heard.map(certificateRecord)];
  for (const origin of ["stored by ourselves", "from anybody"] as const) {
    const read = readJournal(crypto, records, origin);
    assert.ok(read.ok);
    const { chain } = read.value;
    assert.equal([chain.final.serial, chain.justified.serial], [8, 12]);
    assert.equal(chain.head.state.finality, builder.state.finality);
  }
  const bad = readJournal(crypto, [...records, Uint8Array.of(0x51, 0xa0)], "from anybody");
  assert.ok(!bad.ok && bad.fault.code === "JOURNAL_BAD_CERTIFICATE" && bad.fault.record === records.length);
});

test("an exported chain shows as much to be final as its gateway knows", () => {
  const { builder } = regionOfFour(0);
  sealAndCertify(builder, 12);
  const records = decodeChainExport(exportChain(builder.chain));
  assert.ok(records.ok);
  const read = readJournal(crypto, records.value, "from anybody");
  assert.ok(read.ok);
  assert.is(read.value.chain.final.serial, builder.chain.final.serial);
  assert.is(read.value.chain.final.serial, 8);
});

test("a certificate that comes before its block waits for it", () => {
  const { builder } = regionOfFour(0);
  sealAndCertify(builder, 8);
  const blocks = [1, 2, 3, 4, 5, 6, 7, 8].map((serial) => linkAt(builder, serial).block);
  const chain = new Chain(crypto, builder.genesis);
  for (const certificate of builder.chain.certificatesAbove(0)) {
    assert.is(codeOf(chain.addCertificate(certificate)), "VOTE_UNKNOWN_TARGET");
  }
  const stored: QuorumCertificate[] = [];
  for (const block of blocks) {
    const added = block === undefined ? undefined : chain.addBlock(block, undefined);
    assert.ok(added?.ok);
    stored.push(...added.value.certificates);
  }
  assert.equal([chain.final.serial, chain.justified.serial], [4, 8]);
  assert.is(stored.length, 2, "they are to be stored, for no block before them holds them");
});

test.run();

/** Four stations of four organisations vote; so many empty blocks are sealed. */
function regionOfFour(blocks: number): { readonly builder: LedgerBuilder } {
  const builder = new LedgerBuilder({ rules: VOTING_RULES, authorities: FOUR });
  for (const actor of [STATION, VEHICLE]) builder.know(actor);
  sealBlocks(builder, blocks);
  return { builder };
}

function sealBlocks(builder: LedgerBuilder, count: number): void {
  for (let index = 0; index < count; index += 1) builder.seal();
}

/** The next block with these certificates, signed by whoever may seal it. */
function withCertificates(
  builder: LedgerBuilder,
  certificates: readonly QuorumCertificate[],
  changes: Partial<HeaderBody>,
): Block {
  const block = { ...builder.make({ certificates: [] }), certificates };
  const linksRoot = linksRootOf(sha256, certificates);
  const { signer } = builder.actorOf(toHex(block.header.miner));
  return forgeHeader(builder.genesis.network, block, { ...changes, linksRoot }, signer);
}

function wrongField(builder: LedgerBuilder, block: Block): string | undefined {
  const parent: ChainLink = builder.chain.head;
  const { signer } = builder.actorOf(toHex(block.header.miner));
  const signed = forgeHeader(builder.genesis.network, block, {}, signer);
  const applied = applyBlock(parent.state, signed, builder.chain.context);
  return !applied.ok && applied.fault.code === "BLOCK_WRONG_FIELD" ? applied.fault.field : undefined;
}

type Outcome<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: { code: string } };

function codeOf(outcome: Outcome<unknown>): string | undefined {
  return outcome.ok ? undefined : outcome.fault.code;
}

function kindOf(outcome: Outcome<{ readonly pool: unknown }>): unknown {
  return outcome.ok ? outcome.value.pool : outcome.fault.code;
}
