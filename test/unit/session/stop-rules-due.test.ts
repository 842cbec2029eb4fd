/** When the other side's report is due, and what counts before there is any. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { otherRole, REPORT_FLAG, type Role } from "#core/session/facts.ts";
import { idleReadings } from "#core/session/idle.ts";
import { exposure, stopRules, type ChargeView } from "#core/session/stop-rules.ts";
import { batteryTerms, chargeOf, inletTerms, ramp } from "#test/builders/charge-facts.ts";

const test = suite("stop rules, due");
const TERMS = inletTerms();
const REPORT_MS = TERMS.readingsPerReport * TERMS.readingIntervalSeconds * 1000;
const LATE_MS = 90_000;
const ROLES: readonly Role[] = ["station", "vehicle"];

interface Look {
  readonly registerMilliWh?: number;
  readonly elapsedMs?: number;
  readonly idle?: ChargeView["idle"];
  /** Readings of the other side; absent when it has not reported. */
  readonly heard?: readonly number[];
}

function adviceTo(role: Role, look: Look): string {
  const { registerMilliWh = 0, elapsedMs = 1000, heard = [] } = look;
  const { idle = { isIdle: false, resumedAtMs: undefined } } = look;
  const { open, reports } = chargeOf({ terms: TERMS, [otherRole(role)]: heard });
  const logs = { station: { reports: reports.station }, vehicle: { reports: reports.vehicle } };
  const advice = stopRules({ role, transaction: { open, logs }, registerMilliWh, elapsedMs, idle });
  return advice.kind === "go" ? "go" : `${advice.kind} ${advice.reason}`;
}

test("of a side that has reported nothing everything is at risk, from the first mWh on", () => {
  for (const role of ROLES) {
    assert.is(adviceTo(role, { registerMilliWh: TERMS.exposureMilliWh }), "go", role);
    assert.is(adviceTo(role, { registerMilliWh: TERMS.exposureMilliWh + 1 }), "pause credit-exhausted", role);
  }
});

test("the first report is due at the start, the next one a report's time after the last reading", () => {
  for (const role of ROLES) {
    assert.is(adviceTo(role, { elapsedMs: LATE_MS - 1 }), "go", role);
    assert.is(adviceTo(role, { elapsedMs: LATE_MS }), "pause report-overdue", role);
    const heard = ramp(3, 0);
    const dueMs = (3 + TERMS.readingsPerReport) * TERMS.readingIntervalSeconds * 1000;
    assert.is(adviceTo(role, { heard, elapsedMs: dueMs + LATE_MS - 1 }), "go", role);
    assert.is(adviceTo(role, { heard, elapsedMs: dueMs + LATE_MS }), "pause report-overdue", role);
  }
});

test("after energy flows again there is the time of one report, and never less than there would be anyhow", () => {
  const resumedAtMs = 2_000_000;
  for (const role of ROLES) {
    const idle = { isIdle: false, resumedAtMs };
    const dueMs = resumedAtMs + REPORT_MS;
    assert.is(adviceTo(role, { idle, elapsedMs: dueMs + LATE_MS - 1 }), "go", role);
    assert.is(adviceTo(role, { idle, elapsedMs: dueMs + LATE_MS }), "pause report-overdue", role);
    const long = { idle: { isIdle: false, resumedAtMs: 0 }, heard: ramp(30, 0) };
    const lateMs = (30 + TERMS.readingsPerReport) * TERMS.readingIntervalSeconds * 1000 + LATE_MS;
    assert.is(adviceTo(role, { ...long, elapsedMs: lateMs - 1 }), "go", role);
    assert.is(adviceTo(role, { ...long, elapsedMs: lateMs }), "pause report-overdue", role);
  }
});

test("a station awaits nothing of a car that stands on; a car awaits its station all the same", () => {
  const idle = { isIdle: true, resumedAtMs: undefined };
  assert.is(adviceTo("station", { idle, elapsedMs: 80_000_000 }), "go");
  assert.is(adviceTo("vehicle", { idle, elapsedMs: 80_000_000 }), "pause report-overdue");
});

test("whoever stands on is awaited at the slower rhythm, and nobody else is", () => {
  const terms = inletTerms({ readingsPerReport: 1 });
  assert.ok(idleReadings(terms) > 1);
  for (const [flags, readings] of [
    [0, 1],
    [REPORT_FLAG.IDLE, idleReadings(terms)],
  ] as const) {
    const { open, reports } = chargeOf({ terms, vehicle: [0, 0] });
    const vehicle = reports.vehicle.map((report) => ({ ...report, flags }));
    const lateMs = (1 + readings) * terms.readingIntervalSeconds * 1000 + LATE_MS;
    const at = (elapsedMs: number): string => {
      const logs = { station: { reports: [] }, vehicle: { reports: vehicle } };
      const idle = { isIdle: false, resumedAtMs: undefined };
      return stopRules({ role: "station", transaction: { open, logs }, registerMilliWh: 0, elapsedMs, idle }).kind;
    };
    assert.equal([at(lateMs - 1), at(lateMs)], ["go", "pause"]);
  }
});

test("what is at risk is what one has beyond the other's word, at the station's measuring point, and never below 0", () => {
  const terms = batteryTerms();
  const agreed = { milliWh: 0, hasParted: false };
  const risk = (role: Role, ownMilliWh: number, peerMilliWh: number): number =>
    exposure(role, { terms, ownMilliWh, peerMilliWh, agreed });
  // 9.5 kWh at the battery are 10 at the station at least; 10 kWh at the station are sure from 9.5 at the battery on.
  assert.equal([risk("vehicle", 9_500_000, 4_000_000), risk("vehicle", 9_500_000, 10_000_000)], [6_000_000, 0]);
  assert.equal([risk("vehicle", 9_500_000, 12_000_000), risk("vehicle", 0, 0)], [0, 0]);
  assert.equal([risk("station", 10_000_000, 4_750_000), risk("station", 10_000_000, 9_500_000)], [5_000_000, 0]);
  assert.equal([risk("station", 10_000_000, 12_000_000), risk("station", 0, 0)], [0, 0]);
  // A meter that shows less than what both have signed puts nothing at risk.
  const signed = { milliWh: 5_000_000, hasParted: false };
  assert.is(exposure("station", { terms, ownMilliWh: 4_000_000, peerMilliWh: 4_750_000, agreed: signed }), 0);
});

test("the duration of the terms ends a charge with its last millisecond", () => {
  const heard = ramp(1440, 0);
  const lastMs = TERMS.durationMaxSeconds * 1000;
  for (const role of ROLES) {
    assert.is(adviceTo(role, { heard, elapsedMs: lastMs - 1 }), "go");
    assert.is(adviceTo(role, { heard, elapsedMs: lastMs }), "stop limit-reached");
  }
});

test.run();
