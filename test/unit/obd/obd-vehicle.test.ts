/** The driver against everything that goes wrong between it and the battery, in simulated time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { toHex } from "#base/bytes.ts";
import { joinMemoryLinks, type MemoryCable } from "#hal/mock/memory-link.ts";
import { attachObdAdapter, type ObdBench, type ObdBenchSettings } from "#hal/mock/obd/obd-bench.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { Result } from "#base/result.ts";
import type { VehicleFault, VehicleSample } from "#hal/ports/vehicle-link.ts";
import { hyundaiIoniq5 } from "#hal/vehicles/models/hyundai-ioniq-5.ts";
import { hyundaiKona } from "#hal/vehicles/models/hyundai-kona.ts";
import { vwEUp } from "#hal/vehicles/models/vw-e-up.ts";
import { ObdVehicle } from "#hal/vehicles/obd-vehicle.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { TestBattery } from "../../builders/test-battery.ts";

const test = suite("OBD vehicle");

interface World {
  readonly clock: SimulatedClock;
  readonly battery: TestBattery;
  readonly cable: MemoryCable;
  readonly bench: ObdBench;
  readonly vehicle: ObdVehicle;
  sample(): Promise<Result<VehicleSample, VehicleFault>>;
}

async function makeWorld(
  settings: Partial<ObdBenchSettings> = {},
  profile: VehicleProfile = hyundaiKona,
  pieceBytesMax = 24,
): Promise<World> {
  const clock = new SimulatedClock();
  const battery = new TestBattery();
  const cable = joinMemoryLinks({ clock, seed: settings.seed ?? 1, pieceBytesMax });
  const attached = await attachObdAdapter(
    cable.right,
    { clock, battery },
    { model: "hyundai-kona", baudRate: 38_400, ...settings },
  );
  if (!attached.ok) throw new Error(attached.fault.reason);
  const vehicle = new ObdVehicle({ link: cable.left, clock }, { profile });
  return {
    clock,
    battery,
    cable,
    bench: attached.value,
    vehicle,
    sample: () => clock.runUntilSettled(vehicle.sample()),
  };
}

function codeOf(result: Result<VehicleSample, VehicleFault>): string {
  return result.ok ? "ok" : result.fault.code;
}

function checkTrue(sample: VehicleSample, battery: TestBattery): void {
  const truth = battery.now();
  const { batteryVoltageV, batteryCurrentA } = sample;
  assert.ok(Math.abs((batteryVoltageV ?? 0) - truth.packVoltageV) <= 0.13, `${batteryVoltageV} V`);
  assert.ok(Math.abs((batteryCurrentA ?? 1e9) - truth.packCurrentA) <= 0.13, `${batteryCurrentA} A`);
}

test("a steady sample takes less than a quarter of a second at 38400 baud", async () => {
  const world = await makeWorld();
  await world.sample();
  await world.sample();
  const startedMs = world.clock.monotonicMs();
  assert.is(codeOf(await world.sample()), "ok");
  assert.ok(world.clock.monotonicMs() - startedMs < 250, `${world.clock.monotonicMs() - startedMs} ms`);
});

test("under every fault of line, adapter and car at once, no sample is wrong and most arrive", async () => {
  let good = 0;
  const runs = 12;
  const samples = 25;
  for (let seed = 0; seed < runs; seed += 1) {
    const world = await makeWorld({ seed, persona: seed % 2 === 0 ? "genuine" : "clone", faults: EVERYTHING });
    for (let index = 0; index < samples; index += 1) {
      const current = 5 + index;
      world.battery.change({
        packCurrentA: current,
        packVoltageV: 362 + index / 4,
        cellVoltageMaxV: 3.72,
        cellVoltageMinV: 3.7,
      });
      const sample = await world.sample();
      if (sample.ok) {
        good += 1;
        checkTrue(sample.value, world.battery);
      }
      await world.clock.runFor(1000);
    }
    await world.clock.runUntilSettled(world.vehicle.close());
  }
  assert.ok(good > 0.8 * runs * samples, `${good} of ${runs * samples}`);
});

/** About as often, each, as in the recordings; together much more. */
const EVERYTHING = {
  lostCharacters: 0.004,
  lostLine: 0.004,
  mergedLines: 0.004,
  receiveError: 0.002,
  leftover: 0.05,
  glued: 0.05,
  bufferFull: 0.005,
  reboot: 0.02,
  hang: 0.02,
  pending: 0.03,
  refused: 0.03,
  unanswered: 0.03,
  chatter: 0.1,
};

test("a unit that asks for patience is asked again until it answers", async () => {
  const world = await makeWorld({ faults: { pending: 1, pendingMs: 700 } });
  const sample = await world.sample();
  assert.ok(sample.ok, JSON.stringify(sample));
  checkTrue(sample.value, world.battery);
});

test("a refusal is told with its code", async () => {
  const world = await makeWorld({ faults: { refused: 1 } });
  const sample = await world.sample();
  assert.equal(sample, { ok: false, fault: { code: "VEHICLE_REFUSED", request: "220101", responseCode: 0x22 } });
});

test("another car than configured does not answer, and is not guessed at", async () => {
  const world = await makeWorld({ model: "vw-e-up" });
  assert.is(codeOf(await world.sample()), "VEHICLE_ASLEEP");
});

test("a battery with the wrong number of cells is another car's", async () => {
  const world = await makeWorld({}, hyundaiIoniq5);
  const sample = await world.sample();
  assert.ok(!sample.ok && sample.fault.code === "VEHICLE_IMPLAUSIBLE" && sample.fault.quantity === "batteryVoltageV");
  const again = await world.sample();
  assert.ok(!again.ok && again.fault.code === "VEHICLE_WRONG_PROFILE" && again.fault.check === "cell-count");
  assert.is(world.vehicle.findings().find(({ check }) => check === "cell-count")?.outcome, "failed");
});

test("a counter that runs back is not believed once, and begins anew after that", async () => {
  const world = await makeWorld();
  assert.is(codeOf(await world.sample()), "ok");
  world.battery.change({ chargedWh: 1_000_000 });
  const fallen = await world.sample();
  assert.ok(!fallen.ok && fallen.fault.code === "VEHICLE_IMPLAUSIBLE" && fallen.fault.quantity === "chargedMilliWh");
  assert.is(codeOf(await world.sample()), "ok");
});

test("a frozen adapter is silent within the budget, then reopened", async () => {
  const world = await makeWorld();
  await world.sample();
  world.bench.adapter.freeze();
  const startedMs = world.clock.monotonicMs();
  const silent = await world.sample();
  assert.ok(!silent.ok && silent.fault.code === "VEHICLE_ADAPTER_SILENT", JSON.stringify(silent));
  assert.ok(world.clock.monotonicMs() - startedMs < 20_000);
  world.bench.adapter.thaw();
  await world.clock.runFor(2_000);
  assert.is(codeOf(await world.sample()), "ok");
});

test("a megabyte without a prompt is thrown away and the adapter brought back", async () => {
  const world = await makeWorld({}, hyundaiKona, 1024);
  await world.sample();
  const pending = world.vehicle.sample();
  await world.cable.right.write(new Uint8Array(1024 * 1024).fill(0x41));
  const during = await world.clock.runUntilSettled(pending);
  assert.is(codeOf(during), "VEHICLE_ADAPTER_SILENT");
  await world.clock.runFor(3_000);
  const sample = await world.sample();
  assert.ok(sample.ok, JSON.stringify(sample));
  checkTrue(sample.value, world.battery);
});

test("the adapter is reopened less and less often", async () => {
  const world = await makeWorld();
  world.cable.cut("no such device");
  let openings = 0;
  const open = world.cable.left.open.bind(world.cable.left);
  world.cable.left.open = (listener) => {
    openings += 1;
    return open(listener);
  };
  for (let second = 0; second < 600; second += 1) {
    assert.is(codeOf(await world.sample()), "VEHICLE_ADAPTER_UNREACHABLE");
    await world.clock.runFor(1000);
  }
  assert.ok(openings >= 10 && openings <= 25, `${openings} openings in ten minutes`);
});

test("a sleeping car is asked less and less often", async () => {
  const world = await makeWorld();
  world.bench.car.fallAsleep();
  let requests = 0;
  const transmit = world.bench.car.transmit.bind(world.bench.car);
  world.bench.car.transmit = (frame) => {
    requests += 1;
    transmit(frame);
  };
  for (let second = 0; second < 600; second += 1) {
    assert.is(codeOf(await world.sample()), "VEHICLE_ASLEEP");
    await world.clock.runFor(1000);
  }
  assert.ok(requests >= 20 && requests <= 60, `${requests} requests in ten minutes`);
});

test("voltage and current of two replies are dated in the middle of both, and all replies are kept", async () => {
  const world = await makeWorld({ model: "vw-e-up" }, vwEUp);
  const sample = await world.sample();
  assert.ok(sample.ok, JSON.stringify(sample));
  checkTrue(sample.value, world.battery);
  assert.is(sample.value.charging, true);
  // Voltage, current, and what else is due: at the first sample all that the car answers.
  assert.ok(sample.value.rawReplies.length >= 5, `${sample.value.rawReplies.length} replies`);
  assert.match(toHex(sample.value.rawReplies[0] ?? new Uint8Array()), /^374544/);
  assert.ok(Math.abs((sample.value.chargedMilliWh ?? 0) - 12_345_678_000) <= 117);
});

test.run();
