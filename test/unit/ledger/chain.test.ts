/**
 * Which of many tips is the head: the same one for everybody who holds the same blocks; and no fact is lost on the way.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareBytes, toHex } from "#base/bytes.ts";
import type { Block } from "#core/ledger/block.ts";
import { Chain, type ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { crypto, fresh, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const SECOND = makeActor("second operator", "station");
const THIRD = makeActor("third operator", "vehicle");
const AUTHORITIES = [OPERATOR, SECOND, THIRD];

const test = suite("fork choice");

test("P7 whatever the order in which seven blocks of a tree arrive, all come to the same head and the same state", () => {
  const { builder, blocks, expected } = tree();
  let orders = 0;
  for (const order of permutations(blocks)) {
    const chain = new Chain(crypto, builder.genesis);
    takeIn(chain, order);
    assert.is(toHex(chain.head.state.id), expected.key);
    assert.is(chain.mempool.size, waitingAtTheEnd(builder), "facts of the other branches wait");
    orders += 1;
  }
  assert.is(orders, 5040);
});

test("the head has the greatest score of its whole chain, then the lowest id", () => {
  const { builder, blocks, expected } = tree();
  const tips = blocks.map((block) => ({ block, score: scoreOf(builder.linkOf(block)) }));
  tips.sort((left, right) => right.score - left.score || compareBytes(left.block.id, right.block.id));
  assert.is(tips[0]?.block.key, expected.key);
  assert.ok(tips[0]?.score === tips[1]?.score, "the tie is decided by the id");
});

test("a rank scores 16 less its number, and never less than 1", () => {
  const crowd = Array.from({ length: 18 }, (_, index) => makeActor(`operator ${index}`, "station"));
  const builder = new LedgerBuilder({ authorities: crowd });
  for (const [rank, score] of [
    [0, 16],
    [1, 15],
    [15, 1],
    [17, 1],
  ] as const) {
    const parent = builder.chain.at(0);
    assert.ok(parent);
    const block = builder.make({ rank, parent });
    builder.add(block);
    assert.is(builder.linkOf(block).score, score);
  }
});

test("a block that is not better changes nothing; the same block again is known", () => {
  const builder = new LedgerBuilder({ authorities: AUTHORITIES });
  const better = builder.make({ rank: 0 });
  const worse = builder.make({ rank: 1 });
  builder.add(better);
  assert.equal(builder.chain.addBlock(worse, undefined), {
    ok: true,
    value: { known: false, added: [], abandoned: [], certificates: [] },
  });
  assert.equal(builder.chain.addBlock(worse, undefined), {
    ok: true,
    value: { known: true, added: [], abandoned: [], certificates: [] },
  });
  assert.is(toHex(builder.state.id), better.key);
  assert.ok(builder.chain.has(worse.key));
});

test("a change of branch names what is abandoned and what is added, in the order of their serials", () => {
  const builder = new LedgerBuilder({ authorities: AUTHORITIES });
  const root = builder.chain.head;
  const left = [builder.seal({ rank: 1 }), builder.seal({ rank: 1 })];
  const one = builder.make({ parent: root });
  assert.equal(changeOf(builder.chain, one), { added: [], abandoned: [] });
  const two = builder.make({ parent: builder.linkOf(one) });
  assert.equal(changeOf(builder.chain, two), { added: [one, two].map(keyOf), abandoned: left.map(keyOf) });
  assert.equal(
    [0, 1, 2, 3].map((serial) => builder.chain.at(serial)?.block?.key),
    [undefined, one.key, two.key, undefined],
  );
});

test("facts of an abandoned branch wait again and are sealed again, with the same result", () => {
  const builder = new LedgerBuilder({ authorities: AUTHORITIES });
  builder.join(STATION, VEHICLE);
  builder.seal();
  const root = builder.chain.head;
  const charge = builder.charge();
  const facts = charge.whole({ milliWh: 20_000_000, count: 2 });
  builder.submit(...facts);
  builder.seal({ rank: 1 });
  const before = builder.chain.head.results;
  assert.is(before[0]?.state, "SETTLED");
  const other = builder.make({ parent: root, facts: [] });
  builder.add(other);
  assert.is(toHex(builder.state.id), other.key);
  assert.is(builder.state.transactions.get(toHex(charge.address)), undefined);
  assert.equal(sortedKeys(builder.chain.mempool.facts()), sortedKeys(facts));
  assert.is(builder.chain.pending.transactions.get(toHex(charge.address))?.state, "COMPLETING");
  builder.seal();
  assert.equal(builder.chain.head.results, before);
  assert.is(builder.chain.mempool.size, 0);
});

test("what both branches hold does not wait, and a fact that the new branch contradicts is dropped", () => {
  const builder = new LedgerBuilder({ authorities: AUTHORITIES });
  builder.join(STATION, VEHICLE);
  builder.seal();
  const root = builder.chain.head;
  const [charge, twin] = [builder.charge(), builder.charge()];
  builder.submit(charge.open, charge.report("station", [5]));
  builder.seal({ rank: 1 });
  builder.add(builder.make({ parent: root, facts: [charge.open, twin.report("station", [7])] }));
  assert.is(builder.chain.mempool.size, 0);
  assert.is(builder.state.transactions.get(toHex(charge.address))?.logs.station.lastRegisterMilliWh, 5_000_007);
});

test("two parts of a region that were apart for 150 blocks come together, whichever one is asked first", () => {
  const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
  const root = builder.chain.head;
  const [left, right] = [0, 1].map((rank) => branch(builder, root, { rank, length: 150 }));
  assert.ok(left !== undefined && right !== undefined);
  for (const order of [
    [...left, ...right],
    [...right, ...left],
  ]) {
    const chain = new Chain(crypto, builder.genesis);
    for (const block of order) assert.ok(chain.addBlock(block, undefined).ok);
    assert.is(toHex(chain.head.state.id), left.at(-1)?.key);
  }
});

test("a block deeper below the head than a branch may be is refused: CHAIN_BRANCH_TOO_DEEP", () => {
  const builder = new LedgerBuilder({ authorities: AUTHORITIES });
  const chain = new Chain(crypto, builder.genesis, 3);
  const root = builder.chain.head;
  for (const block of branch(builder, root, { rank: 0, length: 4 })) assert.ok(chain.addBlock(block, undefined).ok);
  const [first, second] = branch(builder, root, { rank: 1, length: 2 });
  assert.ok(first !== undefined && second !== undefined);
  const added = chain.addBlock(first, undefined);
  assert.equal(added.ok ? undefined : added.fault, { code: "CHAIN_BRANCH_TOO_DEEP", serial: 1, head: 4 });
  const unknown = chain.addBlock(second, undefined);
  assert.is(unknown.ok ? undefined : unknown.fault.code, "CHAIN_UNKNOWN_PARENT");
});

test("a block is put together from its header and its facts, and then stands", () => {
  const builder = new LedgerBuilder({ authorities: AUTHORITIES });
  builder.join(STATION, VEHICLE);
  const block = builder.make();
  const { facts, results, ...header } = block;
  const again = builder.chain.assemble(header, facts);
  assert.ok(again.ok);
  assert.equal(again.value, { ...header, facts, results });
  const [first] = facts;
  assert.ok(first);
  const bad = builder.chain.assemble(header, [first, fresh(builder.genesis.network, first)]);
  assert.is(bad.ok ? undefined : bad.fault.code, "BLOCK_BAD_FACT");
});

test.run();

interface Tree {
  readonly builder: LedgerBuilder;
  readonly blocks: readonly Block[];
  readonly expected: Block;
}

/** a-b-c and a-d-e and a-d-f and g: c, e and f reach the same score, and each branch holds other facts. */
function tree(): Tree {
  const builder = new LedgerBuilder({ authorities: AUTHORITIES });
  const { genesis } = builder;
  const facts = ["one", "two", "three", "four"].map((name) => {
    const own = new LedgerBuilder({ authorities: AUTHORITIES });
    own.join(makeActor(name, "vehicle"));
    return own.chain.mempool.facts()[0];
  });
  const taken = (index: number): readonly Fact[] => facts.slice(index, index + 1).filter((fact) => fact !== undefined);
  assert.equal(genesis.id, new LedgerBuilder({ authorities: AUTHORITIES }).genesis.id);
  const on = (parent: Block | undefined, rank: number, own: readonly Fact[]): Block => {
    const link = parent === undefined ? builder.chain.at(0) : builder.linkOf(parent);
    assert.ok(link);
    const block = builder.make({ parent: link, rank, facts: own });
    builder.add(block);
    return block;
  };
  const a = on(undefined, 0, taken(0));
  const b = on(a, 1, taken(1));
  const c = on(b, 0, []);
  const d = on(a, 0, taken(2));
  const e = on(d, 1, taken(1));
  const f = on(d, 1, taken(3));
  const g = on(undefined, 2, taken(3));
  const expected = [c, e, f].sort((left, right) => compareBytes(left.id, right.id))[0];
  assert.ok(expected);
  return { builder, blocks: [a, b, c, d, e, f, g], expected };
}

/** Of the four facts in the tree, those that the head's chain does not hold. */
function waitingAtTheEnd({ chain }: LedgerBuilder): number {
  return 4 - [1, 2, 3].flatMap((serial) => chain.at(serial)?.block?.facts ?? []).length;
}

/** As a gateway does: what has no parent yet waits for it. */
function takeIn(chain: Chain, blocks: readonly Block[]): void {
  let waiting = [...blocks];
  for (const block of blocks) {
    const added = chain.addBlock(block, undefined);
    if (added.ok) waiting = waiting.filter(({ key }) => key !== block.key);
  }
  for (let before = Infinity; waiting.length > 0 && waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter((block) => !chain.addBlock(block, undefined).ok);
  }
  assert.is(waiting.length, 0);
}

function* permutations(blocks: readonly Block[]): Generator<readonly Block[]> {
  if (blocks.length <= 1) yield blocks;
  else
    for (const [place, block] of blocks.entries()) {
      for (const rest of permutations(blocks.toSpliced(place, 1))) yield [block, ...rest];
    }
}

function scoreOf(link: ChainLink): number {
  const own = link.block === undefined ? 0 : Math.max(1, 16 - link.block.header.rank[0]);
  return own + (link.parent === undefined ? 0 : scoreOf(link.parent));
}

function branch(
  builder: LedgerBuilder,
  from: ChainLink,
  { rank, length }: { readonly rank: number; readonly length: number },
): readonly Block[] {
  const blocks: Block[] = [];
  let parent = from;
  for (let index = 0; index < length; index += 1) {
    const block = builder.make({ rank, parent, facts: [] });
    builder.add(block);
    parent = builder.linkOf(block);
    blocks.push(block);
  }
  return blocks;
}

function keyOf({ key }: { readonly key: string }): string {
  return key;
}

function sortedKeys(facts: readonly Fact[]): readonly string[] {
  return facts.map(keyOf).sort();
}

function changeOf(chain: Chain, block: Block): unknown {
  const change = chain.addBlock(block, undefined);
  assert.ok(change.ok);
  const keys = (links: readonly ChainLink[]): unknown => links.map((link) => link.block?.key);
  return { added: keys(change.value.added), abandoned: keys(change.value.abandoned) };
}
