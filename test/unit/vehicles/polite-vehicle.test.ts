/** Politeness towards the car's 12 V battery: how often it is really asked, whoever wants samples each second. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { PoliteVehicle } from "#hal/vehicles/polite-vehicle.ts";
import { ToldVehicle, type Told } from "#test/builders/told-vehicle.ts";

const test = suite("polite vehicle");
const PARKED: Told = { batteryVoltageV: 360, batteryCurrentA: 0, charging: false, plugged: false };
const CHARGING: Told = { batteryVoltageV: 360, batteryCurrentA: 20, charging: true, plugged: true };

function makeWorld(told: Told | undefined, supplyV: number | null) {
  const clock = new SimulatedClock();
  const vehicle = new ToldVehicle(clock);
  vehicle.told = told;
  vehicle.supplyV = supplyV;
  const polite = new PoliteVehicle({ vehicle, clock });
  /** Wants a sample each second; how often the car was asked. */
  const run = async (seconds: number, each: () => void = () => undefined): Promise<number> => {
    const before = vehicle.asked;
    for (let second = 0; second < seconds; second += 1) {
      each();
      await polite.sample();
      await clock.runFor(1000);
    }
    return vehicle.asked - before;
  };
  return { vehicle, polite, run };
}

test("a parked car at rest is asked once and then left alone for hours", async () => {
  const { run } = makeWorld(PARKED, 12.6);
  assert.is(await run(3 * 3600), 1);
});

test("a parked car whose 12 V system is charged is looked at every five to fifteen minutes", async () => {
  const { run } = makeWorld(PARKED, 13.6);
  const asked = await run(3600);
  assert.ok(asked >= 4 && asked <= 7, `${asked} times an hour`);
});

test("a charging car is asked each second", async () => {
  const { run } = makeWorld(CHARGING, 14.2);
  assert.is(await run(600), 600);
});

test("nothing is asked while the 12 V battery is low, not even when a charge is expected", async () => {
  const { run, polite } = makeWorld(PARKED, 11.9);
  const asked = await run(1800, () => {
    polite.expectCharge();
  });
  assert.is(asked, 0);
  const sample = await polite.sample();
  assert.ok(!sample.ok && sample.fault.code === "VEHICLE_LEFT_ALONE" && sample.fault.why === "low-supply");
});

test("three silences, and it sleeps a quarter of an hour; an expected charge wakes it", async () => {
  const { run, polite } = makeWorld(undefined, 13.6);
  polite.expectCharge();
  assert.is(await run(600), 3);
  polite.expectCharge();
  assert.ok((await run(2)) > 0);
});

test("a charge that is expected is watched each second although the car does not say that it is plugged in", async () => {
  const { run, polite } = makeWorld({ ...PARKED, plugged: null }, 12.6);
  const asked = await run(300, () => {
    polite.expectCharge();
  });
  assert.is(asked, 300);
});

test("an adapter that cannot tell the voltage leaves the slowest pace of all", async () => {
  const { run } = makeWorld(PARKED, null);
  const asked = await run(3600);
  assert.ok(asked >= 4 && asked <= 5, `${asked} times an hour`);
});

test.run();
