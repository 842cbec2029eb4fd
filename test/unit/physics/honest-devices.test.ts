import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BATTERY_GAIN_ERROR_MAX, BATTERY_OFFSET_MAX_A } from "#hal/mock/physics/battery-management.ts";
import { METER_ERROR_MAX } from "#hal/mock/physics/station-meter.ts";
import type { MeterClass } from "#hal/mock/physics/station-meter.ts";
import { energyBetween } from "#hal/mock/physics/energy-account.ts";
import type { TrueEnergy } from "#hal/mock/physics/energy-account.ts";
import { makeScene, pass, POWER_LEVELS, startCharge } from "#test/builders/charge-scene.ts";
import type { SceneOptions } from "#test/builders/charge-scene.ts";

const test = suite("honest devices");

const CLASSES: readonly MeterClass[] = ["A", "B", "C"];
const SEEDS = 10_000;
/** One step of a register at each end. */
const STEP_WH = 0.001;

test(`${SEEDS} seeds: an honest meter is within its class, an honest car within its half-widths`, () => {
  let worstMeter = 0;
  let worstCar = 0;
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const meterClass = CLASSES[seed % 3] ?? "B";
    const level = POWER_LEVELS[seed % POWER_LEVELS.length] ?? POWER_LEVELS[0];
    const { reported, energy, hours } = measure(level, {
      seed,
      stepMs: 60_000,
      station: { meterClass, stepMilliWh: 1 },
    });
    const meterLimitWh = METER_ERROR_MAX[meterClass] * energy.meterWh + STEP_WH;
    worstMeter = Math.max(worstMeter, Math.abs(reported.stationWh - energy.meterWh) / meterLimitWh);
    const carLimitWh =
      BATTERY_GAIN_ERROR_MAX * energy.terminalsWh + BATTERY_OFFSET_MAX_A * reported.packVoltageV * hours;
    worstCar = Math.max(worstCar, Math.abs(reported.vehicleWh - energy.terminalsWh) / carLimitWh);
  }
  assert.ok(worstMeter <= 1, `a meter used ${(100 * worstMeter).toFixed(0)} % of its limit`);
  assert.ok(worstCar <= 1, `a car used ${(100 * worstCar).toFixed(0)} % of its limit`);
  assert.ok(worstMeter > 0.6 && worstCar > 0.6, "and some of either come near: the limits are not there for show");
});

test("most meters are far better than their class, as calibrated ones are", () => {
  const errors = Array.from({ length: 400 }, (_, seed) => {
    const { reported, energy } = measure(POWER_LEVELS[3], { seed: `calibrated ${seed}`, stepMs: 60_000 });
    return Math.abs(reported.stationWh / energy.meterWh - 1);
  }).sort((left, right) => left - right);
  assert.ok((errors[200] ?? 1) < 0.008);
});

test("power, current and energy of one meter tell the same story", () => {
  const scene = startCharge(POWER_LEVELS[3], { seed: 2, station: { stepMilliWh: 1 } });
  const before = scene.meter.now();
  let sumW = 0;
  for (let second = 0; second < 600; second += 1) {
    pass(scene, 1);
    const { powerW, voltageV, currentA } = scene.meter.now();
    sumW += powerW;
    const apparentVa = voltageV.reduce((sum, volts, phase) => sum + volts * (currentA[phase] ?? 0), 0);
    assert.ok(powerW <= apparentVa * 1.001 && powerW >= apparentVa * 0.98, `${powerW} W of ${apparentVa} VA`);
  }
  const countedWh = (scene.meter.now().importedMilliWh - before.importedMilliWh) / 1000;
  assert.ok(Math.abs(countedWh / (sumW / 3600) - 1) < 0.001);
});

test("voltage and frequency stay where a grid stays, and wander", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const scene = makeScene({ seed, stepMs: 60_000 });
    const seen = new Set<number>();
    for (let minute = 0; minute < 60; minute += 1) {
      pass(scene, 60);
      const { voltageV, frequencyHz } = scene.meter.now();
      assert.ok(voltageV.every((volts) => volts > 207 && volts < 253));
      assert.ok(frequencyHz > 49.9 && frequencyHz < 50.1);
      seen.add(Math.round(voltageV[0] * 10));
    }
    assert.ok(seen.size > 10, `seed ${seed}: ${seen.size} different voltages in an hour`);
  }
});

test("the register stands on its steps, starts anywhere, and is renewed at its interval only", () => {
  const starts = new Set<number>();
  for (let seed = 0; seed < 20; seed += 1) {
    const scene = startCharge(POWER_LEVELS[3], { seed, station: { stepMilliWh: 100_000, updateEveryMs: 5000 } });
    starts.add(scene.meter.now().importedMilliWh);
    const changes: number[] = [];
    let shown = scene.meter.now();
    for (let second = 0; second < 300; second += 1) {
      pass(scene, 1);
      const next = scene.meter.now();
      assert.is(next.importedMilliWh % 100_000, 0);
      assert.ok(next.importedMilliWh >= shown.importedMilliWh);
      if (next !== shown) changes.push(scene.world.worldMs % 5000);
      shown = next;
    }
    assert.is(changes.length, 60);
    assert.ok(changes.every((phaseMs) => phaseMs === 0));
  }
  assert.is(starts.size, 20);
});

test("a station that lies shows other figures for the same energy", () => {
  const honest = measure(POWER_LEVELS[3], { seed: 21 });
  const lying = measure(POWER_LEVELS[3], { seed: 21 }, { stationLie: 1.15 });
  assert.equal(lying.energy, honest.energy);
  assert.is(lying.reported.vehicleWh, honest.reported.vehicleWh);
  assert.ok(Math.abs(lying.reported.stationWh / honest.reported.stationWh - 1.15) < 0.01);
  assert.ok(Math.abs(lying.reported.stationW / honest.reported.stationW - 1.15) < 1e-9);
});

test("a car that lies shows other figures for the same energy, and its counter agrees with its lie", () => {
  const honest = measure(POWER_LEVELS[3], { seed: 22 });
  const lying = measure(POWER_LEVELS[3], { seed: 22 }, { vehicleLie: 0.8 });
  assert.equal(lying.energy, honest.energy);
  assert.is(lying.reported.stationWh, honest.reported.stationWh);
  assert.ok(Math.abs(lying.reported.vehicleWh / honest.reported.vehicleWh - 0.8) < 1e-6);
  assert.ok(Math.abs(lying.reported.packCurrentA / honest.reported.packCurrentA - 0.8) < 0.01);
  assert.ok(lying.reported.chargedWh > 0.99 * honest.reported.chargedWh, "the past is not rewritten");
});

interface Lies {
  readonly stationLie?: number;
  readonly vehicleLie?: number;
}

interface Measured {
  readonly energy: TrueEnergy;
  readonly hours: number;
  readonly reported: {
    readonly stationWh: number;
    readonly stationW: number;
    readonly vehicleWh: number;
    readonly chargedWh: number;
    readonly packVoltageV: number;
    readonly packCurrentA: number;
  };
}

/** Ten minutes of a charge, as it was and as both sides report it. */
function measure(level: (typeof POWER_LEVELS)[number], options: SceneOptions, lies: Lies = {}): Measured {
  const scene = startCharge(level, options);
  scene.world.change(() => {
    scene.station.meterDevice.lieFactor = lies.stationLie ?? 1;
    scene.vehicle.management.lieFactor = lies.vehicleLie ?? 1;
  });
  const [before, meterBefore, batteryBefore] = [scene.vehicle.trueEnergy, scene.meter.now(), scene.battery.now()];
  pass(scene, 600);
  const [meter, battery] = [scene.meter.now(), scene.battery.now()];
  return {
    energy: energyBetween(before, scene.vehicle.trueEnergy),
    hours: 1 / 6,
    reported: {
      stationWh: (meter.importedMilliWh - meterBefore.importedMilliWh) / 1000,
      stationW: meter.powerW,
      vehicleWh: battery.chargedWh - batteryBefore.chargedWh,
      chargedWh: battery.chargedWh,
      packVoltageV: battery.packVoltageV,
      packCurrentA: battery.packCurrentA,
    },
  };
}

test.run();
