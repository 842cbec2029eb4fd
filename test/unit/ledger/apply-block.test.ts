/** Which block may follow its parent: a table of what is wrong with the others. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { applyBlock } from "#core/ledger/apply-block.ts";
import {
  assembleBlock,
  decodeBlock,
  encodeBlock,
  resultBody,
  type Block,
  type HeaderBody,
} from "#core/ledger/block.ts";
import { Chain, type ChainFault, type ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { dueAt, schedule, slotOf } from "#core/ledger/schedule.ts";
import {
  BLOCK_BYTES_MAX,
  CERTIFICATE_BYTES_MAX,
  CERTIFICATES_PER_BLOCK_MAX,
  FACTS_PER_BLOCK_MAX,
  FUTURE_SECONDS_MAX,
} from "#core/limits.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { crypto, joinFact, makeActor, named, sha256 } from "#test/builders/ledger-actors.ts";
import { forgeHeader, LedgerBuilder, OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

/** Three authorities, so that there are ranks; one block with the JOINs, one candidate with a whole charge. */
const SECOND = makeActor("second operator", "station");
const THIRD = makeActor("third operator", "vehicle");
const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND, THIRD] });
const { network } = builder.genesis;
builder.join(STATION, VEHICLE);
builder.seal();
const charge = builder.charge();
builder.submit(...charge.whole({ milliWh: 20_000_000, count: 3 }));
const parent = builder.chain.head;
const good = builder.make();
const places = schedule(sha256, parent.state);
const miner = builder.actorOf(places[0]?.did ?? "");
const next = builder.actorOf(places[1]?.did ?? "");
const context = builder.chain.context;

const test = suite("apply block");

test("the block that the candidate's table starts from stands, with its result", () => {
  assert.is(codeOf(good), "stands");
  assert.is(good.results.length, 1);
  assert.ok(good.facts.length > 8);
});

const HEADER: readonly (readonly [string, Partial<HeaderBody>, ChainFault["code"], string?])[] = [
  ["another network", { network: named("other").slice(0, 8) }, "BLOCK_WRONG_FIELD", "network"],
  ["a serial too high", { serial: good.header.serial + 1 }, "BLOCK_WRONG_FIELD", "serial"],
  ["a serial too low", { serial: good.header.serial - 1 }, "BLOCK_WRONG_FIELD", "serial"],
  ["another root of the facts", { factsRoot: named("root") }, "BLOCK_WRONG_FIELD", "factsRoot"],
  ["another root of the results", { resultsRoot: named("root") }, "BLOCK_WRONG_FIELD", "resultsRoot"],
  ["another root of the log", { logRoot: named("root") }, "BLOCK_WRONG_FIELD", "logRoot"],
  ["a miner that nobody knows", { miner: named("nobody") }, "BLOCK_UNKNOWN_MINER"],
  ["a miner of another rank", { miner: next.did }, "BLOCK_NOT_ITS_TURN"],
  ["a miner that may not seal at all", { miner: STATION.did }, "BLOCK_NOT_ITS_TURN"],
  ["another tier", { rank: [0, 1] }, "BLOCK_WRONG_FIELD", "rank"],
  ["a rank that nobody holds", { rank: [99, 2] }, "BLOCK_NOT_ITS_TURN"],
  ["the rank of the next", { rank: [1, 2] }, "BLOCK_NOT_ITS_TURN"],
  ["a slot later", { slot: good.header.slot + 1 }, "BLOCK_WRONG_FIELD", "slot"],
  ["a slot earlier", { slot: good.header.slot - 1 }, "BLOCK_WRONG_FIELD", "slot"],
  ["a time of another slot", { sealedAt: good.header.sealedAt + 6 }, "BLOCK_WRONG_FIELD", "slot"],
  ["too many facts announced", { factCount: good.facts.length + 1 }, "BLOCK_WRONG_FIELD", "factCount"],
  ["another version of the code", { codeVersion: 2 }, "BLOCK_WRONG_FIELD", "codeVersion"],
];

for (const [what, changes, code, field] of HEADER) {
  test(`a header with ${what}: ${code}`, () => {
    const fault = faultOf(forgeHeader(network, good, changes, miner.signer));
    assert.is(fault?.code, code, JSON.stringify(fault));
    if (field !== undefined) assert.is(fault?.code === "BLOCK_WRONG_FIELD" ? fault.field : undefined, field);
  });
}

test("the header of another parent does not follow this one", () => {
  const fault = applyBlock(parent.state, forgeHeader(network, good, { previous: named("x") }, miner.signer), context);
  assert.is(fault.ok ? undefined : fault.fault.code, "BLOCK_WRONG_FIELD");
});

test("every field of the header is in this table or in the shape", () => {
  const seen = new Set(HEADER.flatMap(([, changes]) => Object.keys(changes)));
  assert.equal(
    [...Object.keys(good.header)].filter((name) => !seen.has(name)),
    ["version", "previous"],
  );
});

test("a block before its time: BLOCK_TOO_EARLY", () => {
  for (const rank of [0, 1, 2]) {
    const due = dueAt(parent.state, rank);
    assert.is(due, parent.state.sealedAt + 30 + 6 * rank);
    const block = builder.make({ rank });
    const sealedAt = due - 1;
    const early = { sealedAt, slot: slotOf(parent.state, sealedAt) };
    const who = builder.actorOf(places[rank]?.did ?? "");
    assert.is(codeOf(block), "stands");
    assert.is(codeOf(forgeHeader(network, block, early, who.signer)), "BLOCK_TOO_EARLY");
  }
});

test("a header that its miner has not signed: BLOCK_BAD_SIGNATURE", () => {
  assert.is(codeOf(forgeHeader(network, good, {}, next.signer)), "BLOCK_BAD_SIGNATURE");
  assert.is(
    codeOf({ ...good, signature: good.signature.with(5, (good.signature[5] ?? 0) ^ 1) }),
    "BLOCK_BAD_SIGNATURE",
  );
});

test("a miner seals once in a slot, and never in an earlier one: BLOCK_SLOT_USED", () => {
  // Slots longer than the time between two blocks: the one who sealed last would be due again in the same slot.
  const rules = { ...parent.state.rules, slotSeconds: 3600, blockSeconds: 10, cooldownBlocks: 0 };
  const slow = new LedgerBuilder({ rules });
  slow.join(VEHICLE);
  slow.seal();
  const fault = slow.chain.addBlock(slow.make(), undefined);
  assert.is(fault.ok ? undefined : fault.fault.code, "BLOCK_SLOT_USED");
  slow.seal({ at: STARTED_AT + 3600 });
});

test("facts out of their order, or twice: BLOCK_FACTS_MISPLACED", () => {
  const { facts } = good;
  for (let place = 1; place < facts.length; place += 1) {
    const [left, right] = [facts[place - 1], facts[place]];
    if (left === undefined || right === undefined) continue;
    assert.equal(faultOf(withFacts(facts.with(place - 1, right).with(place, left))), {
      code: "BLOCK_FACTS_MISPLACED",
      place,
    });
    const twice = facts.toSpliced(place, 0, left);
    assert.equal(faultOf(withFacts(twice)), { code: "BLOCK_FACTS_MISPLACED", place });
  }
});

test("a fact that may not stand: BLOCK_BAD_FACT, with its place and its fault", () => {
  const [, ...withoutOpen] = good.facts;
  const fault = faultOf(withFacts(withoutOpen));
  assert.is(fault?.code, "BLOCK_BAD_FACT");
  if (fault?.code === "BLOCK_BAD_FACT") {
    assert.is(fault.place, 0);
    assert.is(fault.fact, withoutOpen[0]?.key);
    assert.is(fault.fault.code, "FACT_REFERS_UNKNOWN");
  }
  const known = parent.block?.facts[0];
  assert.ok(known);
  assert.is(codeOf(withFacts([known, ...good.facts])), "BLOCK_BAD_FACT");
});

test("a result that does not follow, is missing or is too much: BLOCK_WRONG_RESULT", () => {
  const [result = new Uint8Array()] = good.results;
  const read = decodeShape(resultBody, result);
  assert.ok(read.ok);
  for (const [name, value] of Object.entries(read.value)) {
    const changed = { ...read.value, [name]: otherThan(value) };
    const block = withResults([encodeShape(resultBody, changed)]);
    assert.equal(faultOf(block), { code: "BLOCK_WRONG_RESULT", place: 0 }, name);
  }
  assert.equal(faultOf(withResults([])), { code: "BLOCK_WRONG_RESULT", place: 0 });
  assert.equal(faultOf(withResults([result, result])), { code: "BLOCK_WRONG_RESULT", place: 1 });
});

test("a block that nobody could be sent: BLOCK_TOO_LARGE", () => {
  const many = Array.from({ length: FACTS_PER_BLOCK_MAX }, (_, index) =>
    makeActor(`crowd ${index % 300} ${index}`, "vehicle"),
  );
  const facts = many.map((actor) => joinFact(network, actor)).sort((left, right) => (left.key < right.key ? -1 : 1));
  const block = withFacts(facts);
  assert.ok(encodeBlock(block).length > BLOCK_BYTES_MAX);
  assert.is(codeOf(block), "BLOCK_TOO_LARGE");
  const fitting = builder.make({ facts });
  assert.ok(fitting.facts.length > 100 && fitting.facts.length < facts.length);
  assert.is(codeOf(fitting), "stands");
  assert.ok(encodeBlock(fitting).length <= BLOCK_BYTES_MAX);
});

test("a block whose parent is not here: CHAIN_UNKNOWN_PARENT", () => {
  const added = builder.chain.addBlock(forgeHeader(network, good, { previous: named("x") }, miner.signer), undefined);
  assert.equal(added.ok ? undefined : added.fault, {
    code: "CHAIN_UNKNOWN_PARENT",
    parent: toHex(named("x")),
    serial: good.header.serial,
  });
});

test("a block from more than the forgiven seconds ahead: CHAIN_FROM_THE_FUTURE", () => {
  const chain = new Chain(crypto, builder.genesis);
  assert.ok(parent.block);
  const { sealedAt } = parent.block.header;
  const early = chain.addBlock(parent.block, sealedAt - FUTURE_SECONDS_MAX - 1);
  assert.is(early.ok ? undefined : early.fault.code, "CHAIN_FROM_THE_FUTURE");
  assert.ok(chain.addBlock(parent.block, sealedAt - FUTURE_SECONDS_MAX).ok);
});

test("a block goes to bytes and comes back as it was", () => {
  const decoded = decodeBlock(context, encodeBlock(good));
  assert.ok(decoded.ok);
  assert.equal(decoded.value, good);
  assert.is(codeOf(decoded.value), "stands");
});

test("a block of more facts, results or certificates than there may be is not put together", () => {
  const facts = Array.from({ length: FACTS_PER_BLOCK_MAX + 1 }, () => good.facts[0]).filter(
    (fact) => fact !== undefined,
  );
  const given = { facts: [], results: [], certificates: [] };
  for (const tooMuch of [
    { facts },
    { results: Array.from({ length: 65 }, () => new Uint8Array(1)) },
    { results: [new Uint8Array(129)] },
    { certificates: Array.from({ length: CERTIFICATES_PER_BLOCK_MAX + 1 }, () => new Uint8Array(1)) },
    { certificates: [new Uint8Array(CERTIFICATE_BYTES_MAX + 1)] },
  ]) {
    assert.not.ok(assembleBlock(context, good.headerBytes, { ...given, ...tooMuch }).ok);
  }
});

test("what sealing leaves out waits on: nothing that may not stand gets into a block", () => {
  const own = new LedgerBuilder();
  const stray = own.charge().report("station", [0]);
  const block = own.make({ facts: [stray, joinFact(own.genesis.network, STATION)] });
  assert.equal(
    block.facts.map(({ kind }) => kind),
    ["JOIN"],
  );
});

test.run();

function faultOf(block: Block, at: ChainLink = parent): ChainFault | undefined {
  const applied = applyBlock(at.state, block, context);
  return applied.ok ? undefined : applied.fault;
}

function codeOf(block: Block): string {
  return faultOf(block)?.code ?? "stands";
}

/** The candidate with other facts, and roots and count that fit them. */
function withFacts(facts: readonly Fact[]): Block {
  const factsRoot = merkleRoot(
    sha256,
    facts.map(({ id }) => id),
  );
  return forgeHeader(network, { ...good, facts }, { factsRoot, factCount: facts.length }, miner.signer);
}

function withResults(results: readonly Uint8Array[]): Block {
  return forgeHeader(network, { ...good, results }, { resultsRoot: merkleRoot(sha256, results) }, miner.signer);
}

/** Another value of the same type that the shape of a result allows. */
const OTHER_WORD: Readonly<Record<string, string>> = { SETTLED: "DISPUTED", comparison: "mutual", none: "both" };

function otherThan(value: number | string | Uint8Array): number | string | Uint8Array {
  if (value instanceof Uint8Array) return named("other address");
  if (typeof value === "number") return value + 1;
  return OTHER_WORD[value] ?? "NONE";
}
