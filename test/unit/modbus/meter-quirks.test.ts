/** What units of a model do differently from each other, and what the driver makes of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { meterModel } from "#hal/meters/models/registry.ts";
import { meterBench as bench, STATE } from "./watched-meter.ts";

const test = suite("quirks of meters");

test("a unit that refuses long reads is asked for short ones from then on, and gives the same values", async () => {
  const { clock, meter, device } = bench("eastron-sdm72dm-v2", { readMax: 10 });
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok && reading.value.powerW === 6908 && reading.value.currentA.length === 3);
  device.asked.length = 0;
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  assert.equal(device.asked, ["4:0+10", "4:10+2", "4:52+2", "4:70+6"]);
});

test("a unit that is silent to long reads is asked for short ones once it has answered one", async () => {
  const { clock, meter, device } = bench("eastron-sdm72dm-v2");
  device.faults.longestRead = 10;
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok && reading.value.importedMilliWh === 1_234_560_059, JSON.stringify(reading));
  device.asked.length = 0;
  const beforeMs = clock.monotonicMs();
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  assert.equal(device.asked, ["4:0+10", "4:10+2", "4:52+2", "4:70+6"]);
  assert.ok(clock.monotonicMs() - beforeMs < 1000);
});

test("a meter that was dead for a while is not taken for one that wants short reads", async () => {
  const { clock, meter, device } = bench("eastron-sdm72dm-v2");
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  device.faults.silent = true;
  assert.not.ok((await clock.runUntilSettled(meter.read())).ok);
  device.faults.silent = false;
  device.asked.length = 0;
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  assert.equal(device.asked.slice(-3), ["4:0+12", "4:52+2", "4:70+6"]);
});

test("fine counters are taken where they agree with the coarse ones, and the coarse ones are not read any more", async () => {
  const { clock, meter, device } = bench("cg-em5x0", { state: { ...STATE, importedMilliWh: 1_234_567_000 } });
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(
    reading.ok && reading.value.importedMilliWh === 1_234_567_000 && reading.value.exportedMilliWh === 1_250_000,
  );
  assert.is(reading.value.resolutionMilliWh, 1000);
  assert.is(reading.value.register, "4:1280");
  device.asked.length = 0;
  await clock.runUntilSettled(meter.read());
  assert.equal(device.asked, ["4:0+18", "4:40+2", "4:51+1", "4:1280+4", "4:1308+4"]);
});

test("a variant without fine counters is read by the coarse ones", async () => {
  const lacks = [0x0500, 0x051c];
  const { clock, meter, device } = bench("cg-em11x", { lacks, state: { ...STATE, powerW: 2301 } });
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok && reading.value.importedMilliWh === 1_234_500_000, JSON.stringify(reading));
  assert.is(reading.value.exportedMilliWh, 1_200_000);
  assert.is(reading.value.resolutionMilliWh, 100_000);
  device.asked.length = 0;
  await clock.runUntilSettled(meter.read());
  assert.equal(device.asked, ["4:0+6", "4:15+3", "4:32+2"]);
});

test("fine counters of another weight than the coarse ones say are not believed", async () => {
  const table = meterModel("cg-em5x0");
  if (table === undefined) throw new Error("bug: no such model");
  const { quantities } = table;
  const finer = { address: 0x0500, type: "i64", scale: 10, unit: "Wh" } as const;
  const { clock, meter } = bench("cg-em5x0", {
    map: { quantities: { ...quantities, importedEnergy: { ...quantities.importedEnergy, finer } } },
  });
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok && reading.value.importedMilliWh === 1_234_500_000 && reading.value.register === "4:52");
});

test("a fine counter that was taken and is refused later is a fault, not a step back to the coarse one", async () => {
  const { clock, meter, device } = bench("cg-em5x0");
  assert.ok((await clock.runUntilSettled(meter.read())).ok);
  device.lacking.add(0x0500);
  const refused = await clock.runUntilSettled(meter.read());
  assert.ok(!refused.ok && refused.fault.code === "METER_EXCEPTION" && refused.fault.address === 0x0500);
  device.lacking.clear();
  const again = await clock.runUntilSettled(meter.read());
  assert.ok(again.ok && again.value.register === "4:1280");
});

test("both tariffs of a meter count, and the register says which they are", async () => {
  const { clock, meter } = bench("siemens-pac2200");
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok && reading.value.importedMilliWh === 1_234_560_000);
  assert.is(reading.value.register, "3:801+3:805");
});

test("a serial number that was refused once is asked for again", async () => {
  const { clock, meter, device } = bench("abb-b23");
  assert.ok((await clock.runUntilSettled(meter.identify())).ok);
  device.lacking.add(0x8900);
  const unknown = await clock.runUntilSettled(meter.identify());
  assert.ok(unknown.ok && unknown.value.serialNumber === null);
  device.lacking.clear();
  await clock.runUntilSettled(meter.identify());
  const known = await clock.runUntilSettled(meter.identify());
  assert.ok(known.ok && known.value.serialNumber === "1234567", JSON.stringify(known));
});

test("direct current: no phase, no frequency, and a power in another unit than its volts and amperes is refused", async () => {
  const box = bench("acrel-djsf1352");
  const reading = await box.clock.runUntilSettled(box.meter.read());
  assert.ok(reading.ok && reading.value.frequencyHz === null);
  assert.equal(reading.value.voltageV, [400]);
  const { quantities } = box.map;
  const inKilowatts = { ...quantities, power: { ...quantities.power, scale: 0.000_001 } };
  const other = bench("acrel-djsf1352", { map: { quantities: inKilowatts } });
  const refused = await other.clock.runUntilSettled(other.meter.read());
  assert.ok(!refused.ok && refused.fault.code === "METER_IMPLAUSIBLE" && refused.fault.quantity === "power");
});

test("a three-phase table on a one-phase meter of the family is known by the meter's name", async () => {
  const { clock, meter } = bench("abb-b21", { map: { identity: meterModel("abb-b23")?.identity ?? {} } });
  const refused = await clock.runUntilSettled(meter.read());
  assert.ok(!refused.ok && refused.fault.code === "METER_IMPLAUSIBLE" && refused.fault.value === "B21");
});

test.run();
