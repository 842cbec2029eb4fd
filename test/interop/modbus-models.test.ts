/**
 * Every model against its registers in pymodbus, over TCP and on a serial line: the values that were set are the values
 * that are read, in units and sign, and with as few requests as the model's rules allow.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { openRegisterBus, type BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel, meterModelNames } from "#hal/meters/models/registry.ts";
import type { MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import { freePort } from "#test/builders/free-port.ts";
import { openSerialWire, startMeters, stopAll, type ServedMeter } from "./modbus-line.ts";
import { differences, REGISTER_SETS, shownBy } from "./register-sets.ts";

const clock = new SystemClock();

/** Requests of a reading, once it is known what the meter has: on a serial line, and over TCP. */
const REQUESTS: Readonly<Record<string, readonly [serial: number, tcp: number]>> = {
  "eastron-sdm630": [3, 2],
  "eastron-sdm72dm-v2": [3, 2],
  "eastron-sdm72dm-v1": [2, 1],
  "eastron-sdm120": [2, 2],
  "eastron-sdm230": [2, 2],
  // Nothing lies between its blocks, so each is a request.
  "abb-b21": [5, 5],
  "abb-b23": [5, 5],
  "abb-b24": [5, 5],
  "cg-em24-rs485": [5, 5],
  "cg-em24-e1": [4, 2],
  // The fine counters are two blocks with nothing between them here.
  "cg-em11x": [4, 3],
  "cg-em3x0": [4, 2],
  "cg-em5x0": [5, 4],
  "cg-em580": [5, 2],
  "schneider-iem3000": [5, 3],
  "schneider-pm5xxx": [5, 3],
  "siemens-pac2200": [4, 3],
  "siemens-pac1600": [4, 4],
  "janitza-umg96": [4, 1],
  "inepro-pro380": [3, 2],
  "phoenix-eem-mb370": [2, 2],
  "bauer-bsm-ws36a": [2, 1],
  "finder-7m38": [5, 3],
  "socomec-countis-e2x": [2, 2],
  "socomec-countis-e34": [2, 2],
  "iskra-wm3m4c": [4, 2],
  "acrel-djsf1352": [1, 1],
};

const SERIAL_NUMBERS: Readonly<Record<string, string>> = { "inepro-pro380": "01CCD4A9" };

const METERS: readonly ServedMeter[] = Object.keys(REQUESTS).map((model, index) => {
  return { unit: index + 1, model, values: shownBy(model) };
});

interface Told {
  readonly identity: MeterIdentity;
  readonly reading: MeterReading;
  /** Different ones of the second reading: one that is repeated, because the machine was busy, is still one. */
  readonly requests: number;
}

async function readTwice(bus: RegisterBus, { unit, model }: ServedMeter): Promise<Told> {
  const requests = new Set<string>();
  const counted: RegisterBus = {
    ...{ endpoint: bus.endpoint, bridgedRegistersMax: bus.bridgedRegistersMax },
    read: (request) => {
      requests.add(`${request.functionCode}:${request.address}+${request.count}`);
      return bus.read(request);
    },
    write: (request) => bus.write(request),
    close: () => bus.close(),
  };
  const map = meterModel(model);
  if (map === undefined) throw new Error(`bug: no model ${model}`);
  // pymodbus needs no rest.
  const meter = new ModbusMeter({ bus: counted, clock }, { map: { ...map, pauseMs: 0 }, unit });
  const identity = await meter.identify();
  assert.ok(identity.ok, `${model}: ${JSON.stringify(identity)}`);
  const first = await meter.read();
  assert.ok(first.ok, `${model}: ${JSON.stringify(first)}`);
  requests.clear();
  const second = await meter.read();
  await meter.close();
  assert.ok(second.ok, `${model}: ${JSON.stringify(second)}`);
  return { identity: identity.value, reading: second.value, requests: requests.size };
}

async function checkAll(endpoint: BusEndpoint, line: 0 | 1): Promise<void> {
  const bus = openRegisterBus(endpoint, clock);
  for (const meter of METERS) {
    const { model, values } = meter;
    const { identity, reading, requests } = await readTwice(bus, meter);
    assert.equal(differences(model, values, reading), [], model);
    assert.is(requests, REQUESTS[model]?.[line], `requests of ${model}`);
    assert.is(identity.serialNumber, serialNumberOf(model), `serial number of ${model}`);
  }
  await bus.close();
}

function serialNumberOf(model: string): string | null {
  const hasOne = REGISTER_SETS[model]?.registers.some(([name]) => name === "serial") ?? false;
  return SERIAL_NUMBERS[model] ?? (hasOne ? "30201001" : null);
}

const test = suite("every model in pymodbus");

test.after.each(stopAll);

test("each built-in model is here", () => {
  assert.equal(Object.keys(REQUESTS).sort(), [...meterModelNames()].sort());
  assert.equal(Object.keys(REGISTER_SETS).sort(), [...meterModelNames()].sort());
});

test("TCP: each shows the values that were set", async () => {
  const port = await freePort();
  await startMeters(METERS, "tcp", port);
  await checkAll({ kind: "tcp", host: "127.0.0.1", port }, 1);
});

test("RTU: each shows the values that were set, all on one line at 115200 8N1", async () => {
  const wire = await openSerialWire();
  await startMeters(METERS, "rtu", wire.meterPath, "--baud", "115200");
  const settings = { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 } as const;
  await checkAll({ kind: "serial", path: wire.ourPath, ...settings }, 0);
  await wire.stop();
});

test.run();
