/** Facts that wait: bounded, parked when what they refer to is missing, never replaced by a forged copy. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fact } from "#core/ledger/fact.ts";
import { Mempool } from "#core/ledger/mempool.ts";
import { MEMPOOL_FACTS_MAX, PARKED_FACTS_MAX } from "#core/limits.ts";
import { fresh, joinFact, makeActor, withSignatures } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const test = suite("mempool");

test("a full pool takes nothing more, and makes room when one leaves", () => {
  const pool = new Mempool();
  const facts = manyFacts(MEMPOOL_FACTS_MAX + 1);
  const last = facts.at(-1);
  const [first] = facts;
  assert.ok(last !== undefined && first !== undefined);
  for (const fact of facts.slice(0, -1)) assert.ok(pool.add(fact));
  assert.ok(pool.isFull);
  assert.not.ok(pool.add(last));
  assert.ok(pool.add(first), "what waits already may be put in again");
  assert.is(pool.size, MEMPOOL_FACTS_MAX);
  pool.remove(first);
  assert.ok(pool.add(last));
});

test("the oldest parked fact makes room for the newest", () => {
  const pool = new Mempool();
  const facts = manyFacts(PARKED_FACTS_MAX + 2);
  for (const fact of facts) pool.park(fact);
  assert.equal(pool.parked(), facts.slice(2));
  assert.is(pool.size, 0);
  assert.is(pool.get(facts[5]?.key ?? ""), undefined, "a parked fact does not wait for a block");
});

test("a fact that refers to nothing known is parked, and stands as soon as what it refers to does", () => {
  const builder = new LedgerBuilder();
  const charge = builder.charge();
  const facts = charge.whole({ milliWh: 1_000_000, count: 2 });
  for (const fact of [...facts].reverse()) {
    const added = builder.chain.addFact(fact, STARTED_AT);
    assert.is(added.ok ? undefined : added.fault.code, "FACT_REFERS_UNKNOWN");
  }
  assert.is(builder.chain.mempool.size, 0);
  builder.join(STATION);
  assert.is(builder.chain.mempool.size, 1);
  builder.join(VEHICLE);
  assert.is(builder.chain.mempool.size, 2 + facts.length);
  assert.is(builder.chain.mempool.parked().length, 0);
});

test("a forged copy that is parked does not keep the genuine fact out", () => {
  for (const forgedFirst of [true, false]) {
    const builder = new LedgerBuilder();
    const { network } = builder.genesis;
    const charge = builder.charge();
    const genuine = charge.report("station", [0]);
    const forged = withSignatures(network, genuine, [VEHICLE.signer]);
    for (const fact of forgedFirst ? [forged, genuine] : [genuine, forged]) {
      const added = builder.chain.addFact(fact, STARTED_AT);
      assert.is(added.ok ? undefined : added.fault.code, "FACT_REFERS_UNKNOWN");
    }
    builder.join(STATION, VEHICLE);
    builder.submit(charge.open);
    assert.equal(builder.chain.mempool.get(genuine.key)?.signatures, genuine.signatures);
    assert.is(builder.chain.mempool.parked().length, 0);
  }
});

test("a fact that waits is known, whatever signature comes with it", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION);
  const again = builder.chain.addFact(
    fresh(builder.genesis.network, joinFact(builder.genesis.network, STATION)),
    STARTED_AT,
  );
  assert.is(again.ok ? undefined : again.fault.code, "FACT_KNOWN");
});

test("a fact for which there is no room is refused before it counts", () => {
  const builder = new LedgerBuilder();
  for (const fact of manyFacts(MEMPOOL_FACTS_MAX)) builder.chain.mempool.add(fact);
  const join = joinFact(builder.genesis.network, STATION);
  const added = builder.chain.addFact(join, STARTED_AT);
  assert.is(added.ok ? undefined : added.fault.code, "FACT_NO_ROOM");
  assert.is(builder.chain.pending.members.entries().size, 1);
});

test.run();

/** Only their ids differ: the pool looks at nothing else. */
function manyFacts(count: number): readonly Fact[] {
  const one = joinFact(new Uint8Array(8), makeActor("crowd", "vehicle"));
  return Array.from({ length: count }, (_, index) => ({ ...one, key: `${one.key} ${index}` }));
}
