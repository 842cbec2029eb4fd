/** A block without room for all that waits: who fills the pool does not keep others out of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fact } from "#core/ledger/fact.ts";
import { makeActor, type Actor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const test = suite("turns in a block");

const POST = makeActor("mallory's post", "station", "mallory");
const CAR = makeActor("mallory's car", "vehicle", "nobody");
const CONTRACTS = 300;

function contracts(builder: LedgerBuilder, station: Actor, vehicle: Actor, count: number): readonly Fact[] {
  return Array.from({ length: count }, (_, index) => {
    const salt = Uint8Array.from({ length: 16 }, (__, at) => (index >> (8 * at)) & 0xff);
    return builder.charge({ station, vehicle }, { salt }).open;
  });
}

function keys(facts: readonly Fact[]): ReadonlySet<string> {
  return new Set(facts.map(({ key }) => key));
}

test("a flood of contracts leaves the reports and completions of another station their place in the next block", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE, POST, CAR);
  builder.seal();
  const [open, ...words] = builder.charge().whole({ milliWh: 2_000_000 });
  assert.ok(open);
  builder.submit(open);
  builder.seal();
  const flood = contracts(builder, POST, CAR, CONTRACTS);
  builder.submit(...flood, ...words);
  const block = builder.seal();
  const taken = keys(block.facts);
  assert.ok(block.facts.length > 50 && block.facts.length < CONTRACTS, `${block.facts.length} facts: it is full`);
  for (const { kind, key } of words) assert.ok(taken.has(key), `${kind} stands`);
  assert.is(block.results.length, 1, "and the charge has its result");
});

test("what does not fit comes in the blocks after it, and nothing is left out for good", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE, POST, CAR);
  builder.seal();
  const all = [...contracts(builder, POST, CAR, CONTRACTS), ...contracts(builder, STATION, VEHICLE, 40)];
  builder.submit(...all);
  const sealed = new Set<string>();
  for (let blocks = 0; builder.chain.mempool.size > 0; blocks += 1) {
    assert.ok(blocks < 12, "soon");
    for (const key of keys(builder.seal().facts)) sealed.add(key);
  }
  assert.ok(all.every(({ key }) => sealed.has(key)));
});

test("where there is room for all, the block is the one that it always was", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE);
  const facts = builder.charge().whole({ milliWh: 2_000_000 });
  builder.submit(...facts);
  assert.is(builder.seal().facts.length, facts.length + 2);
});

test.run();
