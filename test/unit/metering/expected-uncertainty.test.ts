import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  expectedByCounter,
  expectedByInlet,
  expectedByIntegral,
  statedErrorPpm,
} from "#core/metering/expected-uncertainty.ts";
import { vehicleAccuracy } from "#firmware/vehicle-measure.ts";
import { profileMeasure } from "#hal/vehicles/profile-measure.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";

const test = suite("expected uncertainty");
const STEPS = { voltageMilliV: 100, currentMilliA: 100 };

function percent(expandedMilliWh: number, kwh: number): number {
  return Math.round(expandedMilliWh / kwh / 1_000) / 10;
}

test("the cases of the vehicle study come out as it has them, within one per cent", () => {
  for (const [voltageV, powerW, kwh, study] of [
    [360, 7_000, 10, 3.5],
    [360, 2_300, 10, 6.7],
    [700, 11_000, 30, 3.8],
    [700, 2_300, 10, 11.9],
  ] as const) {
    const charge = { energyMilliWh: kwh * 1_000_000, powerW, voltageV, steps: STEPS, everyMs: 1000 };
    const found = percent(expectedByIntegral(charge).expandedMilliWh, kwh);
    assert.ok(Math.abs(found - study) <= 0.9, `${voltageV} V, ${powerW} W: ${found} %, the study has ${study}`);
  }
});

test("a coarse counter adds its ends, a fine one takes sampling away", () => {
  const charge = { energyMilliWh: 2_000_000, powerW: 7_000, voltageV: 360, steps: STEPS, everyMs: 5_000 };
  const integral = expectedByIntegral(charge).expandedMilliWh;
  assert.ok(expectedByCounter(charge, 100_000).expandedMilliWh > integral);
  assert.ok(expectedByCounter(charge, 10).expandedMilliWh < integral);
});

test("apparent power is known worse the less of it there is", () => {
  const at = (powerW: number): number =>
    expectedByInlet("apparent", { energyMilliWh: 10_000_000, powerW, voltageV: 230, steps: STEPS, everyMs: 1000 })
      .expandedMilliWh;
  assert.ok(at(1_200) > at(3_000) && at(3_000) > at(11_000));
});

test("a stated half-width gives the same U again", () => {
  const uncertainty = expectedByIntegral({
    ...{ energyMilliWh: 10_000_000, powerW: 11_000, voltageV: 400, steps: STEPS, everyMs: 1000 },
  });
  const ppm = statedErrorPpm(uncertainty, 10_000_000);
  assert.ok(Math.abs((2 * ppm) / Math.sqrt(3) - uncertainty.expandedMilliWh / 10) < 2);
});

test("every profile states a point and an error that a usual station takes", () => {
  for (const profile of vehicleProfiles) {
    const { vehicleMpePpm, vehicleMeasuringPoint } = vehicleAccuracy(profileMeasure(profile), 11_000);
    assert.ok(vehicleMpePpm >= 25_000 && vehicleMpePpm <= 65_000, `${profile.name}: ${vehicleMpePpm}`);
    assert.is(vehicleMeasuringPoint, profile.name === "ford-mach-e" ? "charger-output" : "battery");
  }
  const unknown = vehicleAccuracy(undefined, 11_000);
  assert.equal([unknown.vehicleMpePpm, unknown.vehicleMeasuringPoint], [30_000, "battery"]);
});

test("at 800 V the zero of the current sensor weighs more", () => {
  const errorOf = (name: string): number => {
    const profile = vehicleProfile(name);
    return profile === undefined ? 0 : vehicleAccuracy(profileMeasure(profile), 11_000).vehicleMpePpm;
  };
  assert.ok(errorOf("hyundai-ioniq-5") > errorOf("hyundai-kona"));
});

test.run();
