/** The meter driver on a serial line in memory: what it believes, what it refuses, and what it learns. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { READING_MS_MAX } from "#hal/meters/modbus-meter.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import { meterBench as bench, STATE } from "./watched-meter.ts";

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

test("a model without a serial number that stays silent is asked less and less, too", async () => {
  const { clock, meter, device } = bench("siemens-pac1600");
  device.faults.silent = true;
  for (let index = 0; index < 3; index += 1) await clock.runUntilSettled(meter.read());
  const beforeMs = clock.monotonicMs();
  assert.not.ok((await meter.read()).ok);
  assert.is(clock.monotonicMs(), beforeMs);
});

test("a frequency that some units give tenfold is brought back, that of other models is refused", async () => {
  const eastron = bench("eastron-sdm630", { state: { ...STATE, frequencyHz: 499.8 } });
  const reading = await eastron.clock.runUntilSettled(eastron.meter.read());
  assert.ok(reading.ok && Math.abs((reading.value.frequencyHz ?? 0) - 49.98) < 0.001);
});

for (const delayMs of [0, 900]) {
  test(`a reading ends within its own deadline when each answer takes ${delayMs} ms and half are damaged`, async () => {
    const { clock, meter, device } = bench("cg-em24-rs485", { map: { answerMs: 1000 } });
    device.faults.delayMs = delayMs;
    let count = 0;
    const read = device.read.bind(device);
    device.read = (functionCode, address, length) => {
      device.faults.badCrc = (count += 1) % 2 === 1;
      return read(functionCode, address, length);
    };
    const startedMs = clock.monotonicMs();
    await clock.runUntilSettled(meter.read());
    assert.ok(clock.monotonicMs() - startedMs <= READING_MS_MAX, `${clock.monotonicMs() - startedMs} ms`);
  });
}

test.run();
