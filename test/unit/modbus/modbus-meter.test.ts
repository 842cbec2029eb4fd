/** The meter driver on a serial line in memory: what it believes, what it refuses, and what it learns. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import type { ModbusException } from "#hal/mock/modbus/simulated-unit.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { openRtuLine, type RtuLine } from "./rtu-line.ts";

const STATE: MeterState = {
  importedMilliWh: 1_234_560_000,
  exportedMilliWh: 1_250_000,
  powerW: 6908,
  voltageV: [230.1, 231.2, 229.3],
  currentA: [10, 10, 10],
  frequencyHz: 50,
};

interface Bench extends RtuLine {
  readonly meter: ModbusMeter;
  readonly device: WatchedMeter;
  state: MeterState;
}

/** A simulated meter that keeps a list of what it was asked, and may lack registers. */
class WatchedMeter extends SimulatedMeter {
  readonly asked: string[] = [];
  readonly lacking = new Set<number>();

  override read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    this.asked.push(`${functionCode}:${address}+${count}`);
    const lacks = [...this.lacking].some((register) => register >= address && register < address + count);
    return lacks ? { exception: 2 } : super.read(functionCode, address, count);
  }
}

function bench(model: string, options: { map?: Partial<RegisterMap>; serialNumber?: number } = {}): Bench {
  const map = meterModel(model);
  if (map === undefined) throw new Error(`bug: no model ${model}`);
  const world = { state: STATE };
  const source = { now: () => world.state };
  const device = new WatchedMeter({ model, source, serialNumber: options.serialNumber ?? 1_234_567 });
  const units = new Map([[1, device]]);
  const line = openRtuLine(units);
  const meter = new ModbusMeter({ bus: line.bus, clock: line.clock }, { map: { ...map, ...options.map }, unit: 1 });
  return Object.assign(world, { ...line, meter, device });
}

const test = suite("modbus meter");

test("the first reading asks who the meter is, the second one does not", async () => {
  const { clock, meter, device } = bench("eastron-sdm630");
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  assert.equal(device.asked, ["3:64512+2", "4:0+12", "4:52+2", "4:70+6"]);
  device.asked.length = 0;
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  assert.equal(device.asked, ["4:0+12", "4:52+2", "4:70+6"]);
});

test("the time of a reading is that of the energy's arrival", async () => {
  const { clock, meter } = bench("eastron-sdm630");
  const beforeMs = clock.monotonicMs();
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok && reading.value.monotonicMs > beforeMs && reading.value.monotonicMs <= clock.monotonicMs());
  assert.is(reading.value.wallMs - reading.value.monotonicMs, clock.wallMs() - clock.monotonicMs());
});

test("readings that overlap share the line's work, but none is older than its call", async () => {
  const box = bench("abb-b23");
  const { clock, meter } = box;
  const first = meter.read();
  await clock.runFor(400);
  box.state = { ...STATE, importedMilliWh: 2_000_000_000 };
  const [second, third] = [meter.read(), meter.read()];
  const later = await clock.runUntilSettled(Promise.all([second, third]));
  assert.ok((await first).ok);
  for (const reading of later) assert.ok(reading.ok && reading.value.importedMilliWh === 2_000_000_000);
});

for (const [name, change, quantity] of [
  ["a voltage of 23 V", { voltageV: [23, 231, 229] }, "voltage L1"],
  ["three dead phases", { voltageV: [0, 0, 0] }, "voltage L1"],
  ["500 Hz", { frequencyHz: 500 }, "frequency"],
  ["more power than volts and amperes allow", { powerW: 12_000 }, "power"],
  ["more power fed back than volts and amperes allow", { powerW: -12_000 }, "power"],
] as const) {
  test(`${name}: refused`, async () => {
    const box = bench("abb-b23");
    box.state = { ...STATE, ...change };
    const reading = await box.clock.runUntilSettled(box.meter.read());
    assert.ok(!reading.ok && reading.fault.code === "METER_IMPLAUSIBLE", JSON.stringify(reading));
    assert.is(reading.fault.quantity, quantity);
  });
}

test("a three-phase meter on one phase is believed", async () => {
  const box = bench("abb-b23");
  box.state = { ...STATE, voltageV: [230, 0, 2], currentA: [10, 0, 0], powerW: 2300 };
  const reading = await box.clock.runUntilSettled(box.meter.read());
  assert.ok(reading.ok);
  assert.equal(reading.value.voltageV, [230, 0, 2]);
});

for (const model of ["eastron-sdm630", "eastron-sdm120", "abb-b23", "cg-em3x0"]) {
  test(`${model} with the wrong word order is refused, not believed`, async () => {
    const wordOrder = meterModel(model)?.wordOrder === "low-first" ? "high-first" : "low-first";
    const { clock, meter } = bench(model, { map: { wordOrder } });
    const reading = await clock.runUntilSettled(meter.read());
    assert.ok(!reading.ok && reading.fault.code === "METER_IMPLAUSIBLE");
  });
}

test("a meter of another family is known by its model code", async () => {
  const { clock, meter } = bench("cg-em3x0", {
    map: {
      identity: { modelCode: { address: 0x000b, type: "u16", scale: 1, alone: true, from: 1648, to: 1653 } },
    },
  });
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(!reading.ok && reading.fault.code === "METER_IMPLAUSIBLE" && reading.fault.quantity === "model code");
});

test("a register that a variant lacks is left out from then on, and the rest is read", async () => {
  const { clock, meter, device } = bench("cg-em3x0");
  device.lacking.add(0x004e);
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok && reading.value.exportedMilliWh === null && reading.value.importedMilliWh === 1_234_500_000);
  device.asked.length = 0;
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  assert.not.ok(device.asked.some((asked) => asked.startsWith("4:78")));
});

test("a hole that may not be read along splits the request, once and for good", async () => {
  const { clock, meter, device } = bench("abb-b23");
  device.lacking.add(0x5b08);
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  device.asked.length = 0;
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  assert.equal(device.asked, ["3:20480+8", "3:23296+6", "3:23308+6", "3:23316+2", "3:23340+1"]);
});

test("a register that must be there and is not: the exception is told", async () => {
  const { clock, meter, device } = bench("abb-b23");
  device.lacking.add(0x5000);
  const reading = await clock.runUntilSettled(meter.read());
  assert.equal(reading.ok ? undefined : reading.fault, {
    code: "METER_EXCEPTION",
    functionCode: 3,
    exception: 2,
    address: 0x5000,
  });
});

test("one damaged answer is asked for again", async () => {
  const { clock, meter, device } = bench("abb-b23");
  device.faults.badCrc = true;
  const reading = meter.read();
  await clock.runFor(100);
  device.faults.badCrc = false;
  assert.ok((await clock.runUntilSettled(reading)).ok);
});

test("a gateway's word that the meter is silent is silence", async () => {
  const { clock, meter, device } = bench("abb-b23");
  device.faults.exception = 0x0b;
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(!reading.ok && reading.fault.code === "METER_SILENT");
});

test("a meter that stays silent is asked less and less, and heard again when it is back", async () => {
  const { clock, meter, device, bus } = bench("abb-b23");
  device.faults.silent = true;
  for (let index = 0; index < 3; index += 1) await clock.runUntilSettled(meter.read());
  const beforeMs = clock.monotonicMs();
  const refused = await meter.read();
  assert.ok(!refused.ok && refused.fault.code === "METER_SILENT" && refused.fault.endpoint === bus.endpoint);
  assert.is(clock.monotonicMs(), beforeMs);
  device.faults.silent = false;
  await clock.runFor(1000);
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
});

test("a swapped meter is noticed after a silence, and refused until somebody has asked who it is", async () => {
  const { clock, meter, device, cable, slaves } = bench("abb-b23");
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  cable.cut("unplugged");
  assert.not.ok((await clock.runUntilSettled(meter.read())).ok);
  cable.mend();
  const replacement = new SimulatedMeter({ model: "abb-b23", source: { now: () => STATE }, serialNumber: 99 });
  device.read = (functionCode, address, count) => replacement.read(functionCode, address, count);
  await slaves.start();
  await clock.runFor(1000);
  for (let index = 0; index < 2; index += 1) {
    const refused = await clock.runUntilSettled(meter.read());
    assert.equal(refused.ok ? undefined : refused.fault, {
      code: "METER_SWAPPED",
      expectedSerialNumber: "1234567",
      foundSerialNumber: "99",
    });
  }
  const identity = await clock.runUntilSettled(meter.identify());
  assert.ok(identity.ok && identity.value.serialNumber === "99");
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
});

test.run();
