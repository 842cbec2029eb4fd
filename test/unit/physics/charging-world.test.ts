import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { energyBetween } from "#hal/mock/physics/energy-account.ts";
import type { MeterSource } from "#hal/mock/modbus/meter-source.ts";
import { SimulatedEvse } from "#hal/mock/modbus/simulated-evse.ts";
import type { BatterySource } from "#hal/mock/obd/battery-source.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { makeScene, pass, POWER_LEVELS, SCENE_START_MS, startCharge } from "#test/builders/charge-scene.ts";
import type { ChargeScene } from "#test/builders/charge-scene.ts";

const test = suite("charging world");

test("nothing flows before a car is plugged in and a current is permitted", () => {
  const scene = makeScene({ seed: 1 });
  scene.evse.setPermittedCurrent(16);
  pass(scene, 60);
  assert.is(scene.evse.plugState(), "unplugged");
  scene.evse.setPermittedCurrent(0);
  scene.world.plugIn("car", 1);
  pass(scene, 60);
  assert.is(scene.evse.plugState(), "plugged");
  assert.is(scene.station.trueEnergy.meterWh, 0);
  scene.evse.setPermittedCurrent(16);
  assert.is(scene.evse.plugState(), "plugged", "the car takes some seconds to answer");
  pass(scene, 30);
  assert.is(scene.evse.plugState(), "charging");
  assert.ok(scene.meter.now().powerW > 10_000);
  assert.ok(scene.battery.now().charging && scene.battery.now().plugged);
});

test("the current rises gradually, and never above what is permitted, built for, or possible for the car", () => {
  const scene = makeScene({ seed: 3, station: { currentMaxA: 32, phases: 3 }, vehicle: { model: "vw-e-up" } });
  scene.world.plugIn("car", 1);
  scene.evse.setPermittedCurrent(32);
  const rises: number[] = [];
  let previousA = 0;
  for (let second = 0; second < 60; second += 1) {
    pass(scene, 1);
    const [firstA, , thirdA] = scene.meter.now().currentA;
    rises.push(firstA - previousA);
    previousA = firstA;
    assert.is(thirdA, 0, "its charger has two phases");
  }
  assert.ok(Math.max(...rises) < 7 && Math.max(...rises) > 1);
  assert.ok(Math.abs(previousA - 16) < 0.4);
});

test("a smaller permit is obeyed within seconds, a larger one after a while, none at all at once", () => {
  const scene = startCharge(POWER_LEVELS[3], { seed: 5 });
  scene.evse.setPermittedCurrent(8);
  pass(scene, 5);
  assert.ok(Math.abs(scene.meter.now().currentA[0] - 8) < 0.2);
  scene.evse.setPermittedCurrent(13.5);
  pass(scene, 20);
  // A charger counts in whole amperes, and takes no more than it was offered.
  assert.ok(Math.abs(scene.meter.now().currentA[0] - 13) < 0.3);
  scene.evse.setPermittedCurrent(0);
  pass(scene, 3);
  assert.is(scene.meter.now().powerW, 0);
  assert.is(scene.evse.plugState(), "plugged");
});

test("less than 6 A cannot be said by the pilot, so it is nothing", () => {
  const scene = startCharge(POWER_LEVELS[3], { seed: 5 });
  scene.evse.setPermittedCurrent(5.9);
  pass(scene, 5);
  assert.is(scene.meter.now().powerW, 0);
});

test("a car pulled off in mid-charge takes nothing more, and a new plug finds what the controller permits by then", () => {
  const scene = startCharge(POWER_LEVELS[4], { seed: 6 });
  scene.world.unplug("car");
  const atPull = scene.vehicle.trueEnergy;
  assert.is(scene.evse.plugState(), "unplugged");
  pass(scene, 60);
  const after = energyBetween(atPull, scene.vehicle.trueEnergy);
  assert.is(after.meterWh, 0);
  assert.ok(after.terminalsWh < 0, "it runs its electronics from the battery until it sleeps");
  assert.not(scene.battery.now().plugged);
  scene.evse.setPermittedCurrent(0);
  scene.world.plugIn("car", 1);
  pass(scene, 60);
  assert.is(scene.evse.plugState(), "plugged");
  scene.evse.setPermittedCurrent(10);
  pass(scene, 60);
  assert.is(scene.evse.plugState(), "charging");
});

test("near full the power falls away, the charge ends, and the pilot says so", () => {
  const scene = startCharge(POWER_LEVELS[3], { seed: 7, vehicle: { stateOfChargePercent: 90 } });
  const fullW = scene.meter.now().powerW;
  const powers: number[] = [];
  for (let minute = 0; minute < 180 && scene.evse.plugState() === "charging"; minute += 1) {
    pass(scene, 60);
    powers.push(scene.meter.now().powerW);
  }
  assert.is(scene.evse.plugState(), "plugged");
  assert.ok(powers.filter((powerW) => powerW > 0.1 * fullW && powerW < 0.9 * fullW).length > 5);
  const falling = powers.slice(-8, -2);
  assert.equal(
    falling,
    [...falling].sort((left, right) => right - left),
  );
  assert.ok(scene.vehicle.chargeShare > 0.99 && scene.vehicle.chargeShare <= 1);
  assert.ok(scene.battery.now().displayPercent > 98);
  assert.ok(scene.battery.now().stateOfChargePercent > 93, "the management counts the reserve too");
  const ended = scene.station.trueEnergy.meterWh;
  pass(scene, 3600);
  assert.is(scene.station.trueEnergy.meterWh, ended);
});

test("a parked car falls asleep, drains a little that its counters do not see, and wakes on the plug", () => {
  const scene = makeScene({ seed: 8, stepMs: 10_000 });
  scene.vehicle.wake(SCENE_START_MS);
  pass(scene, 1000);
  const asleep = scene.battery.now();
  assert.not(asleep.awake);
  const before = scene.vehicle.trueEnergy;
  pass(scene, 24 * 3600);
  const drainedWh = -energyBetween(before, scene.vehicle.trueEnergy).storedWh;
  assert.ok(drainedWh > 20 && drainedWh < 200, `${drainedWh} Wh a day`);
  const later = scene.battery.now();
  assert.is(later.dischargedWh, asleep.dischargedWh);
  assert.is(later.packCurrentA, 0);
  scene.world.plugIn("car", 1);
  assert.ok(scene.battery.now().awake);
  assert.ok(scene.battery.now().auxiliaryVoltageV > asleep.auxiliaryVoltageV + 0.5);
});

test("a power cut stops the charge at once, keeps the register, and needs a new permit", () => {
  const scene = startCharge(POWER_LEVELS[3], { seed: 9 });
  const before = scene.meter.now().importedMilliWh;
  scene.world.change(() => {
    scene.station.cutPower();
  });
  assert.equal(scene.meter.now().voltageV, [0, 0, 0]);
  pass(scene, 600);
  assert.not(scene.station.isPowered);
  scene.world.change(() => {
    scene.station.restorePower();
  });
  pass(scene, 60);
  assert.is(scene.evse.plugState(), "plugged");
  const dark = scene.meter.now();
  assert.ok(dark.importedMilliWh - before < 20_000, "not more than the step that was not yet shown");
  assert.ok(dark.voltageV[0] > 207);
  scene.evse.setPermittedCurrent(16);
  pass(scene, 60);
  assert.ok(scene.meter.now().powerW > 10_000);
});

test("a fault of the station opens its contactor", () => {
  const scene = startCharge(POWER_LEVELS[3], { seed: 10 });
  scene.world.change(() => {
    scene.station.setFault(true);
  });
  assert.is(scene.evse.plugState(), "fault");
  pass(scene, 2);
  assert.is(scene.meter.now().powerW, 0);
  scene.evse.setPermittedCurrent(16);
  pass(scene, 30);
  assert.is(scene.meter.now().powerW, 0);
  scene.world.change(() => {
    scene.station.setFault(false);
  });
  pass(scene, 30);
  assert.ok(scene.meter.now().powerW > 10_000);
});

test("state of charge, cells and pack voltage of one car tell the same story", () => {
  const scene = startCharge(POWER_LEVELS[3], { seed: 11 });
  const before = scene.battery.now();
  pass(scene, 7200);
  const after = scene.battery.now();
  const cells = scene.vehicle.pack.cellsInSeries;
  for (const now of [before, after]) {
    assert.ok(now.cellVoltageMinV < now.cellVoltageMaxV);
    const meanV = now.packVoltageV / cells;
    assert.ok(now.cellVoltageMinV < meanV * 1.006 && now.cellVoltageMaxV > meanV * 0.994);
  }
  assert.ok(after.stateOfChargePercent > before.stateOfChargePercent + 20);
  assert.ok(after.packVoltageV > before.packVoltageV);
  assert.is(after.operatingSeconds - before.operatingSeconds, 7200);
  assert.ok(before.chargedWh > 1e5 && before.dischargedWh < before.chargedWh, "the counters began long ago");
});

test("the same seed is the same history, another seed another one", () => {
  assert.equal(history("x"), history("x"));
  assert.not.equal(history("x"), history("y"));
});

test("another station and another car change nothing for the first", () => {
  const alone = history("crowd");
  const crowded = history("crowd", (world) => {
    world.addStation(2);
    world.addVehicle("other");
    world.plugIn("other", 2);
    world.evseView(2).setPermittedCurrent(16);
  });
  assert.equal(crowded, alone);
});

test("views that follow a clock are of now without anyone advancing the world", async () => {
  const clock = new SimulatedClock();
  const world = new ChargingWorld({ seed: 12, startMs: clock.wallMs(), nowMs: () => clock.wallMs() });
  world.addStation(1);
  world.addVehicle("car");
  world.plugIn("car", 1);
  world.evseView(1).setPermittedCurrent(16);
  await clock.runFor(60_000);
  assert.ok(world.meterView(1).now().powerW > 10_000);
  assert.is(world.worldMs, clock.wallMs());
});

test("the simulated meter, charge controller and car run on the views", () => {
  const scene = makeScene({ seed: 14 });
  const battery: BatterySource = scene.battery;
  const source: MeterSource = scene.meter;
  const controller = new SimulatedEvse(scene.evse);
  scene.world.plugIn("car", 1);
  assert.is(controller.write(1004, [1]), undefined);
  pass(scene, 60);
  assert.is(source.now().powerW, 0);
  controller.write(1000, [10]);
  controller.write(1004, [0]);
  pass(scene, 60);
  assert.ok(Math.abs(source.now().currentA[0] - 10) < 0.3);
  assert.equal(controller.read(3, 1002, 1), [3]);
  assert.ok(battery.now().packCurrentA > 10);
});

test("wiring mistakes of the bench are bugs: two cars on one cable, one car on two, an unknown name", () => {
  const { world } = makeScene({ seed: 13 });
  world.addVehicle("second");
  world.addStation(2);
  world.plugIn("car", 1);
  assert.throws(() => {
    world.plugIn("second", 1);
  }, /one cable/);
  assert.throws(() => {
    world.plugIn("car", 2);
  }, /one inlet/);
  assert.throws(() => world.meterView(7), /station 7/);
  assert.throws(() => world.batteryView("nobody"), /vehicle nobody/);
});

/** Everything both sides show in a charge with a change and a pull. */
function history(seed: string, prepare?: (world: ChargingWorld) => void): readonly unknown[] {
  const scene: ChargeScene = makeScene({ seed });
  prepare?.(scene.world);
  const shown: unknown[] = [];
  scene.world.plugIn("car", 1);
  scene.evse.setPermittedCurrent(16);
  for (let turn = 0; turn < 60; turn += 1) {
    pass(scene, 10);
    if (turn === 30) scene.evse.setPermittedCurrent(7);
    if (turn === 50) scene.world.unplug("car");
    shown.push(scene.meter.now(), scene.battery.now(), scene.evse.plugState());
  }
  return shown;
}

test.run();
