import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Terms } from "#core/contract/terms.ts";
import { otherRole, type Role } from "#core/session/facts.ts";
import { settle } from "#core/session/settle.ts";
import { decidePower, exposure, stopRules, type PowerAdvice } from "#core/session/stop-rules.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { batteryTerms, chargeOf, inletTerms, ramp } from "#test/builders/charge-facts.ts";

const test = suite("stop rules");
const TAKING = { isIdle: false, resumedAtMs: undefined };
const kWh = (amount: number): number => Math.round(amount * 1_000_000);

const CALM = {
  terms: inletTerms(),
  ownMilliWh: kWh(10),
  peerMilliWh: kWh(10),
  agreed: { milliWh: kWh(10), hasParted: false },
  overdueMs: 0,
  elapsedMs: 3_600_000,
};

function check(role: Role, changes: Partial<typeof CALM>, expected: string): void {
  const advice = decidePower(role, { ...CALM, ...changes });
  assert.is(advice.kind === "go" ? "go" : `${advice.kind} ${advice.reason}`, expected, role);
}

test("power flows while both sides report and agree", () => {
  check("station", {}, "go");
  check("vehicle", {}, "go");
});

test("beyond the exposure either side pauses, at exactly it neither", () => {
  for (const role of ["station", "vehicle"] as const) {
    check(role, { ownMilliWh: kWh(14) }, "go");
    check(role, { ownMilliWh: kWh(14) + 1 }, "pause credit-exhausted");
  }
});

test("a report that is 90 s late pauses", () => {
  for (const role of ["station", "vehicle"] as const) {
    check(role, { overdueMs: 89_999 }, "go");
    check(role, { overdueMs: 90_000 }, "pause report-overdue");
  }
});

test("two mismatches in a row stop the charge, whatever else there is", () => {
  const agreed = { milliWh: kWh(10), hasParted: true };
  for (const role of ["station", "vehicle"] as const) {
    check(role, { agreed, overdueMs: 1_000_000, ownMilliWh: kWh(99) }, "stop disagreement");
  }
});

test("a station that has signed the most of the terms is given no more, whatever may have been lost", () => {
  const terms = batteryTerms({ energyMaxMilliWh: kWh(10) });
  check("vehicle", { terms, ownMilliWh: kWh(8.9), peerMilliWh: kWh(10) - 1 }, "go");
  check("vehicle", { terms, ownMilliWh: kWh(8.9), peerMilliWh: kWh(10) }, "stop limit-reached");
});

test("energy and duration of the terms stop the charge", () => {
  const terms = inletTerms({ energyMaxMilliWh: kWh(10) });
  check("station", { terms }, "stop limit-reached");
  check("vehicle", { terms }, "stop limit-reached");
  check("station", { terms, ownMilliWh: kWh(10) - 1 }, "go");
  check("station", { elapsedMs: 86_400_000 }, "stop limit-reached");
  // Behind an on-board charger 9.6 kWh at the battery are 10.1 at least.
  check("vehicle", { terms: batteryTerms({ energyMaxMilliWh: kWh(10) }), ownMilliWh: kWh(9.6) }, "stop limit-reached");
});

test("the station counts what the vehicle's loss cannot explain, not the width of the band", () => {
  const terms = batteryTerms();
  const figures = {
    terms,
    ownMilliWh: kWh(70),
    peerMilliWh: kWh(61.6),
    agreed: { milliWh: kWh(66), hasParted: false },
  };
  assert.is(exposure("station", figures), kWh(4));
});

test("what the vehicle has signed counts before the station's own report catches up with it", () => {
  const agreed = { milliWh: kWh(5), hasParted: false };
  assert.is(exposure("station", { terms: inletTerms(), ownMilliWh: kWh(11), peerMilliWh: kWh(10), agreed }), kWh(1));
});

test("the rules read both logs: what is signed, what is common, what is due", () => {
  const terms = inletTerms();
  const view = (vehicleReadings: number, registerMilliWh: number, elapsedMs: number): PowerAdvice => {
    const { open, reports } = chargeOf({
      terms,
      start: [kWh(500), kWh(3)],
      station: ramp(vehicleReadings, 300_000),
      vehicle: ramp(vehicleReadings, 297_000),
    });
    const logs = { station: { reports: reports.station }, vehicle: { reports: reports.vehicle } };
    return stopRules({ role: "station", transaction: { open, logs }, registerMilliWh, elapsedMs, idle: TAKING });
  };
  assert.equal(view(9, kWh(500 + 3), 600_000), { kind: "go" });
  // Reading 9 is signed, so reading 14 is due at 840 s.
  assert.equal(view(9, kWh(500 + 3), 929_999), { kind: "go" });
  assert.equal(view(9, kWh(500 + 3), 930_000), { kind: "pause", reason: "report-overdue" });
  assert.equal(view(9, kWh(500) + 9 * 300_000 + kWh(4) + 1, 600_000), { kind: "pause", reason: "credit-exhausted" });
});

/**
 * S7: a station that obeys, against a vehicle that reports what and when it likes. Each turn is one reading
 * interval; the liar's plan changes at random.
 */
test("P12 whatever the vehicle reports, the station never risks more than the exposure and one reading", () => {
  for (let seed = 0; seed < 25; seed += 1) {
    const { exposed, allowed, terms } = playAgainst("vehicle", new SeededRandom(seed));
    assert.ok(exposed <= allowed, `seed ${seed}: ${exposed} mWh at risk of ${terms.exposureMilliWh}`);
  }
});

test("an honest pair with late and lost reports is never stopped", () => {
  for (let seed = 0; seed < 12; seed += 1) {
    const random = new SeededRandom(`honest ${seed}`);
    const terms = batteryTerms();
    const energies = { station: [0], vehicle: [0] };
    const ratio = random.between(0.88, 0.95) * random.between(0.97, 1.03);
    const stationError = random.between(0.98, 1.02);
    let truth = 0;
    for (let reading = 1; reading <= 120; reading += 1) {
      truth += random.between(100_000, (terms.powerMaxW * terms.readingIntervalSeconds * 1000) / 3600);
      energies.station.push(Math.round(truth * stationError));
      energies.vehicle.push(Math.round(truth * ratio));
      // Up to two reports behind, a report in flight.
      const lag = random.integer(0, 2) * terms.readingsPerReport;
      for (const role of ["station", "vehicle"] as const) {
        const advice = adviceTo(role, terms, energies, lag);
        assert.is(advice.kind, "go", `seed ${seed}, reading ${reading}: ${JSON.stringify(advice)}`);
      }
    }
  }
});

test.run();

function adviceTo(
  role: Role,
  terms: Terms,
  energies: Readonly<Record<Role, readonly number[]>>,
  lag: number,
): PowerAdvice {
  const known = energies[role].length;
  const heard = Math.max(1, Math.floor((known - lag) / terms.readingsPerReport) * terms.readingsPerReport);
  const other = otherRole(role);
  const { open, reports } = chargeOf({ terms, [role]: energies[role], [other]: energies[other].slice(0, heard) });
  const logs = { station: { reports: reports.station }, vehicle: { reports: reports.vehicle } };
  const elapsedMs = (known - 1) * terms.readingIntervalSeconds * 1000;
  // Late by the lag at most: overdue is judged elsewhere.
  return stopRules({
    role,
    transaction: { open, logs },
    registerMilliWh: energies[role].at(-1) ?? 0,
    elapsedMs: Math.min(elapsedMs, heard * terms.readingIntervalSeconds * 1000),
    idle: TAKING,
  });
}

function playAgainst(
  liar: Role,
  random: SeededRandom,
): { readonly exposed: number; readonly allowed: number; readonly terms: Terms } {
  const terms = random.pick([
    inletTerms(),
    batteryTerms(),
    inletTerms({ exposureMilliWh: 400_000, readingsPerReport: 1, readingIntervalSeconds: 30 }),
  ]);
  const honest = otherRole(liar);
  const perReading = Math.floor((terms.powerMaxW * terms.readingIntervalSeconds * 1000) / 3600);
  const own = [0];
  const lies = [0];
  let ratio = random.between(0.5, 1);
  let exposed = 0;
  for (let reading = 1; reading < 90; reading += 1) {
    const facts = chargeOf({ terms, [honest]: own, [liar]: lies });
    const logs = { station: { reports: facts.reports.station }, vehicle: { reports: facts.reports.vehicle } };
    const registerMilliWh = own.at(-1) ?? 0;
    const elapsedMs = reading * terms.readingIntervalSeconds * 1000;
    const transaction = { open: facts.open, logs };
    const advice = stopRules({ role: honest, transaction, registerMilliWh, elapsedMs, idle: TAKING });
    own.push(registerMilliWh + (advice.kind === "go" ? perReading : 0));
    if (random.chance(0.1)) ratio = random.between(0, 1.1);
    // Reports come in bunches, late, or not at all.
    while (lies.length < own.length && random.chance(0.8)) {
      const step = (own[lies.length] ?? 0) - (own[lies.length - 1] ?? 0);
      lies.push((lies.at(-1) ?? 0) + Math.round(step * ratio));
    }
    const { stationMilliWh, undisputedMilliWh } = settle(chargeOf({ terms, [honest]: own, [liar]: lies }), false);
    exposed = Math.max(exposed, stationMilliWh - undisputedMilliWh);
  }
  return { exposed, allowed: terms.exposureMilliWh + perReading, terms };
}
