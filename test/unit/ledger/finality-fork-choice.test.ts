/**
 * Which tip is the head where there are votes: the same for everybody who holds the same blocks and certificates, and
 * never one beside what is final.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import type { Block } from "#core/ledger/block.ts";
import { Chain, type ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { deliver, grow, shuffled } from "#test/builders/block-trees.ts";
import { certify, hear, linkAt } from "#test/builders/committee-votes.ts";
import { crypto, joinFact, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const FOUR = ["one", "two", "three", "four"].map((name) => makeActor(`voter ${name}`, "station"));
/** Every other block is a checkpoint, so that small trees have many. */
const RULES = { ...VOTING_RULES, checkpointBlocks: 2 };

const test = suite("fork choice with finality");

test("P7 blocks and certificates in any order lead to the same head, and what is final only ever moves on along it", () => {
  const drawn = fc.record({
    steps: fc.array(fc.tuple(fc.nat(99), fc.nat(2), fc.nat(99)), { minLength: 8, maxLength: 16 }),
    orders: fc.array(fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), { minLength: 2, maxLength: 2 }),
  });
  const reached = new Set<number>();
  fc.assert(
    fc.property(drawn, ({ steps, orders }) => {
      const { builder, items } = grow({ rules: RULES, authorities: FOUR }, steps);
      reached.add(builder.chain.final.serial);
      const expected = summaryOf(builder.chain);
      for (const order of orders) {
        const chain = new Chain(crypto, builder.genesis);
        deliver(chain, shuffled(items, order));
        assert.equal(summaryOf(chain), expected);
      }
    }),
    { numRuns: 30, seed: 20261123 },
  );
  assert.ok(reached.size > 3, `only ${[...reached].join()} was ever final`);
});

test("a justified branch is followed although another one has the greater score", () => {
  const { builder, weak, strong } = twoBranches(4);
  assert.ok(builder.chain.isOfHead(last(strong)));
  const certificate = certify(builder, [linkAt(builder, 0), first(weak, 2)]);
  const heard = builder.chain.addCertificate(certificate);
  assert.ok(heard.ok && heard.value.added.length === 4 && heard.value.abandoned.length === 4);
  assert.ok(builder.chain.isOfHead(last(weak)));
  const more = builder.make({ parent: last(strong) });
  builder.add(more);
  assert.not.ok(builder.chain.isOfHead(builder.linkOf(more)), "and stays the head's when the other one grows");
});

test("a branch beside what is final is dropped, and its blocks are refused: CHAIN_CONTRADICTS_FINAL", () => {
  const { builder, weak, strong } = twoBranches(4);
  hear(builder, certify(builder, [linkAt(builder, 0), first(weak, 2)]));
  const beside = builder.make({ parent: last(strong) });
  const onWeak = builder.make({ parent: last(weak) });
  hear(builder, certify(builder, [first(weak, 2), first(weak, 4)]));
  const { chain } = builder;
  assert.is(chain.final, first(weak, 2));
  for (const link of strong) assert.not.ok(chain.has(toHex(link.id)));
  const [low] = strong;
  assert.equal(faultOf(chain, low?.block), { code: "CHAIN_CONTRADICTS_FINAL", serial: 1, final: 2 });
  assert.is(codeOf(chain, strong[2]?.block), "CHAIN_UNKNOWN_PARENT");
  assert.is(codeOf(chain, strong[1]?.block), "CHAIN_CONTRADICTS_FINAL");
  assert.is(codeOf(chain, beside), "CHAIN_UNKNOWN_PARENT");
  assert.is(codeOf(chain, onWeak), undefined);
});

test("even a certificate beside what is final changes nothing: what is final stays", () => {
  const { builder, weak, strong } = twoBranches(6);
  const liars = [
    certify(builder, [linkAt(builder, 0), first(strong, 4)]),
    certify(builder, [first(strong, 4), first(strong, 6)]),
  ];
  hear(builder, certify(builder, [linkAt(builder, 0), first(weak, 2)]));
  hear(builder, certify(builder, [first(weak, 2), first(weak, 4)]));
  const before = summaryOf(builder.chain);
  for (const certificate of liars) assert.not.ok(builder.chain.addCertificate(certificate).ok);
  assert.equal(summaryOf(builder.chain), before);
});

test("what an abandoned branch held waits again when votes decide against it", () => {
  const builder = new LedgerBuilder({ rules: RULES, authorities: FOUR });
  const joins = ["a", "b", "c"].map((name) => joinFact(builder.genesis.network, makeActor(name, "vehicle")));
  const root = builder.chain.head;
  const strong = branch(builder, root, { rank: 0, facts: joins, length: 4 });
  const weak = branch(builder, root, { rank: 1, facts: joins.slice(0, 1), length: 4 });
  assert.is(builder.chain.mempool.size, 0);
  assert.ok(builder.chain.isOfHead(last(strong)));
  hear(builder, certify(builder, [root, first(weak, 2)]));
  assert.equal(keysOf(builder.chain.mempool.facts()), keysOf(joins.slice(1)));
  assert.ok(joins.every(({ body }) => builder.chain.pending.members.get(didOf(body)) !== undefined));
  builder.seal();
  assert.is(builder.chain.mempool.size, 0);
});

test("two checkpoints of one height that are both justified: the lower id is followed, in either order", () => {
  const { builder, weak, strong } = twoBranches(4);
  const certificates = [weak, strong].map((links) => certify(builder, [linkAt(builder, 0), first(links, 2)]));
  const [one, other] = [first(weak, 2), first(strong, 2)];
  const expected = toHex(one.id) < toHex(other.id) ? one : other;
  const blocks = [...weak, ...strong].map(({ block }) => block).filter((block) => block !== undefined);
  for (const order of [certificates, certificates.toReversed()]) {
    const chain = new Chain(crypto, builder.genesis);
    deliver(chain, [...blocks, ...order]);
    assert.is(toHex(chain.justified.id), toHex(expected.id));
    assert.is(toHex(chain.at(2)?.id ?? new Uint8Array()), toHex(expected.id));
  }
});

test.run();

function summaryOf(chain: Chain): unknown {
  const { head, final, justified } = chain;
  return [head, final, justified].map(({ serial, id }) => `${serial} ${toHex(id)}`);
}

/** On the genesis one branch by rank 1 and one by rank 0, which scores more; each of so many blocks. */
function twoBranches(length: number): {
  readonly builder: LedgerBuilder;
  readonly weak: readonly ChainLink[];
  readonly strong: readonly ChainLink[];
} {
  const builder = new LedgerBuilder({ rules: RULES, authorities: FOUR });
  const root = builder.chain.head;
  const weak = branch(builder, root, { rank: 1, facts: [], length });
  return { builder, weak, strong: branch(builder, root, { rank: 0, facts: [], length }) };
}

function branch(
  builder: LedgerBuilder,
  root: ChainLink,
  { rank, facts, length }: { readonly rank: number; readonly facts: readonly Fact[]; readonly length: number },
): readonly ChainLink[] {
  const links: ChainLink[] = [];
  for (let count = 0; count < length; count += 1) {
    const own = count === 0 ? facts : [];
    const block = builder.make({ parent: links.at(-1) ?? root, rank, facts: own, certificates: [] });
    builder.add(block);
    links.push(builder.linkOf(block));
  }
  return links;
}

/** The one of a branch with that serial; branches begin with 1. */
function first(links: readonly ChainLink[], serial: number): ChainLink {
  const link = links[serial - 1];
  assert.ok(link);
  return link;
}

function last(links: readonly ChainLink[]): ChainLink {
  const link = links.at(-1);
  assert.ok(link);
  return link;
}

function faultOf(chain: Chain, block: Block | undefined): unknown {
  const added = block === undefined ? undefined : chain.addBlock(block, undefined);
  return added?.ok === false ? added.fault : undefined;
}

function codeOf(chain: Chain, block: Block | undefined): string | undefined {
  const added = block === undefined ? undefined : chain.addBlock(block, undefined);
  return added?.ok === false ? added.fault.code : undefined;
}

function keysOf(facts: readonly Fact[]): readonly string[] {
  return facts.map(({ key }) => key).sort();
}

function didOf(body: Extract<Fact, { kind: "JOIN" }>["body"]): string {
  return toHex(deviceIdOf(crypto, body.inception));
}
