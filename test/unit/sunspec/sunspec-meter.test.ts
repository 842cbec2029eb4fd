/** SunSpec meters are found by what the device says of itself, and refused where that cannot be right. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { knownModel, knownModelNames } from "#hal/meters/known-models.ts";
import {
  floatMeterPart,
  integerMeterPart,
  otherPart,
  commonPart,
  type SunspecPart,
} from "#hal/mock/modbus/sunspec/sunspec-parts.ts";
import type { MeterReading } from "#hal/ports/energy-meter.ts";
import { common, oneMeter, source, sunspecBench, type SunspecBench } from "./sunspec-line.ts";

async function read({ clock, meter }: SunspecBench): Promise<MeterReading> {
  const reading = await clock.runUntilSettled(meter.read());
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  return reading.value;
}

async function refusal({ clock, meter }: SunspecBench): Promise<string> {
  const reading = await clock.runUntilSettled(meter.read());
  assert.not(reading.ok, "it was read");
  return reading.ok ? "" : JSON.stringify(reading.fault);
}

const test = suite("sunspec meter");

for (const base of [40_000, 50_000, 0]) {
  test(`a meter whose map begins at ${base} is found and read`, async () => {
    const bench = sunspecBench(oneMeter(), { base });
    const reading = await read(bench);
    assert.equal(
      { ...reading, monotonicMs: 0, wallMs: 0 },
      {
        importedMilliWh: 12_345_678_000,
        resolutionMilliWh: 1000,
        rolloverMilliWh: 2 ** 32 * 1000,
        register: `3:${base + 70 + 46}`,
        exportedMilliWh: 987_000,
        powerW: 6908,
        voltageV: [230.1, 231.2, 229.3],
        currentA: [10, 10.5, 9.5],
        frequencyHz: 49.98,
        ...{ monotonicMs: 0, wallMs: 0 },
      },
    );
    const identity = await bench.clock.runUntilSettled(bench.meter.identify());
    assert.equal(identity, {
      ok: true,
      value: { model: "sunspec", serialNumber: "77", firmware: "1.2", product: "Maker M3" },
    });
  });
}

for (const [id, phases] of [
  [201, 1],
  [202, 2],
  [203, 3],
  [204, 3],
  [211, 1],
  [212, 2],
  [213, 3],
  [214, 3],
] as const) {
  test(`model ${id} has ${phases} voltages and its counters`, async () => {
    const state = { powerW: [2301, 4728.6, 6908][phases - 1] ?? 0 };
    const part = id < 210 ? integerMeterPart(id as 203, source(state)) : floatMeterPart(id as 213, source(state));
    const reading = await read(sunspecBench([common("1"), otherPart(64_001, 9), part]));
    const known = id === 204 || id === 214 ? [null, null, null] : [230.1, 231.2, 229.3].slice(0, phases);
    assert.equal(
      reading.voltageV.map((volts) => (volts === null ? null : Number(volts.toFixed(3)))),
      known,
    );
    assert.is(reading.currentA.length, phases);
    assert.ok(Math.abs(reading.importedMilliWh - 12_345_678_000) <= reading.resolutionMilliWh);
    assert.is(reading.exportedMilliWh, 987_000);
    assert.is(reading.rolloverMilliWh, id < 210 ? 2 ** 32 * 1000 : null);
    assert.ok(Math.abs((reading.powerW ?? 0) - state.powerW) < 1);
  });
}

test("the exponent of the counter counts for its step, its value and its rollover", async () => {
  for (const [energy, stepMilliWh] of [
    [1, 10_000],
    [3, 1_000_000],
    [-2, 10],
  ] as const) {
    const bench = sunspecBench([common("1"), integerMeterPart(203, source(), { energy })]);
    const reading = await read(bench);
    assert.is(reading.importedMilliWh, Math.floor(12_345_678_000 / stepMilliWh) * stepMilliWh);
    assert.is(reading.resolutionMilliWh, stepMilliWh);
    assert.is(reading.rolloverMilliWh, 2 ** 32 * stepMilliWh);
  }
});

test("a value whose exponent is not implemented is no value, and a counter without one no reading", async () => {
  const reading = await read(
    sunspecBench([common("1"), integerMeterPart(203, source(), { frequency: undefined, current: undefined })]),
  );
  assert.is(reading.frequencyHz, null);
  assert.equal(reading.currentA, [null, null, null]);
  for (const energy of [undefined, 11, -11]) {
    const told = await refusal(sunspecBench([common("1"), integerMeterPart(203, source(), { energy })]));
    assert.match(told, /imported energy.*no value/);
  }
});

test("a counter of 0 is none: without import there is no reading, without export null", async () => {
  const still = sunspecBench([common("1"), integerMeterPart(203, source({ importedMilliWh: 0 }))]);
  assert.match(await refusal(still), /imported energy.*no value/);
  const reading = await read(sunspecBench([common("1"), integerMeterPart(203, source({ exportedMilliWh: 0 }))]));
  assert.is(reading.exportedMilliWh, null);
});

test("-swapped takes export for import and turns power round, -power-reversed power alone", async () => {
  const swapped = await read(sunspecBench(oneMeter(), { model: "sunspec-swapped" }));
  assert.equal([swapped.importedMilliWh, swapped.exportedMilliWh, swapped.powerW], [987_000, 12_345_678_000, -6908]);
  const reversed = await read(sunspecBench(oneMeter(), { model: "sunspec-power-reversed" }));
  assert.equal([reversed.importedMilliWh, reversed.exportedMilliWh, reversed.powerW], [12_345_678_000, 987_000, -6908]);
});

const TWO: readonly SunspecPart[] = [
  ...[common("100", "Inverter"), otherPart(103, 50)],
  ...[common("201", "Meter A"), integerMeterPart(203, source({ importedMilliWh: 1_000_000 }))],
  ...[common("202", "Meter B"), floatMeterPart(213, source({ importedMilliWh: 2_000_000 }))],
];

test("of several meters none is guessed: they are listed, and a number chooses", async () => {
  const told = await refusal(sunspecBench(TWO));
  assert.match(told, /sunspec-1 is model 203 at 40190 \(Maker Meter A 201\)/);
  assert.match(told, /sunspec-2 is model 213 at \d+ \(Maker Meter B 202\)/);
  assert.is((await read(sunspecBench(TWO, { model: "sunspec-1" }))).importedMilliWh, 1_000_000);
  const second = sunspecBench(TWO, { model: "sunspec-2" });
  assert.is((await read(second)).importedMilliWh, 2_000_000);
  const identity = await second.clock.runUntilSettled(second.meter.identify());
  assert.ok(identity.ok && identity.value.serialNumber === "202" && identity.value.product === "Maker Meter B");
  assert.match(await refusal(sunspecBench(TWO, { model: "sunspec-3" })), /a meter number 3/);
});

test("an end without a length, and a model 1 without its last register, are common and no damage", async () => {
  const names = { maker: "Maker", product: "M3", version: "1.2", serialNumber: "77" };
  const parts = [commonPart(names, 65), integerMeterPart(203, source())];
  assert.is((await read(sunspecBench(parts, { end: "number" }))).powerW, 6908);
});

const meterPart = integerMeterPart(203, source());
for (const [name, parts, options, says] of [
  ["no mark", oneMeter(), { mark: [1, 2] }, /0001 0002 at 40000, exception 2 at 50000, exception 2 at 0/],
  ["a map at another address", oneMeter(), { base: 30_000 }, /exception 2 at 40000, exception 2 at 50000/],
  ["no meter", [common("1"), otherPart(103, 50)], {}, /model 1 at 40002, model 103 at 40070.*a meter: model 201/],
  ["a chain without an end", oneMeter(), { end: "missing" }, /model 203 at 40070, then exception 2 at 40177/],
  ["a length of 0", [common("1"), { ...meterPart, claimedLength: 0 }], {}, /model 203 of length 0 at 40070/],
  ["a length that is one too large", [common("1"), { ...meterPart, claimedLength: 106 }], {}, /length 106.*length 105/],
  ["a length one too small before it", [{ ...common("1"), claimedLength: 64 }, meterPart], {}, /length 65 or 66/],
  [
    "an unknown model of a wrong length",
    [common("1"), { ...otherPart(700, 20), claimedLength: 19 }, meterPart],
    {},
    /model 0 of length 203/,
  ],
  [
    "a length beyond all registers",
    [common("1"), { ...otherPart(700, 20), claimedLength: 60_000 }],
    {},
    /length 60000/,
  ],
  ["another model first", [otherPart(103, 50), meterPart], {}, /model 103 of length 50 at 40002.*model 1 first/],
  ["an end at once", [], {}, /the end and nothing before it/],
  [
    "models without end",
    [common("1"), ...Array.from({ length: 80 }, () => otherPart(700, 1))],
    {},
    /at most 64 models/,
  ],
] as const) {
  test(`${name}: refused, with what was found`, async () => {
    const bench = sunspecBench(parts, options);
    const told = await refusal(bench);
    assert.match(told, /METER_IMPLAUSIBLE/);
    assert.match(told, says);
    assert.ok(bench.device.asked.length <= 70, `${bench.device.asked.length} reads`);
  });
}

test("a reading after the first takes two reads and no walk", async () => {
  const bench = sunspecBench(oneMeter());
  await read(bench);
  bench.device.asked.length = 0;
  await read(bench);
  assert.equal(bench.device.asked, ["3:40070+23", "3:40108+17"]);
});

test("a device that comes back with another chain is not read by the old one, and is found again", async () => {
  const bench = sunspecBench(oneMeter());
  const before = await read(bench);
  bench.device.restart({ base: 40_000, parts: [common("77"), otherPart(64_001, 31), ...oneMeter().slice(1)] });
  assert.match(await refusal(bench), /table of registers.*203 in register 40070/);
  const after = await read(bench);
  assert.is(after.importedMilliWh, before.importedMilliWh);
  assert.is(after.register, `3:${40_070 + 33 + 46}`);
});

test("a device that comes back with its meters in another order is read on at the same meter", async () => {
  const [inverter, its, first, firstMeter, second, secondMeter] = TWO;
  const bench = sunspecBench(TWO, { model: "sunspec-1" });
  assert.is((await read(bench)).importedMilliWh, 1_000_000);
  const parts = [inverter, its, second, secondMeter, first, firstMeter].flatMap((part) => (part ? [part] : []));
  bench.device.restart({ base: 40_000, parts });
  assert.match(await refusal(bench), /table of registers/);
  assert.is((await read(bench)).importedMilliWh, 1_000_000);
});

test("another meter in the same place is refused until somebody asks who it is", async () => {
  const bench = sunspecBench(oneMeter("77"));
  await read(bench);
  bench.device.faults.silent = true;
  assert.match(await refusal(bench), /METER_SILENT/);
  bench.device.restart({ base: 40_000, parts: oneMeter("78") });
  bench.device.faults.silent = false;
  const told = await refusal(bench);
  assert.match(told, /METER_SWAPPED.*"77".*"78"/);
  assert.match(await refusal(bench), /METER_SWAPPED/);
  const identity = await bench.clock.runUntilSettled(bench.meter.identify());
  assert.ok(identity.ok && identity.value.serialNumber === "78");
  assert.is((await read(bench)).powerW, 6908);
});

test("a swapped meter that is swapped back is read on", async () => {
  const bench = sunspecBench(oneMeter("77"));
  await read(bench);
  bench.device.restart({ base: 0, parts: oneMeter("78") });
  await refusal(bench);
  assert.match(await refusal(bench), /METER_SWAPPED/);
  bench.device.restart({ base: 40_000, parts: oneMeter("77") });
  assert.is((await read(bench)).powerW, 6908);
});

test("a silent device is told as silent, and asked less and less", async () => {
  const bench = sunspecBench(oneMeter());
  bench.device.faults.silent = true;
  for (let attempt = 0; attempt < 4; attempt += 1) assert.match(await refusal(bench), /METER_SILENT/);
  const beforeMs = bench.clock.monotonicMs();
  assert.match(await refusal(bench), /METER_SILENT/);
  assert.ok(bench.clock.monotonicMs() - beforeMs < 10, "it was asked again at once");
  bench.device.faults.silent = false;
  await bench.clock.runFor(30_000);
  assert.is((await read(bench)).powerW, 6908);
});

test("every call settles within its deadline, and after close at once", async () => {
  const bench = sunspecBench(oneMeter());
  bench.device.faults.delayMs = 900;
  const startMs = bench.clock.monotonicMs();
  await bench.clock.runUntilSettled(bench.meter.read());
  assert.ok(bench.clock.monotonicMs() - startMs <= 21_000);
  const pending = bench.meter.read();
  await bench.meter.close();
  const closed = await pending;
  assert.ok(!closed.ok && closed.fault.code === "METER_CLOSED");
});

test("names: sunspec and its variants are known, others are not", () => {
  assert.ok(knownModelNames().includes("sunspec") && knownModelNames().includes("eastron-sdm630"));
  for (const name of ["sunspec", "sunspec-1", "sunspec-9-swapped", "sunspec-power-reversed"]) {
    assert.is(knownModel(name)?.model, name);
  }
  for (const name of ["sunspec-0", "sunspec-10", "sunspec-", "sunspec-swapped-2", "sunspecs"]) {
    assert.is(knownModel(name), undefined);
  }
});

test.run();
