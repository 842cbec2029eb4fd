import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openCircuitV } from "#hal/mock/physics/battery-pack.ts";
import { energyBetween } from "#hal/mock/physics/energy-account.ts";
import type { TrueEnergy } from "#hal/mock/physics/energy-account.ts";
import type { VehicleModelName } from "#hal/mock/physics/vehicle-models.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { makeScene, pass, POWER_LEVELS, startCharge } from "#test/builders/charge-scene.ts";
import type { ChargeScene, SceneOptions } from "#test/builders/charge-scene.ts";

const test = suite("energy balance");

const MODELS: readonly VehicleModelName[] = ["hyundai-kona", "vw-e-up", "renault-zoe-ph2", "bmw-i3", "chevrolet-bolt"];

test("energy is neither made nor lost at any plane, whatever is plugged, permitted, cut and pulled", () => {
  for (let seed = 0; seed < 150; seed += 1) {
    const random = new SeededRandom(`balance ${seed}`);
    const scene = makeScene(randomScene(random, seed));
    for (let turn = 0; turn < 30; turn += 1) actAtRandom(scene, random);
    const energy = scene.vehicle.trueEnergy;
    checkBalance(energy, `seed ${seed}`);
    for (const plane of ["gridWh", "meterWh", "inletWh"] as const) {
      const difference = scene.station.trueEnergy[plane] - energy[plane];
      assert.ok(Math.abs(difference) < 1e-6, `seed ${seed}: station and car share the ${plane} of their one cable`);
    }
  }
});

test("what is stored is the battery's own curve between the two states of charge", () => {
  for (const level of POWER_LEVELS) {
    const scene = startCharge(level, { seed: level.name });
    const [before, from] = [scene.vehicle.trueEnergy, scene.vehicle.chargeShare];
    pass(scene, 5400);
    const storedWh = energyBetween(before, scene.vehicle.trueEnergy).storedWh;
    const expectedWh = curveWh(scene, from, scene.vehicle.chargeShare);
    assert.ok(Math.abs(storedWh / expectedWh - 1) < 1e-4, `${level.name}: ${storedWh} Wh, by the curve ${expectedWh}`);
  }
});

test("losses are losses: each plane has less than the one before it", () => {
  for (const level of POWER_LEVELS) {
    const scene = startCharge(level, { seed: 8 });
    const before = scene.vehicle.trueEnergy;
    pass(scene, 1200);
    const energy = energyBetween(before, scene.vehicle.trueEnergy);
    const planes = [
      energy.gridWh,
      energy.meterWh,
      energy.inletWh,
      energy.chargerOutputWh,
      energy.terminalsWh,
      energy.storedWh,
    ];
    const sorted = [...planes].sort((left, right) => right - left);
    assert.equal(planes, sorted, level.name);
    assert.ok(energy.cableLossWh / energy.meterWh < 0.01, `${level.name}: the cable loses up to 1 %`);
    assert.ok(energy.resistanceLossWh / energy.terminalsWh < 0.025, `${level.name}: the battery loses up to 2 %`);
  }
});

test("wall to battery lies in the default band at 2.3, 3.7, 7.4, 11 and 22 kW, for each of 300 seeds", () => {
  for (const level of POWER_LEVELS) {
    for (let seed = 0; seed < 300; seed += 1) {
      const scene = startCharge(level, { seed: `band ${seed}`, stepMs: 20_000 });
      const before = scene.vehicle.trueEnergy;
      pass(scene, 1200);
      const energy = energyBetween(before, scene.vehicle.trueEnergy);
      const ratio = energy.terminalsWh / energy.meterWh;
      assert.ok(ratio >= level.ratioMin && ratio <= level.ratioMax, `${level.name}, seed ${seed}: ${ratio}`);
    }
  }
});

test("cars differ, and between them cover most of the band at 2.3 kW", () => {
  const ratios = Array.from({ length: 200 }, (_, seed) => {
    const scene = startCharge(POWER_LEVELS[0], { seed, stepMs: 20_000 });
    const before = scene.vehicle.trueEnergy;
    pass(scene, 600);
    const energy = energyBetween(before, scene.vehicle.trueEnergy);
    return energy.terminalsWh / energy.meterWh;
  });
  assert.ok(Math.max(...ratios) - Math.min(...ratios) > 0.06);
});

test("the step size does not matter: every plane within 0.1 % from a quarter of a second to ten", () => {
  for (const seed of ["short", "long", "taper"]) {
    const finest = chargeToTheEnd(seed, 250);
    for (const stepMs of [1000, 5000, 10_000]) {
      const coarser = chargeToTheEnd(seed, stepMs);
      for (const plane of ["gridWh", "meterWh", "inletWh", "chargerOutputWh", "terminalsWh", "storedWh"] as const) {
        const error = coarser[plane] / finest[plane] - 1;
        assert.ok(Math.abs(error) < 0.001, `${seed}, ${stepMs} ms: ${plane} is off by ${(100 * error).toFixed(3)} %`);
      }
    }
  }
});

test("looking does not matter either: reading at odd moments changes no plane by 0.01 %", () => {
  const [watched, alone] = [startCharge(POWER_LEVELS[3], { seed: 4 }), startCharge(POWER_LEVELS[3], { seed: 4 })];
  const endMs = alone.world.worldMs + 3_600_000;
  const random = new SeededRandom("looks");
  while (watched.world.worldMs < endMs) {
    watched.world.advanceTo(Math.min(endMs, watched.world.worldMs + random.between(1, 1700)));
    watched.meter.now();
    watched.battery.now();
  }
  alone.world.advanceTo(endMs);
  const error = watched.vehicle.trueEnergy.terminalsWh / alone.vehicle.trueEnergy.terminalsWh - 1;
  assert.ok(Math.abs(error) < 1e-4, String(error));
});

function randomScene(random: SeededRandom, seed: number): SceneOptions {
  return {
    seed,
    stepMs: random.pick([300, 1000, 7000]),
    station: { phases: random.pick([1, 3]), currentMaxA: random.pick([10, 16, 32]) },
    vehicle: { model: random.pick(MODELS), stateOfChargePercent: random.between(5, 100) },
  };
}

function actAtRandom(scene: ChargeScene, random: SeededRandom): void {
  const actions: readonly (() => void)[] = [
    () => {
      if (scene.vehicle.station === undefined) scene.world.plugIn("car", 1);
    },
    () => {
      scene.evse.setPermittedCurrent(random.between(0, 40));
    },
    () => {
      scene.evse.setPermittedCurrent(random.between(6, 16));
    },
    () => {
      scene.evse.setPermittedCurrent(0);
    },
    () => {
      if (random.chance(0.2)) scene.world.unplug("car");
    },
    () => {
      if (random.chance(0.2)) scene.station.cutPower();
      else scene.station.restorePower();
    },
    () => {
      scene.station.setFault(random.chance(0.2));
    },
  ];
  random.pick(actions)();
  pass(scene, random.pick([0.4, 13, 90, 300]));
}

function checkBalance(energy: TrueEnergy, where: string): void {
  const planes: readonly (readonly [string, number])[] = [
    ["grid to meter", energy.gridWh - energy.feedLossWh - energy.meterWh],
    ["meter to inlet", energy.meterWh - energy.cableLossWh - energy.inletWh],
    ["inlet to charger output", energy.inletWh - energy.converterLossWh - energy.chargerOutputWh],
    ["charger output to terminals", energy.chargerOutputWh - energy.onBoardWh - energy.tractionWh - energy.terminalsWh],
    ["terminals to stored", energy.terminalsWh - energy.resistanceLossWh - energy.storedWh],
  ];
  for (const [plane, missingWh] of planes) {
    assert.ok(Math.abs(missingWh) < 1e-6, `${where}: ${plane} misses ${missingWh} Wh`);
  }
}

/** Integral of the rest voltage over the charge, by ten thousand trapezoids. */
function curveWh(scene: ChargeScene, from: number, to: number): number {
  const { pack } = scene.vehicle;
  const slices = 10_000;
  let sumV = 0;
  for (let slice = 0; slice < slices; slice += 1)
    sumV += openCircuitV(pack, from + ((to - from) * (slice + 0.5)) / slices);
  return (sumV / slices) * (to - from) * pack.capacityAh;
}

function chargeToTheEnd(seed: string, stepMs: number): TrueEnergy {
  const scene = makeScene({ seed, stepMs, vehicle: { stateOfChargePercent: seed === "taper" ? 93 : 70 } });
  scene.world.plugIn("car", 1);
  scene.evse.setPermittedCurrent(16);
  pass(scene, seed === "short" ? 120 : 7200);
  return scene.vehicle.trueEnergy;
}

test.run();
