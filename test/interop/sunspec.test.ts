/** SunSpec devices that pymodbus serves: chains of every kind, wrong ones, and ones that change at a restart. */
import type { ChildProcess } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { openRegisterBus, type BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { knownModel } from "#hal/meters/known-models.ts";
import { openModbusMeter } from "#hal/meters/open-modbus-meter.ts";
import type { EnergyMeter, MeterReading } from "#hal/ports/energy-meter.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import { freePort } from "#test/builders/free-port.ts";
import { openSerialWire, said, startPython, stopAll, stopProgram } from "./modbus-line.ts";
import { SkippingClock } from "./skipping-clock.ts";

const UNIT = 126;

type Model = Readonly<Record<string, unknown>> & { readonly id: number };

const NAMES = { id: 1, maker: "SolarEdge ", product: "SE-MTR-3Y", version: "3.1", serial: "7E1234" } as const;
const METER = { A: [10, 10.5, 9.5], V: [230.1, 231.2, 229.3], Hz: 49.98, W: 6908, exp: 987, imp: 12_345_678 } as const;
const integer = (id: number, more: object = {}): Model => ({ id, ...METER, ...more });

function chain(models: readonly Model[], more: object = {}): string {
  return JSON.stringify({ unit: UNIT, base: 40_000, models, ...more });
}

interface Bench {
  readonly clock: SkippingClock;
  readonly bus: RegisterBus;
  readonly meter: EnergyMeter;
  readonly server: ChildProcess;
  restart(chainText: string): Promise<void>;
  close(): Promise<void>;
}

async function benchOver(endpoint: BusEndpoint, server: ChildProcess, model: string): Promise<Bench> {
  const map = knownModel(model);
  if (map === undefined) throw new Error(`bug: no model ${model}`);
  const clock = new SkippingClock();
  const bus = openRegisterBus(endpoint, clock);
  const meter = openModbusMeter({ bus, clock }, { map: { ...map, answerMs: 400 }, unit: UNIT });
  return await Promise.resolve({
    ...{ clock, bus, meter, server },
    restart: async (chainText) => {
      const restarted = said(server, "restarted");
      server.stdin?.write(`${chainText}\n`);
      await restarted;
    },
    close: async () => {
      await meter.close();
      await bus.close();
      await stopProgram(server);
    },
  });
}

async function overTcp(chainText: string, model = "sunspec"): Promise<Bench> {
  const port = await freePort();
  const server = await startPython("sunspec-server.py", "serving", ["tcp", String(port), chainText]);
  return await benchOver({ kind: "tcp", host: "127.0.0.1", port }, server, model);
}

async function read({ meter }: Bench): Promise<MeterReading> {
  const reading = await meter.read();
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  return reading.value;
}

async function readAgain(bench: Bench): Promise<MeterReading> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const reading = await bench.meter.read();
    if (reading.ok) return reading.value;
    bench.clock.skip(1000);
  }
  return await read(bench);
}

const test = suite("sunspec devices of another maker");

test.after.each(stopAll);

for (const [name, models, more, model] of [
  ["one meter at 40000", [NAMES, integer(203)], {}, "sunspec"],
  ["one meter at 50000", [NAMES, integer(203)], { base: 50_000 }, "sunspec"],
  ["one meter at 0", [NAMES, integer(204)], { base: 0 }, "sunspec"],
  ["a meter of floats", [NAMES, integer(213)], {}, "sunspec"],
  [
    "a meter behind models that nobody knows",
    [NAMES, { id: 64_111, len: 23 }, { id: 10, len: 4 }, integer(203)],
    {},
    "sunspec",
  ],
  ["the second of two", [NAMES, integer(203, { imp: 1 }), { ...NAMES, serial: "B" }, integer(213)], {}, "sunspec-2"],
  ["energy in steps of 10 Wh", [NAMES, integer(203, { imp: 12_345_680, exp: 990, sf: { TotWh: 1 } })], {}, "sunspec"],
] as const) {
  test(`TCP, ${name}: the values that were set`, async () => {
    const bench = await overTcp(chain(models, more), model);
    const reading = await read(bench);
    const stepMilliWh = reading.resolutionMilliWh;
    assert.ok(Math.abs(reading.importedMilliWh - 12_345_678_000) <= Math.max(2000, stepMilliWh), name);
    assert.ok(Math.abs((reading.exportedMilliWh ?? 0) - 987_000) <= Math.max(3000, stepMilliWh), name);
    assert.is(reading.powerW, 6908);
    assert.equal(
      [...reading.voltageV, ...reading.currentA, reading.frequencyHz].map((value) => Number(value?.toFixed(3))),
      [230.1, 231.2, 229.3, 10, 10.5, 9.5, 49.98],
    );
    const identity = await bench.meter.identify();
    assert.ok(identity.ok && identity.value.product === "SolarEdge SE-MTR-3Y" && identity.value.firmware === "3.1");
    await bench.close();
  });
}

for (const [name, models, more, says] of [
  ["no end", [NAMES, integer(203)], { end: false }, /model 203 at 40070, then exception 2 at 40177/],
  ["a wrong length", [NAMES, integer(203, { L: 104 })], {}, /model 203 of length 104 at 40070/],
  ["a wrong length before the meter", [NAMES, { id: 700, len: 30, L: 31 }, integer(203)], {}, /model 1 at 40002/],
  ["no meter", [NAMES, { id: 103, len: 50 }], {}, /model 103 at 40070/],
  ["two meters and no word which", [NAMES, integer(203), integer(203)], {}, /sunspec-2 is model 203 at 40177/],
  [
    "another place",
    [NAMES, integer(203)],
    { base: 1000 },
    /exception 2 at 40000, exception 2 at 50000, exception 2 at 0/,
  ],
  ["an exponent of the counter that is none", [NAMES, integer(203, { sf: { TotWh: null } })], {}, /imported energy/],
] as const) {
  test(`TCP, ${name}: refused, with what was found`, async () => {
    const bench = await overTcp(chain(models, more));
    const reading = await bench.meter.read();
    assert.ok(!reading.ok && reading.fault.code === "METER_IMPLAUSIBLE", JSON.stringify(reading));
    assert.match(JSON.stringify(reading.fault), says);
    await bench.close();
  });
}

test("TCP: after a restart with another chain the same meter is read at its new place", async () => {
  const bench = await overTcp(chain([NAMES, integer(203)]));
  assert.is((await read(bench)).register, "3:40116");
  await bench.restart(chain([NAMES, { id: 64_001, len: 60 }, integer(203, { imp: 12_345_680 })]));
  const after = await readAgain(bench);
  assert.is(after.register, "3:40178");
  assert.is(after.importedMilliWh, 12_345_680_000);
  await bench.restart(chain([NAMES, integer(213, { imp: 12_345_690 })], { base: 0 }));
  assert.is((await readAgain(bench)).register, "3:138");
  await bench.restart(chain([{ ...NAMES, serial: "OTHER" }, integer(203)]));
  let told = "";
  for (let attempt = 0; attempt < 6 && !told.includes("SWAPPED"); attempt += 1) {
    const reading = await bench.meter.read();
    assert.not.ok(reading.ok, "another meter was read");
    if (!reading.ok) told = JSON.stringify(reading.fault);
    bench.clock.skip(1000);
  }
  assert.match(told, /METER_SWAPPED.*7E1234.*OTHER/);
  await bench.close();
});

test("RTU at 19200 baud: found, read, and found again where the line saw nothing of a restart", async () => {
  const wire = await openSerialWire();
  const words = ["rtu", wire.meterPath, chain([NAMES, integer(203)]), "--baud", "19200"];
  const server = await startPython("sunspec-server.py", "serving", words);
  const settings = { baudRate: 19_200, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const bench = await benchOver({ kind: "serial", path: wire.ourPath, ...settings }, server, "sunspec-swapped");
  const before = await read(bench);
  assert.equal([before.importedMilliWh, before.exportedMilliWh, before.powerW], [987_000, 12_345_678_000, -6908]);
  await bench.restart(chain([NAMES, { id: 64_001, len: 60 }, integer(203)]));
  const misread = await bench.meter.read();
  assert.ok(!misread.ok && /203 in register 40070/.test(JSON.stringify(misread.fault)), JSON.stringify(misread));
  assert.is((await read(bench)).importedMilliWh, 987_000);
  await bench.close();
  await wire.stop();
});

test.run();
