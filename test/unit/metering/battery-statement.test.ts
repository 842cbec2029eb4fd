import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BatterySample } from "#core/metering/battery-state.ts";
import { batteryStatement, type BatteryEstimate } from "#core/metering/battery-statement.ts";
import { counted, LIMITS, sample, seconds, take } from "#test/builders/battery-samples.ts";

const test = suite("battery statement");

const SOLD = { ...LIMITS, usableMilliWh: 60_000_000 };

function estimatesOf(samples: readonly BatterySample[]): ReadonlyMap<string, BatteryEstimate> {
  return new Map(batteryStatement(take(samples), SOLD).estimates.map((each) => [each.method, each]));
}

test("four estimates stand beside each other, each with its measuring point", () => {
  const estimates = estimatesOf(
    seconds(0, 3600, 2).map((second) =>
      counted(second, Math.floor((37 + 2 * second) / 100) * 100, {
        stateOfChargePercent: 30 + Math.floor((second * 24) / 3600) / 2,
        inlet: { powerW: 8_000, kind: "active" },
      }),
    ),
  );
  const found = [...estimates.values()].map(({ method, measuringPoint, energyMilliWh }) => [
    method,
    measuringPoint,
    Math.round(energyMilliWh / 10_000) / 100,
  ]);
  assert.equal(found, [
    ["integral", "battery", 7.2],
    ["counter", "battery", 7.2],
    ["state-of-charge", "battery", 7.2],
    ["inlet-active", "vehicle-inlet", 8],
  ]);
});

test("what a charger puts out is of another measuring point than what it takes", () => {
  const kinds = (kind: "apparent" | "direct-current"): BatteryEstimate | undefined =>
    estimatesOf(seconds(0, 600).map((second) => sample(second, { inlet: { powerW: 7_500, kind } }))).get(
      `inlet-${kind}`,
    );
  assert.equal(
    [kinds("apparent")?.measuringPoint, kinds("direct-current")?.measuringPoint],
    ["vehicle-inlet", "charger-output"],
  );
});

test("apparent energy is stated as known worse, the worse the less power there is", () => {
  const share = (kind: "active" | "apparent", powerW: number): number => {
    const at = estimatesOf(seconds(0, 600).map((second) => sample(second, { inlet: { powerW, kind } })));
    const estimate = at.get(`inlet-${kind}`);
    return estimate === undefined ? 0 : estimate.uncertainty.expandedMilliWh / estimate.energyMilliWh;
  };
  const [active, high, low] = [share("active", 7_000), share("apparent", 7_000), share("apparent", 1_000)];
  assert.ok(active > 0.05 && active < 0.065 && high > active && low > 0.5, `${active} ${high} ${low}`);
  // Steps of 100 W, and power factors by a table.
  assert.ok(share("active", 1_000) > 0.1);
});

test("an inlet that falls silent for more than 30 s is bounded, not interpolated", () => {
  const seen = (second: number): BatterySample =>
    sample(second, { inlet: second <= 100 || second >= 200 ? { powerW: 7_200, kind: "active" } : null });
  const estimate = estimatesOf(seconds(0, 300).map(seen)).get("inlet-active");
  assert.ok(estimate !== undefined && estimate.uncertainty.parts.gapMilliWh > 90_000);
  // Half of 12.1 kW for 100 s, and the rest as it was.
  assert.ok(Math.abs(estimate.energyMilliWh - 400_000 - 168_056) < 10);
});

test("the state of charge is a check of ten per cent, also where it falls for a while", () => {
  const wavy = seconds(0, 3600, 10).map((second) =>
    sample(second, { stateOfChargePercent: 30 + Math.round((second / 300 + Math.sin(second / 200)) * 2) / 2 }),
  );
  const estimate = estimatesOf(wavy).get("state-of-charge");
  assert.ok(
    estimate !== undefined && Math.abs(estimate.energyMilliWh - 7_000_000) < 900_000,
    `${estimate?.energyMilliWh}`,
  );
  assert.ok(estimate.uncertainty.expandedMilliWh > 0.1 * estimate.energyMilliWh);
  assert.is(batteryStatement(take(wavy), LIMITS).estimates.length, 1);
});

test("the headline is one of the estimates to the last digit", () => {
  const { headline, crossCheck, estimates } = batteryStatement(
    take(seconds(0, 3600, 2).map((second) => counted(second, Math.floor((37 + 2.03 * second) / 100) * 100))),
    LIMITS,
  );
  assert.ok(crossCheck !== null && headline.energyMilliWh !== crossCheck.energyMilliWh);
  assert.ok(estimates.includes(headline) && estimates.includes(crossCheck));
});

test("every part of U is there: 10 kWh at 360 V and 7.2 kW", () => {
  const flicker = (second: number): BatterySample => sample(second, { batteryCurrentA: second % 4 === 0 ? 20 : 20.1 });
  const { headline } = batteryStatement(take(seconds(0, 5000, 2).map(flicker)), LIMITS);
  const { parts, expandedMilliWh } = headline.uncertainty;
  const percent = (milliWh: number): number => Math.round((10_000 * milliWh) / headline.energyMilliWh) / 100;
  // 2.5 % / √3; 0.3 A of 20 / √3; half of 0.1 A and of the unknown voltage's 0.52 V; 0.35 %; no gap.
  assert.equal(
    [parts.gainMilliWh, parts.offsetMilliWh, parts.quantisationMilliWh, parts.samplingMilliWh, parts.gapMilliWh].map(
      percent,
    ),
    [1.44, 0.86, 0.15, 0.35, 0],
  );
  const squares = Object.values(parts).reduce((sum, part) => sum + part ** 2, 0);
  assert.ok(Math.abs(expandedMilliWh - 2 * Math.sqrt(squares)) < 10);
});

test("steps that the driver tells are believed; else the smallest change that was seen", () => {
  const told = take(seconds(0, 10).map((second) => sample(second, { voltageStepV: 0.25, currentStepA: 0.01 })));
  assert.equal(told.steps, { voltageMilliV: 250, currentMilliA: 10 });
  const seen = take(seconds(0, 10).map((second) => sample(second, { batteryCurrentA: 20 + (second % 3) * 0.03125 })));
  assert.equal(seen.steps.currentMilliA, 32);
});

test.run();
