/** One role's log as a set of signed reports: their order, what ends it, and what is remembered of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { orderedReports, sessionReadings, sinceStart, signedMilliWh } from "#core/session/charge-facts.ts";
import type { ReportBody } from "#core/session/facts.ts";
import { chargeOf, ramp } from "#test/builders/charge-facts.ts";

const test = suite("charge facts");
const kWh = (amount: number): number => Math.round(amount * 1_000_000);
const CHARGE = chargeOf({ station: ramp(14, kWh(1)), vehicle: ramp(14, kWh(1)) });
const [FIRST, SECOND, THIRD] = CHARGE.reports.station;

/** Sequences of the log that these reports make. */
function logOf(...reports: readonly (ReportBody | undefined)[]): readonly number[] {
  const station = reports.filter((report) => report !== undefined);
  return orderedReports({ ...CHARGE, reports: { station, vehicle: [] } }, "station").map(({ sequence }) => sequence);
}

test("a log is in the order of its sequences, each once, up to the first that is missing", () => {
  assert.equal(logOf(FIRST, SECOND, THIRD), [0, 1, 2]);
  assert.equal(logOf(THIRD, FIRST, SECOND), [0, 1, 2]);
  assert.equal(logOf(SECOND, FIRST, SECOND, THIRD, FIRST), [0, 1, 2]);
  assert.equal(logOf(FIRST, THIRD), [0]);
  assert.equal(logOf(SECOND, THIRD), []);
  assert.equal(logOf(), []);
});

test("the same report that came twice, from wherever, is one", () => {
  assert.ok(FIRST);
  const full: ReportBody = { ...FIRST, seen: [4, new Uint8Array(32).fill(4)], meterProof: Uint8Array.of(1, 2) };
  for (const report of [FIRST, full]) assert.equal(logOf(SECOND, report, structuredClone(report)), [0, 1]);
});

test("two reports of one sequence that differ in anything end the log, whichever came first", () => {
  assert.ok(FIRST && SECOND && THIRD);
  const seen: ReportBody = { ...SECOND, seen: [4, new Uint8Array(32).fill(4)], meterProof: Uint8Array.of(1, 2) };
  const others: readonly (readonly [ReportBody, ReportBody])[] = [
    [SECOND, { ...SECOND, address: new Uint8Array(32) }],
    [SECOND, { ...SECOND, role: "vehicle" }],
    [SECOND, { ...SECOND, firstReading: SECOND.firstReading + 1 }],
    [SECOND, { ...SECOND, registerMilliWh: SECOND.registerMilliWh.slice(0, -1) }],
    [SECOND, { ...SECOND, registerMilliWh: SECOND.registerMilliWh.with(-1, 1) }],
    [SECOND, { ...SECOND, previous: new Uint8Array(32).fill(9) }],
    [SECOND, { ...SECOND, atMs: SECOND.atMs + 1 }],
    [SECOND, { ...SECOND, flags: 1 }],
    [SECOND, { ...SECOND, seen: [4, new Uint8Array(32).fill(4)] }],
    [SECOND, { ...SECOND, meterProof: Uint8Array.of(1) }],
    [SECOND, { ...SECOND, meterProof: Uint8Array.of(0) }],
    [seen, { ...seen, seen: [5, new Uint8Array(32).fill(4)] }],
    [seen, { ...seen, seen: [4, new Uint8Array(32).fill(5)] }],
    [seen, { ...seen, meterProof: Uint8Array.of(1, 3) }],
  ];
  for (const [one, other] of others) {
    for (const pair of [
      [one, other],
      [other, one],
    ]) {
      assert.equal(logOf(FIRST, ...pair, THIRD), [0], JSON.stringify(other));
      assert.equal(logOf(...pair, THIRD, FIRST, ...pair), [0], "and a third copy does not mend it");
    }
  }
});

test("a list that grows is read again, and another start makes other readings of the same reports", () => {
  assert.ok(FIRST && SECOND && THIRD);
  const station = [FIRST];
  const charge = { ...CHARGE, reports: { station, vehicle: [] } };
  assert.is(sessionReadings(charge, "station").length, 5);
  station.push(SECOND);
  assert.is(sessionReadings(charge, "station").length, 10);
  assert.is(orderedReports(charge, "station").length, 2);
  station.push(THIRD);
  assert.is(signedMilliWh(charge, "station"), kWh(14));
  const later = { ...charge, open: { ...charge.open, startMilliWh: [kWh(4), 0] as const } };
  assert.is(signedMilliWh(later, "station"), kWh(10));
  assert.is(signedMilliWh(charge, "station"), kWh(14));
  const own = { ...CHARGE.open, startMilliWh: [0, kWh(3)] as const };
  assert.equal(
    [signedMilliWh(CHARGE, "vehicle"), signedMilliWh({ ...CHARGE, open: own }, "vehicle")],
    [kWh(14), kWh(11)],
  );
});

test("readings are energies since the start, from 0 on, and never fall", () => {
  const { open, reports } = chargeOf({ station: [0, kWh(1), kWh(3)] });
  const charge = { ...CHARGE, open, reports };
  assert.equal(
    sessionReadings(charge, "station").map(({ milliWh }) => milliWh),
    [0, kWh(1), kWh(3)],
  );
  const fallen = { ...open, startMilliWh: [kWh(2), 0] as const };
  assert.equal(
    sessionReadings({ ...charge, open: fallen }, "station").map(({ milliWh }) => milliWh),
    [0, 0, kWh(1)],
  );
});

test("each side's energy counts from its own start; below it and beyond the safe integers it is bounded", () => {
  const { open } = { open: { ...CHARGE.open, startMilliWh: [100, 7] as const } };
  assert.equal([sinceStart(open, "station", 150), sinceStart(open, "vehicle", 150)], [50, 143]);
  assert.equal([sinceStart(open, "station", 100), sinceStart(open, "station", 99)], [0, 0]);
  assert.is(sinceStart(open, "station", Number.MAX_SAFE_INTEGER + 2), Number.MAX_SAFE_INTEGER - 100);
});

test("what a side signed last is the most of its reports and its completion", () => {
  const more = chargeOf({ station: ramp(9, kWh(1)), stationFinal: kWh(9.5) });
  assert.is(signedMilliWh(more, "station"), kWh(9.5));
  const less = chargeOf({ station: ramp(9, kWh(1)), stationFinal: kWh(2) });
  assert.is(signedMilliWh(less, "station"), kWh(9));
  assert.is(signedMilliWh(chargeOf({ stationFinal: kWh(2) }), "station"), kWh(2));
  assert.is(signedMilliWh(chargeOf({}), "station"), 0);
});

test.run();
