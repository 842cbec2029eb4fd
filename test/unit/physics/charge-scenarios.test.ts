/** Charges of every kind: energy neither made nor lost, and a car whose figures stay within what it may err by. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BATTERY_GAIN_ERROR_MAX, BATTERY_OFFSET_MAX_A } from "#hal/mock/physics/battery-management.ts";
import { CHARGE_SCENARIOS, playScenario, type ChargeScenario } from "#hal/mock/physics/charge-scenario.ts";
import type { BatteryNow } from "#hal/mock/physics/charging-vehicle.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { directPowerShare } from "#hal/mock/physics/direct-current.ts";
import { energyBetween, type TrueEnergy } from "#hal/mock/physics/energy-account.ts";
import { VEHICLE_MODELS, type VehicleModelName } from "#hal/mock/physics/vehicle-models.ts";
import { SCENE_START_MS } from "#test/builders/charge-scene.ts";

const test = suite("charge scenarios");

const MODELS = Object.keys(VEHICLE_MODELS).filter((name): name is VehicleModelName => name in VEHICLE_MODELS);

interface Played {
  readonly world: ChargingWorld;
  readonly before: BatteryNow;
  readonly after: BatteryNow;
  /** While the cable was in. */
  readonly energy: TrueEnergy;
  readonly stationWh: number;
  readonly seen: readonly BatteryNow[];
}

function play(scenario: ChargeScenario, model: VehicleModelName, seed: number, stateOfChargePercent = 40): Played {
  const world = new ChargingWorld({ seed: `scenario ${seed}`, startMs: SCENE_START_MS });
  const station = world.addStation(1, { ...scenario.station, stepMilliWh: 1 });
  const car = world.addVehicle("car", { model, stateOfChargePercent });
  const battery = world.batteryView("car");
  const seen: BatteryNow[] = [];
  const start: { at?: { readonly now: BatteryNow; readonly energy: TrueEnergy } } = {};
  playScenario({ world, vehicle: "car", station: 1 }, scenario, (second) => {
    if (second === 1) start.at = { now: battery.now(), energy: car.trueEnergy };
    if (second % 10 === 0) seen.push(battery.now());
  });
  const at = start.at;
  if (at === undefined) throw new Error("a scenario lasts at least a second");
  const energy = energyBetween(at.energy, car.trueEnergy);
  return { world, before: at.now, after: battery.now(), energy, stationWh: station.trueEnergy.meterWh, seen };
}

function named(name: string): ChargeScenario {
  const found = CHARGE_SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

test("energy is neither made nor lost in any scenario, for any car", () => {
  for (const [index, scenario] of CHARGE_SCENARIOS.entries()) {
    for (const model of [MODELS[index % MODELS.length], MODELS[(index + 7) % MODELS.length]]) {
      if (model === undefined) continue;
      const { world, energy } = play(scenario, model, index);
      const total = world.vehicle("car").trueEnergy;
      for (const part of [energy, total]) {
        const misses = [
          part.meterWh - part.cableLossWh - part.inletWh,
          part.inletWh - part.converterLossWh - part.chargerOutputWh,
          part.chargerOutputWh - part.onBoardWh - part.tractionWh - part.terminalsWh,
          part.terminalsWh - part.resistanceLossWh - part.storedWh,
        ];
        assert.ok(Math.max(...misses.map(Math.abs)) < 1e-6, `${scenario.name}, ${model}: ${misses.join(" ")} Wh`);
      }
    }
  }
});

test("what the management counts is the truth within its gain and offset, in every scenario", () => {
  for (const [index, scenario] of CHARGE_SCENARIOS.entries()) {
    for (let seed = 0; seed < 3; seed += 1) {
      const model = MODELS[(3 * index + seed) % MODELS.length] ?? "hyundai-kona";
      const { before, after, energy } = play(scenario, model, seed);
      const hours = scenario.durationS / 3600;
      const countedWh = after.chargedWh - before.chargedWh - (after.dischargedWh - before.dischargedWh);
      const limitWh =
        BATTERY_GAIN_ERROR_MAX * Math.abs(energy.terminalsWh) +
        BATTERY_OFFSET_MAX_A * after.packVoltageV * hours * (1 + BATTERY_GAIN_ERROR_MAX);
      const errorWh = Math.abs(countedWh - energy.terminalsWh);
      assert.ok(errorWh <= limitWh, `${scenario.name}, ${model}: ${errorWh} Wh of ${limitWh}`);
    }
  }
});

test("the powers are those that the scenarios are named after", () => {
  for (const [name, model, low, high] of [
    ["1.8 kW", "hyundai-kona", 1_700, 1_950],
    ["7.4 kW", "chevrolet-bolt", 6_900, 7_800],
    ["22 kW", "renault-zoe-ph2", 20_500, 23_500],
    ["50 kW direct", "hyundai-kona", 40_000, 50_100],
    ["150 kW direct", "hyundai-ioniq-5", 130_000, 150_100],
  ] as const) {
    const { stationWh, seen } = play(named(name), model, 5);
    const peakW = Math.max(...seen.map(({ inlet }) => inlet.activeW));
    assert.ok(peakW > low * 0.95 && peakW < high * 1.05, `${name}: ${peakW} W at best`);
    assert.ok(stationWh > 1_000);
  }
});

test("direct current tapers towards full, goes round the charger, and is counted apart", () => {
  const { seen, before, after, energy } = play(named("150 kW direct"), "ford-mach-e", 2, 30);
  const powers = seen.map(({ packVoltageV, packCurrentA }) => packVoltageV * packCurrentA);
  const peakAt = powers.indexOf(Math.max(...powers));
  assert.ok(peakAt < powers.length / 2, "it is fastest early");
  assert.ok((powers.at(-1) ?? 0) < 0.6 * Math.max(...powers));
  assert.is(energy.converterLossWh, 0);
  assert.ok(seen.every(({ inlet }) => inlet.kind === "dc" && inlet.voltagesV[0] === 0));
  const directWh = after.directWh - before.directWh;
  assert.ok(Math.abs(directWh / (after.chargedWh - before.chargedWh) - 1) < 0.001);
  assert.is(after.alternatingWh, before.alternatingWh);
  assert.is(after.directSessions - before.directSessions, 1);
  assert.is(after.alternatingSessions, before.alternatingSessions);
  const shares = [0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 1].map(directPowerShare);
  assert.equal(
    shares.slice(2),
    [...shares.slice(2)].sort((left, right) => right - left),
  );
});

test("a car without an inlet for direct current takes none, and says that it is not charging", () => {
  const { energy, after } = play(named("50 kW direct"), "renault-zoe-ph1", 1);
  assert.is(energy.inletWh, 0);
  assert.is(after.charging, false);
  assert.is(after.plugged, true);
});

test("a drive discharges, braking charges, and both stand in the counters before the plug", () => {
  const world = new ChargingWorld({ seed: "drive", startMs: SCENE_START_MS });
  const car = world.addVehicle("car", { model: "bmw-i3", stateOfChargePercent: 80 });
  world.addStation(1);
  const battery = world.batteryView("car");
  const before = battery.now();
  world.drive("car", 1_800_000);
  const currents: number[] = [];
  for (let second = 0; second < 1_790; second += 1) {
    world.advanceTo(world.worldMs + 1000);
    const now = battery.now();
    currents.push(now.packCurrentA);
    assert.ok(now.motorRpm !== 0 && now.awake && !now.charging && !now.plugged);
  }
  assert.throws(() => {
    world.plugIn("car", 1);
  }, /drives/);
  world.advanceTo(world.worldMs + 20_000);
  const after = battery.now();
  assert.is(after.motorRpm, 0);
  const regeneratedWh = after.regeneratedWh - before.regeneratedWh;
  assert.ok(regeneratedWh > 200, `${regeneratedWh} Wh`);
  assert.ok(
    Math.abs(after.chargedWh - before.chargedWh - regeneratedWh) < 1,
    "charged includes what came from braking",
  );
  assert.ok(after.dischargedWh - before.dischargedWh > 3 * regeneratedWh);
  assert.is(after.alternatingWh, before.alternatingWh);
  assert.ok(Math.min(...currents) < -50 && Math.max(...currents) > 10);
  assert.ok(car.chargeShare < 0.8);
});

test("heating is fed by the charger and never seen by the battery", () => {
  const [plain, heated] = [play(named("11 kW"), "vw-meb", 4), play(named("heated"), "vw-meb", 4)];
  const ratio = ({ energy }: Played): number => energy.terminalsWh / energy.meterWh;
  assert.ok(ratio(heated) < ratio(plain) - 0.05);
  const onBoardWh = heated.energy.onBoardWh - plain.energy.onBoardWh;
  assert.ok(Math.abs(onBoardWh - ((400 / 3600) * 3_000 + (2_699 / 3600) * 2_200)) < 10, `${onBoardWh} Wh`);
});

test("sun and pauses reach the car: it follows down to 6 A, waits, and goes on", () => {
  const solar = play(named("solar"), "hyundai-kona", 6).seen.map(({ inlet }) => inlet.currentsA[0]);
  assert.ok(solar.some((amperes) => amperes === 0) && solar.some((amperes) => amperes > 13));
  assert.ok(solar.every((amperes) => amperes <= 16.6));
  const paused = play(named("paused"), "hyundai-kona", 6).seen;
  const during = paused.slice(32, 58);
  assert.ok(during.every(({ charging, plugged, inlet }) => !charging && plugged && inlet.pause === "waiting"));
  assert.ok(paused.at(-1)?.charging);
});

test("what the car says of its inlet is the inlet's truth within its sensors' errors", () => {
  for (const scenario of [named("2.3 kW"), named("11 kW"), named("22 kW"), named("50 kW direct")]) {
    for (let seed = 0; seed < 4; seed += 1) {
      const model = (["bmw-i3", "renault-zoe-ph2", "chevrolet-bolt", "vw-e-up"] as const)[seed] ?? "bmw-i3";
      const { energy, after, seen } = play(scenario, model, seed, 20);
      const saidWh = seen.reduce((sum, { inlet }) => sum + (inlet.activeW * 10) / 3600, 0);
      assert.ok(Math.abs(saidWh / energy.inletWh - 1) < 0.055, `${scenario.name}: ${saidWh} of ${energy.inletWh} Wh`);
      const outputRatio = after.inlet.sessionWh / energy.chargerOutputWh;
      assert.ok(Math.abs(outputRatio - 1) < 0.05, `${scenario.name}: ${outputRatio}`);
    }
  }
});

test("apparent power at the inlet is too much at small currents, as on the cars that tell only volts and amperes", () => {
  const { seen } = play(named("1.8 kW"), "chevrolet-bolt", 3);
  const last = seen.at(-1);
  if (last === undefined) throw new Error("nothing seen");
  const apparentW = last.inlet.voltagesV[0] * last.inlet.currentsA[0];
  assert.ok(apparentW > last.inlet.activeW && apparentW < 1.05 * last.inlet.activeW);
});

test("the e-Up's state of charge runs backwards now and then while it charges, the others' never", () => {
  const shown = (model: VehicleModelName): readonly number[] =>
    play({ ...named("7.4 kW"), durationS: 9_000 }, model, 1, 20).seen.map(({ displayPercent }) => displayPercent);
  const falls = (values: readonly number[]): number =>
    values.filter((value, index) => index > 0 && value < (values[index - 1] ?? 0)).length;
  assert.ok(falls(shown("vw-e-up")) > 0);
  assert.is(falls(shown("bmw-i3")), 0);
});

test.run();
