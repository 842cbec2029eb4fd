/**
 * What goes wrong between a gateway and a meter, each on meters of two makers that pymodbus serves: what the driver
 * says of it, and that it reads on by itself when it is over.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { openRegisterBus, type BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import type { MeterFault } from "#hal/ports/energy-meter.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { freePort } from "#test/builders/free-port.ts";
import {
  openSerialWire,
  startMeters,
  stopAll,
  type MeterServer,
  type SerialWire,
  type ServedMeter,
} from "./modbus-line.ts";
import { differences, shownBy } from "./register-sets.ts";
import { SkippingClock } from "./skipping-clock.ts";

const MODELS = ["cg-em3x0", "bauer-bsm-ws36a"] as const;
const UNIT = 5;
/** pymodbus answers within some milliseconds. */
const ANSWER_MS = 250;

interface Bench {
  readonly clock: SkippingClock;
  readonly bus: RegisterBus;
  readonly meter: ModbusMeter;
  readonly served: ServedMeter;
  /** Reads until the meter is read, without waiting for the pauses between attempts. */
  readAgain(): Promise<void>;
}

function benchOn(model: string, endpoint: BusEndpoint, changes: Partial<RegisterMap> = {}): Bench {
  const map = meterModel(model);
  if (map === undefined) throw new Error(`bug: no model ${model}`);
  const clock = new SkippingClock();
  const bus = openRegisterBus(endpoint, clock);
  const its = { ...map, pauseMs: 0, answerMs: ANSWER_MS, ...changes };
  const meter = new ModbusMeter({ bus, clock }, { map: its, unit: UNIT });
  const served = { unit: UNIT, model, values: shownBy(model) };
  const readAgain = async (): Promise<void> => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const reading = await meter.read();
      if (reading.ok) {
        assert.equal(differences(model, served.values, reading.value), []);
        return;
      }
      clock.skip(1000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.unreachable("it is not read again");
  };
  return { clock, bus, meter, served, readAgain };
}

async function closed({ meter, bus }: Bench): Promise<void> {
  await meter.close();
  await bus.close();
}

function serialEndpoint(wire: SerialWire): BusEndpoint {
  return { kind: "serial", path: wire.ourPath, baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 };
}

function serveOn(wire: SerialWire, meter: ServedMeter): Promise<MeterServer> {
  return startMeters([meter], "rtu", wire.meterPath, "--baud", "115200");
}

type Sign = readonly [fault: string, code: MeterFault["code"], says: RegExp];

const ON_SERIAL: readonly Sign[] = [
  ["silent", "METER_SILENT", /"waitedMs":2\d\d/],
  ["crc", "METER_BAD_FRAME", /checksum \(CRC\) wrong/],
  ["half", "METER_BAD_FRAME", /\d+ of \d+ bytes came/],
  ["unit 9", "METER_BAD_FRAME", /another unit answered: 9/],
  ["exception 4", "METER_EXCEPTION", /"exception":4/],
  ["exception 6", "METER_EXCEPTION", /"exception":6/],
];
const ON_TCP: readonly Sign[] = [
  ["silent", "METER_SILENT", /"waitedMs":2\d\d/],
  ["half", "METER_BAD_FRAME", /no Modbus frame/],
  ["unit 9", "METER_BAD_FRAME", /another unit answered: 9/],
  ["exception 4", "METER_EXCEPTION", /"exception":4/],
  ["exception 11", "METER_SILENT", /"waitedMs":0/],
];

async function checkFaults(bench: Bench, server: MeterServer, faults: readonly Sign[]): Promise<void> {
  await bench.readAgain();
  for (const [fault, code, says] of faults) {
    await server.setFault(UNIT, fault);
    const reading = await bench.meter.read();
    assert.ok(!reading.ok, `${fault} gave a reading`);
    assert.is(reading.fault.code, code, `${fault}: ${JSON.stringify(reading.fault)}`);
    assert.match(JSON.stringify(reading.fault), says);
    await server.setFault(UNIT, "none");
    await bench.readAgain();
  }
}

const test = suite("modbus faults of another maker");

test.after.each(stopAll);

for (const model of MODELS) {
  test(`${model} on a serial line: each fault is told as what it is, and the next reading is right`, async () => {
    const wire = await openSerialWire();
    const bench = benchOn(model, serialEndpoint(wire));
    await checkFaults(bench, await serveOn(wire, bench.served), ON_SERIAL);
    await closed(bench);
    await wire.stop();
  });

  test(`${model} over TCP: each fault is told as what it is, and the next reading is right`, async () => {
    const port = await freePort();
    const bench = benchOn(model, { kind: "tcp", host: "127.0.0.1", port });
    await checkFaults(bench, await startMeters([bench.served], "tcp", port), ON_TCP);
    await closed(bench);
  });

  test(`${model}: a serial adapter that is unplugged is told, and the meter is read again when it is back`, async () => {
    const wire = await openSerialWire();
    const bench = benchOn(model, serialEndpoint(wire));
    await serveOn(wire, bench.served);
    await bench.readAgain();
    await wire.cut();
    const lost = await bench.meter.read();
    assert.ok(!lost.ok && lost.fault.code === "METER_UNREACHABLE", JSON.stringify(lost));
    await wire.mend();
    await bench.readAgain();
    await closed(bench);
    await wire.stop();
  });

  test(`${model}: after half a minute without the meter's server it is read again, and another meter is not`, async () => {
    const port = await freePort();
    const bench = benchOn(model, { kind: "tcp", host: "127.0.0.1", port });
    const { meter, clock, served } = bench;
    let server = await startMeters([served], "tcp", port);
    await bench.readAgain();
    await server.stop();
    for (let second = 0; second < 30; second += 1) {
      const lost = await meter.read();
      assert.ok(!lost.ok && lost.fault.code === "METER_UNREACHABLE", JSON.stringify(lost));
      clock.skip(1000);
    }
    server = await startMeters([served], "tcp", port);
    await bench.readAgain();
    await server.stop();
    assert.not.ok((await meter.read()).ok);
    clock.skip(30_000);
    await startMeters([{ ...served, values: { ...served.values, serial: 99 } }], "tcp", port);
    clock.skip(30_000);
    const swapped = await meter.read();
    assert.ok(!swapped.ok && swapped.fault.code === "METER_SWAPPED", JSON.stringify(swapped));
    assert.is(swapped.fault.foundSerialNumber, "99");
    await closed(bench);
  });

  test(`${model}: half a minute of silence is asked into less and less, and the meter is heard when it is back`, async () => {
    const port = await freePort();
    const bench = benchOn(model, { kind: "tcp", host: "127.0.0.1", port });
    const { meter, clock, served } = bench;
    const server = await startMeters([served], "tcp", port);
    await bench.readAgain();
    await server.setFault(UNIT, "silent");
    let asked = 0;
    for (let second = 0; second < 30; second += 1) {
      const beforeMs = clock.monotonicMs();
      const lost = await meter.read();
      assert.ok(!lost.ok && lost.fault.code === "METER_SILENT", JSON.stringify(lost));
      if (clock.monotonicMs() - beforeMs >= ANSWER_MS) asked += 1;
      clock.skip(1000);
    }
    // Three times at first, then after 1, 2, 5 and 10 seconds.
    assert.ok(asked >= 5 && asked <= 8, `${asked} questions`);
    await server.setFault(UNIT, "none");
    await bench.readAgain();
    await closed(bench);
  });
}

for (const model of ["eastron-sdm72dm-v2", "eastron-sdm120"]) {
  test(`${model}: a unit that is silent to long reads is read in short ones`, async () => {
    const port = await freePort();
    // As if the model's values lay in one long read.
    const bench = benchOn(model, { kind: "tcp", host: "127.0.0.1", port }, { registersPerReadSafe: 6 });
    const server = await startMeters([bench.served], "tcp", port);
    await server.setFault(UNIT, "longest 6");
    const reading = await bench.meter.read();
    assert.ok(reading.ok, JSON.stringify(reading));
    assert.equal(differences(model, bench.served.values, reading.value), []);
    await closed(bench);
  });
}

for (const [model, lacks] of [
  ["cg-em24-rs485", [0x005c]],
  ["abb-b23", [0x5004]],
] as const) {
  test(`${model}: a variant without an export counter is read without it`, async () => {
    const port = await freePort();
    const bench = benchOn(model, { kind: "tcp", host: "127.0.0.1", port });
    await startMeters([{ ...bench.served, lacks }], "tcp", port);
    const reading = await bench.meter.read();
    assert.ok(reading.ok && reading.value.exportedMilliWh === null && reading.value.powerW === -7183.3);
    await closed(bench);
  });
}

test.run();
