/**
 * Each model as the station's meter of the simulated world: a charge is read without a fault, and power makes energy.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import { METER_IMAGES } from "#hal/mock/modbus/meter-images.ts";
import type { MeterSource } from "#hal/mock/modbus/meter-source.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import type { MeterReading } from "#hal/ports/energy-meter.ts";
import { openRtuLine } from "./rtu-line.ts";

const CHARGE_MS = 600_000;
const NOTHING = { powerW: 0, voltageV: [0, 0, 0], currentA: [0, 0, 0], frequencyHz: 0 } as const;

const test = suite("meters of the bench");

for (const model of Object.keys(METER_IMAGES)) {
  test(`${model} is read through ten minutes of a charge`, async () => {
    const map = meterModel(model);
    if (map === undefined) throw new Error(`bug: no model ${model}`);
    let source: MeterSource = { now: () => ({ importedMilliWh: 0, ...NOTHING }) };
    const device = new SimulatedMeter({ model, serialNumber: 7, source: { now: () => source.now() } });
    const { bus, clock } = openRtuLine(new Map([[1, device]]));
    const world = new ChargingWorld({ seed: 5, startMs: clock.wallMs(), nowMs: () => clock.wallMs() });
    world.addStation(1, { phases: map.quantities.voltage.length === 1 ? 1 : 3, currentMaxA: 16, stepMilliWh: 1000 });
    world.addVehicle("car", { stateOfChargePercent: 40 });
    world.plugIn("car", 1);
    world.evseView(1).setPermittedCurrent(16);
    source = world.meterView(1);
    const meter = new ModbusMeter({ bus, clock }, { map, unit: 1 });
    const read = async (): Promise<MeterReading> => {
      const reading = await clock.runUntilSettled(meter.read());
      if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
      return reading.value;
    };
    await read();
    await clock.runFor(30_000);
    const before = await read();
    await clock.runFor(CHARGE_MS);
    const after = await read();
    const gainedWh = (after.importedMilliWh - before.importedMilliWh) / 1000;
    const hours = (after.monotonicMs - before.monotonicMs) / 3_600_000;
    const expectedWh = ((before.powerW ?? 0) + (after.powerW ?? 0)) * 0.5 * hours;
    assert.ok(expectedWh > 500, `${expectedWh} Wh`);
    const withinWh = 0.02 * expectedWh + (2 * after.resolutionMilliWh) / 1000;
    assert.ok(Math.abs(gainedWh - expectedWh) <= withinWh, `${gainedWh} Wh in place of ${expectedWh}`);
  });
}

test.run();
