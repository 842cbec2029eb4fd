/**
 * Each simulated car through an adapter: its encoder was written apart from the profile, so that an offset that is
 * wrong on one side shows.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { joinMemoryLinks, type MemoryCable } from "#hal/mock/memory-link.ts";
import { carModelNames, type CarModel } from "#hal/mock/obd/car-model.ts";
import { attachObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { VehicleSample } from "#hal/ports/vehicle-link.ts";
import { IdentifyingVehicle } from "#hal/vehicles/identifying-vehicle.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import { ObdVehicle } from "#hal/vehicles/obd-vehicle.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { TestBattery } from "../../builders/test-battery.ts";

const test = suite("simulated cars by their profiles");

/** Cells in series, where the first of the profile's counts is not the car's own alone. */
const CELLS: Readonly<Partial<Record<CarModel, number>>> = { "kia-niro-sg2": 96, "hyundai-kona": 98 };

async function plugIn(model: CarModel): Promise<{ clock: SimulatedClock; battery: TestBattery; cable: MemoryCable }> {
  const clock = new SimulatedClock();
  const cells = CELLS[model] ?? vehicleProfile(model)?.cellCounts[0] ?? 98;
  const battery = new TestBattery({ packVoltageV: cells * 3.72, cellVoltageMaxV: 3.72, cellVoltageMinV: 3.72 });
  const cable = joinMemoryLinks({ clock, seed: model });
  const attached = await attachObdAdapter(cable.right, { clock, battery }, { model, baudRate: 38_400 });
  if (!attached.ok) throw new Error(attached.fault.reason);
  return { clock, battery, cable };
}

for (const model of carModelNames()) {
  test(`${model} is read as it is, and charges within half a minute`, async () => {
    const { clock, battery, cable } = await plugIn(model);
    const profile = vehicleProfile(model);
    assert.ok(profile !== undefined, "every simulated car has a profile");
    const vehicle = new ObdVehicle({ link: cable.left, clock }, { profile });
    let last: VehicleSample | undefined;
    for (let second = 0; second <= 32; second += 1) {
      const sample = await clock.runUntilSettled(vehicle.sample());
      assert.ok(sample.ok, JSON.stringify(sample));
      last = sample.value;
      checkBattery(last, battery, profile.counter?.includesRegeneration === true);
      await clock.runFor(1000);
    }
    assert.ok(last !== undefined);
    assert.is(last.charging, true);
    assert.ok(last.inlet === null || last.inlet.powerW > 3_000, JSON.stringify(last.inlet));
    for (const { check, outcome, found } of vehicle.findings()) {
      // The battery's counters stand still here.
      if (check !== "counter") assert.is.not(outcome, "failed", `${check}: ${found}`);
    }
  });

  test(`${model} is known without being named`, async () => {
    const { clock, cable } = await plugIn(model);
    const makeLine = (sessions: readonly number[]): ObdAdapter => new ObdAdapter({ link: cable.left, clock }, sessions);
    const vehicle = new IdentifyingVehicle({ clock, makeLine }, { profiles: vehicleProfiles });
    const startedMs = clock.monotonicMs();
    const sample = await clock.runUntilSettled(vehicle.sample());
    assert.ok(sample.ok, JSON.stringify(sample));
    assert.is(vehicle.identified?.profile?.name, model);
    assert.ok(clock.monotonicMs() - startedMs < 15_000, `${clock.monotonicMs() - startedMs} ms`);
  });
}

function checkBattery(sample: VehicleSample, battery: TestBattery, includesRegeneration: boolean): void {
  const { packVoltageV, packCurrentA, chargedWh, regeneratedWh, stateOfChargePercent } = battery.now();
  const near = (value: number | null, wanted: number, within: number): void => {
    assert.ok(value !== null && Math.abs(value - wanted) <= within + 1e-9, `${value} instead of ${wanted}`);
  };
  if (sample.batteryVoltageV !== null) {
    near(sample.batteryVoltageV, packVoltageV, sample.voltageStepV ?? 0);
    near(sample.batteryCurrentA, packCurrentA, sample.currentStepA ?? 0);
  }
  if (sample.chargedMilliWh !== null) {
    const countedWh = includesRegeneration ? chargedWh : chargedWh - regeneratedWh;
    near(sample.chargedMilliWh, countedWh * 1000, sample.chargedResolutionMilliWh ?? 0);
  }
  near(sample.stateOfChargePercent, stateOfChargePercent, 0.5);
}

test.run();
