/** How charges end by block time, and what may still change afterwards. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { hasDueTransactions } from "#core/ledger/close-transactions.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { RESULTS_PER_BLOCK_MAX } from "#core/limits.ts";
import { GRACE_SECONDS, type ChargeBuilder } from "#test/builders/charge-builder.ts";
import { LedgerBuilder, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const DAY = 86_400;
const DURATION = 7200;
const MILLI_WH = 20_000_000;

const test = suite("closing");

test("both complete and match: settled in the same block, to the last word of the station", () => {
  const { builder, charge } = region();
  builder.submit(...charge.whole({ milliWh: MILLI_WH }));
  builder.seal();
  const result = onlyResult(builder);
  assert.equal(result.address, charge.address);
  assert.is(result.state, "SETTLED");
  assert.is(result.billedMilliWh, MILLI_WH);
  assert.is(result.stationMilliWh, MILLI_WH);
  assert.is(result.amount, 900);
  assert.is(result.verdict, "AGREE");
  assert.is(result.silent, 0);
  assert.is(result.revision, 1);
  assert.not.ok(builder.state.unsettled.has(toHex(charge.address)));
  assert.equal(transactionOf(builder, charge).logs.station.reports, [], "its readings are in the blocks");
});

test("both complete and do not match: disputed, the undisputed minimum is billed", () => {
  const { builder, charge } = region();
  builder.submit(...charge.whole({ milliWh: MILLI_WH, vehicleShare: 0.5 }));
  builder.seal();
  const result = onlyResult(builder);
  assert.is(result.state, "DISPUTED");
  assert.is(result.verdict, "DISAGREE");
  assert.is(result.billedMilliWh, MILLI_WH / 2);
  assert.is(result.contestedMilliWh, MILLI_WH / 2);
  assert.ok(builder.state.unsettled.has(toHex(charge.address)), "a dispute may still be settled");
});

test("one side falls silent: abandoned as soon as a block is later than the grace, and not before", () => {
  for (const silent of ["vehicle", "station"] as const) {
    const { builder, charge } = region();
    builder.submit(...without(charge.whole({ milliWh: MILLI_WH }), "COMPLETE", silent));
    builder.seal();
    const completedAt = builder.state.sealedAt;
    assert.is(transactionOf(builder, charge).completingSince, completedAt);
    assert.not.ok(hasDueTransactions(builder.state, completedAt + GRACE_SECONDS));
    builder.seal({ at: completedAt + GRACE_SECONDS });
    assert.equal(builder.chain.head.results, []);
    assert.ok(hasDueTransactions(builder.state, completedAt + GRACE_SECONDS + 1));
    builder.seal({ at: completedAt + GRACE_SECONDS + 1 });
    assert.is(onlyResult(builder).state, "ABANDONED");
    assert.is(onlyResult(builder).silent, silent === "station" ? 1 : 2);
    assert.is(onlyResult(builder).verdict, "NONE");
  }
});

test("neither completes: abandoned by both after the longest duration and the grace", () => {
  const { builder, charge } = region();
  builder.submit(
    ...without(without(charge.whole({ milliWh: MILLI_WH }), "COMPLETE", "station"), "COMPLETE", "vehicle"),
  );
  builder.seal();
  const due = STARTED_AT + 60 + DURATION + GRACE_SECONDS;
  builder.seal({ at: due });
  assert.equal(builder.chain.head.results, []);
  builder.seal({ at: due + 1 });
  assert.is(onlyResult(builder).state, "ABANDONED");
  assert.is(onlyResult(builder).silent, 3);
});

test("a start signed in the far future keeps no charge open: the duration counts from the block of the OPEN", () => {
  const { builder, charge } = region({ startedAt: STARTED_AT + 1000 * DAY });
  builder.submit(charge.open);
  builder.seal();
  const due = builder.state.sealedAt + DURATION + GRACE_SECONDS;
  builder.seal({ at: due });
  assert.equal(builder.chain.head.results, []);
  builder.seal({ at: due + 1 });
  assert.is(onlyResult(builder).state, "CANCELLED");
});

test("both take it back: cancelled in the same block; one alone: only after the grace", () => {
  const both = region();
  both.builder.submit(both.charge.open, both.charge.cancel("station"), both.charge.cancel("vehicle"));
  both.builder.seal();
  assert.is(onlyResult(both.builder).state, "CANCELLED");
  assert.is(onlyResult(both.builder).amount, 0);
  const one = region();
  one.builder.submit(one.charge.open, one.charge.cancel("station"));
  one.builder.seal();
  assert.equal(one.builder.chain.head.results, []);
  one.builder.seal({ at: STARTED_AT + 60 + DURATION + GRACE_SECONDS + 1 });
  assert.is(onlyResult(one.builder).state, "CANCELLED");
});

test("nothing more is reported or taken back when a charge is over: FACT_WRONG_STATE", () => {
  const { builder, charge } = region();
  builder.submit(...charge.whole({ milliWh: MILLI_WH }));
  builder.seal();
  for (const fact of [charge.report("station", [1]), charge.cancel("vehicle")]) {
    const added = builder.chain.addFact(fact, builder.state.sealedAt);
    assert.equal(added.ok ? undefined : added.fault, { code: "FACT_WRONG_STATE", state: "SETTLED" });
  }
  const abandoned = region();
  abandoned.builder.submit(...without(abandoned.charge.whole({ milliWh: MILLI_WH }), "COMPLETE", "vehicle"));
  abandoned.builder.seal();
  abandoned.builder.seal({ at: abandoned.builder.state.sealedAt + GRACE_SECONDS + 1 });
  const late = abandoned.builder.chain.addFact(abandoned.charge.report("vehicle", [1]), 0);
  assert.equal(late.ok ? undefined : late.fault, { code: "FACT_WRONG_STATE", state: "ABANDONED" });
});

test("a late completion that matches settles an abandoned charge: revision 2", () => {
  const { builder, charge } = region();
  const facts = charge.whole({ milliWh: MILLI_WH });
  builder.submit(...without(facts, "COMPLETE", "vehicle"));
  builder.seal();
  builder.seal({ at: builder.state.sealedAt + GRACE_SECONDS + 1 });
  const first = onlyResult(builder);
  builder.submit(...facts.filter(({ kind, body }) => kind === "COMPLETE" && body.role === "vehicle"));
  builder.seal({ at: builder.state.sealedAt + 29 * DAY });
  const second = onlyResult(builder);
  assert.equal([first.state, first.revision], ["ABANDONED", 1]);
  assert.equal([second.state, second.revision, second.silent], ["SETTLED", 2, 0]);
  assert.is(second.billedMilliWh, MILLI_WH);
  assert.not.ok(builder.state.unsettled.has(toHex(charge.address)));
});

test("a late completion that does not match changes nothing", () => {
  const { builder, charge } = region();
  const facts = charge.whole({ milliWh: MILLI_WH, vehicleShare: 0.5 });
  builder.submit(...without(facts, "COMPLETE", "vehicle"));
  builder.seal();
  builder.seal({ at: builder.state.sealedAt + GRACE_SECONDS + 1 });
  const before = transactionOf(builder, charge).result;
  builder.submit(...facts.filter(({ kind, body }) => kind === "COMPLETE" && body.role === "vehicle"));
  builder.seal();
  assert.equal(builder.chain.head.results, []);
  assert.equal(transactionOf(builder, charge).result, before);
  assert.is(transactionOf(builder, charge).state, "ABANDONED");
});

test("a match waits for the station's whole log: its readings decide the price", () => {
  const { builder, charge } = region();
  const first = [charge.open, charge.report("station", [0]), charge.report("vehicle", [0])];
  const stationLast = charge.report("station", [MILLI_WH]);
  const vehicleLast = charge.report("vehicle", [MILLI_WH * 0.985]);
  builder.submit(...first, charge.complete("station"), charge.complete("vehicle"));
  builder.seal();
  assert.equal(builder.chain.head.results, []);
  builder.submit(stationLast);
  builder.seal();
  assert.is(onlyResult(builder).state, "SETTLED");
  const late = builder.chain.addFact(vehicleLast, builder.state.sealedAt);
  assert.is(late.ok ? undefined : late.fault.code, "FACT_WRONG_STATE");
});

test("the grace counts from the first completion, however late the second comes", () => {
  const { builder, charge } = region();
  builder.submit(charge.open, charge.report("station", [0]), charge.report("vehicle", [0]));
  charge.report("station", [MILLI_WH]);
  charge.report("vehicle", [MILLI_WH * 0.985]);
  builder.submit(charge.complete("station"));
  builder.seal();
  const completedAt = builder.state.sealedAt;
  builder.submit(charge.complete("vehicle"));
  builder.seal({ at: completedAt + 300 });
  assert.equal(builder.chain.head.results, [], "the station's log is not there up to its head");
  builder.seal({ at: completedAt + GRACE_SECONDS });
  assert.equal(builder.chain.head.results, []);
  builder.seal({ at: completedAt + GRACE_SECONDS + 1 });
  assert.is(onlyResult(builder).state, "SETTLED");
});

test("a block writes so many results and no more; the next block writes the others, in the order of the addresses", () => {
  const { builder } = region();
  const charges = Array.from({ length: RESULTS_PER_BLOCK_MAX + 2 }, (_, index) =>
    builder.charge(undefined, { salt: new Uint8Array(16).fill(index + 1) }),
  );
  builder.submit(...charges.map(({ open }) => open));
  builder.seal();
  assert.is(builder.chain.mempool.size, 0);
  builder.seal({ at: STARTED_AT + 60 + DURATION + GRACE_SECONDS + 1 });
  const first = builder.chain.head.results.map(({ address }) => toHex(address));
  builder.seal();
  const second = builder.chain.head.results.map(({ address }) => toHex(address));
  assert.is(first.length, RESULTS_PER_BLOCK_MAX);
  assert.equal([...first, ...second], charges.map(({ address }) => toHex(address)).sort());
});

test.run();

interface Scene {
  readonly builder: LedgerBuilder;
  readonly charge: ChargeBuilder;
}

function region(changes: Parameters<LedgerBuilder["charge"]>[1] = {}): Scene {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE);
  builder.seal();
  return { builder, charge: builder.charge(undefined, changes) };
}

function without(facts: readonly Fact[], kind: Fact["kind"], role: "station" | "vehicle"): readonly Fact[] {
  return facts.filter((fact) => !(fact.kind === kind && "role" in fact.body && fact.body.role === role));
}

function onlyResult({ chain }: LedgerBuilder): ResultBody {
  const [result, ...others] = chain.head.results;
  assert.ok(result);
  assert.is(others.length, 0);
  return result;
}

function transactionOf(
  { state }: LedgerBuilder,
  { address }: ChargeBuilder,
): NonNullable<ReturnType<typeof state.transactions.get>> {
  const transaction = state.transactions.get(toHex(address));
  assert.ok(transaction);
  return transaction;
}
