/** What every vehicle link must do, whatever line and adapter are between it and the car. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import type { ObdBench } from "#hal/mock/obd/obd-bench.ts";
import type { TestBattery } from "../builders/test-battery.ts";

export interface VehicleLinkFixture {
  readonly vehicle: VehicleLink;
  readonly battery: TestBattery;
  readonly bench: ObdBench;
  readonly clock: Clock;
  readonly profile: string;
  /** The adapter's banner, as `identify` must tell it. */
  readonly adapter: string;
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  /** Lets the time pass that the promise needs, where time is simulated. */
  settle<Value>(promise: Promise<Value>): Promise<Value>;
  pass(durationMs: number): Promise<void>;
  dispose(): Promise<void>;
}

export function vehicleLinkContract(name: string, make: () => Promise<VehicleLinkFixture>): void {
  const test = suite<{ fixture: VehicleLinkFixture }>(`vehicle link: ${name}`);

  test.before.each(async (context) => {
    context.fixture = await make();
  });
  test.after.each(async ({ fixture }) => {
    await fixture.settle(fixture.vehicle.close());
    await fixture.dispose();
  });

  test("it names the adapter and the profile", async ({ fixture }) => {
    const identity = await fixture.settle(fixture.vehicle.identify());
    assert.ok(identity.ok);
    assert.equal(identity.value, { adapter: fixture.adapter, profile: fixture.profile });
  });

  test("a sample is what the battery does, current into the battery positive", async ({ fixture }) => {
    checkSample(await sampleOf(fixture), fixture);
  });

  test("current out of the battery is negative", async ({ fixture }) => {
    fixture.battery.change({ packCurrentA: -35.5, charging: false, motorRpm: 3000 });
    const sample = await sampleOf(fixture);
    assert.ok(Math.abs((sample.batteryCurrentA ?? 0) + 35.5) < 0.13, `${sample.batteryCurrentA} A`);
    assert.is(sample.charging, false);
  });

  test("each sample is fresh, dated in the middle of its exchange", async ({ fixture }) => {
    const first = await sampleOf(fixture);
    fixture.battery.change({ packCurrentA: 8 });
    const beforeMs = fixture.clock.monotonicMs();
    const second = await sampleOf(fixture);
    const afterMs = fixture.clock.monotonicMs();
    assert.ok(Math.abs((second.batteryCurrentA ?? 0) - 8) < 0.13);
    assert.ok(second.monotonicMs > beforeMs && second.monotonicMs < afterMs);
    assert.ok(first.monotonicMs < second.monotonicMs && first.wallMs <= second.wallMs);
  });

  test("calls that overlap are answered in order", async ({ fixture }) => {
    const { vehicle } = fixture;
    const calls = Promise.all([vehicle.sample(), vehicle.identify(), vehicle.sample()]);
    const [first, identity, second] = await fixture.settle(calls);
    assert.ok(first.ok && identity.ok && second.ok);
    assert.ok(first.value.monotonicMs < second.value.monotonicMs);
  });

  test("a sleeping car is said to sleep, and is read again when it wakes", async ({ fixture }) => {
    await sampleOf(fixture);
    fixture.bench.car.fallAsleep();
    const asleep = await fixture.settle(fixture.vehicle.sample());
    assert.ok(!asleep.ok && asleep.fault.code === "VEHICLE_ASLEEP", JSON.stringify(asleep));
    fixture.bench.car.wakeUp();
    await fixture.pass(300);
    checkSample(await sampleOf(fixture), fixture);
  });

  test("an adapter that starts anew is set up anew", async ({ fixture }) => {
    await sampleOf(fixture);
    fixture.bench.adapter.reboot();
    await fixture.pass(1200);
    checkSample(await sampleOf(fixture), fixture);
  });

  test("an adapter that starts anew during the exchange costs time, not truth", async ({ fixture }) => {
    await sampleOf(fixture);
    const pending = fixture.vehicle.sample();
    fixture.clock.wakeAt(fixture.clock.monotonicMs() + 25, () => {
      fixture.bench.adapter.reboot();
    });
    const sample = await fixture.settle(pending);
    assert.ok(sample.ok, JSON.stringify(sample));
    checkSample(sample.value, fixture);
  });

  test("an adapter that is pulled is unreachable, and serves again when it is back", async ({ fixture }) => {
    await sampleOf(fixture);
    await fixture.unplug();
    const gone = await fixture.settle(fixture.vehicle.sample());
    assert.ok(!gone.ok && gone.fault.code === "VEHICLE_ADAPTER_UNREACHABLE", JSON.stringify(gone));
    await fixture.plugIn();
    await fixture.pass(1100);
    checkSample(await sampleOf(fixture), fixture);
  });

  test("after close every pending and later call is told so", async ({ fixture }) => {
    const { vehicle } = fixture;
    const pending = [vehicle.sample(), vehicle.sample()];
    await fixture.settle(vehicle.close());
    const results = await fixture.settle(Promise.all([...pending, vehicle.sample(), vehicle.identify()]));
    for (const result of results) assert.ok(!result.ok && result.fault.code === "VEHICLE_CLOSED");
  });

  test.run();
}

async function sampleOf(fixture: VehicleLinkFixture): Promise<VehicleSample> {
  const sample = await fixture.settle(fixture.vehicle.sample());
  assert.ok(sample.ok, JSON.stringify(sample));
  return sample.value;
}

function checkSample(sample: VehicleSample, { battery }: VehicleLinkFixture): void {
  const truth = battery.now();
  const near = (value: number | null, wanted: number, within: number): void => {
    assert.ok(value !== null && Math.abs(value - wanted) <= within, `${value} instead of ${wanted}`);
  };
  near(sample.batteryVoltageV, truth.packVoltageV, 0.13);
  near(sample.batteryCurrentA, truth.packCurrentA, 0.13);
  near(sample.stateOfChargePercent, truth.stateOfChargePercent, 0.26);
  near(sample.chargedMilliWh, truth.chargedWh * 1000, sample.chargedResolutionMilliWh ?? 0);
  assert.is(sample.charging, truth.charging);
  assert.ok(sample.rawReplies.length > 0 && sample.rawReplies.every((reply) => reply.length > 0));
}
