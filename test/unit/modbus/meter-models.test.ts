/**
 * Each model's table against its simulated meter, whose registers were written down on their own: the values, where the
 * counter stands, and with how few requests a reading is fetched.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { planFetch } from "#hal/meters/fetch-plan.ts";
import { withCounters } from "#hal/meters/choose-counters.ts";
import { quantityRegisters } from "#hal/meters/map-registers.ts";
import { meterModelNames } from "#hal/meters/models/registry.ts";
import { METER_IMAGES } from "#hal/mock/modbus/meter-images.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import type { MeterReading } from "#hal/ports/energy-meter.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { meterBench } from "./watched-meter.ts";

/** Fed back, so that every sign shows; no number is round. */
const STATE: MeterState = {
  importedMilliWh: 12_345_678_901,
  exportedMilliWh: 2_345_678_901,
  powerW: -7183.5,
  voltageV: [231.4, 229.8, 230.6],
  currentA: [11.25, 9.5, 10.75],
  frequencyHz: 49.9,
};
const ONE_PHASE: MeterState = { ...STATE, powerW: -2550.5 };
const SERIAL_NUMBER = 30_201_001;

interface Expected {
  /** Of a reading on a serial line and over TCP, after the first. */
  readonly requests: readonly [serial: number, tcp: number];
  readonly phases: 0 | 1 | 3;
  /** Of the import counter at its present size. */
  readonly stepMilliWh: number;
  readonly place: string;
  readonly identity: readonly [serialNumber: string | null, firmware: string | null];
  /** Step of the power; 0 for a float. */
  readonly powerStepW?: number;
}

const SERIAL = String(SERIAL_NUMBER);
const SDM = { phases: 3, stepMilliWh: 1000, place: "4:72", identity: [SERIAL, null] } as const;
const SDM_ONE = { ...SDM, phases: 1, requests: [2, 2] } as const;
const ABB = { phases: 3, stepMilliWh: 10_000, place: "3:20480", identity: [SERIAL, "B1.20"] } as const;
const CG_FINE = { phases: 3, requests: [5, 3], stepMilliWh: 1000, place: "4:1280" } as const;
const SCHNEIDER = { phases: 3, requests: [5, 3], stepMilliWh: 1000, place: "3:3203" } as const;
const NOBODY = [null, null] as const;
const SOCOMEC = { phases: 3, requests: [2, 2], stepMilliWh: 10_000, place: "3:50946", powerStepW: 10 } as const;

const EXPECTED: Readonly<Record<string, Expected>> = {
  "eastron-sdm630": { ...SDM, requests: [3, 2] },
  "eastron-sdm72dm-v2": { ...SDM, requests: [3, 2] },
  "eastron-sdm72dm-v1": { phases: 0, requests: [2, 1], stepMilliWh: 1000, place: "4:72", identity: NOBODY },
  "eastron-sdm120": { ...SDM_ONE, identity: [SERIAL, "02010004"] },
  "eastron-sdm230": SDM_ONE,
  "abb-b21": { ...ABB, phases: 1, requests: [4, 2] },
  "abb-b23": { ...ABB, requests: [3, 2] },
  "abb-b24": { ...ABB, requests: [3, 2] },
  "cg-em24-rs485": {
    ...{ phases: 3, requests: [5, 5], stepMilliWh: 100_000, place: "4:62", identity: [SERIAL, "7"] },
  },
  "cg-em24-e1": { phases: 3, requests: [4, 2], stepMilliWh: 100_000, place: "4:52", identity: [SERIAL, "1.8.3"] },
  "cg-em11x": { ...CG_FINE, phases: 1, requests: [4, 2], identity: [SERIAL, "11"] },
  "cg-em3x0": { phases: 3, requests: [4, 2], stepMilliWh: 100_000, place: "4:52", identity: [SERIAL, "274"] },
  "cg-em5x0": { ...CG_FINE, identity: [SERIAL, "1.2.4"] },
  "cg-em580": { ...CG_FINE, requests: [5, 2], identity: [SERIAL, "1.2.3"] },
  "schneider-iem3000": { ...SCHNEIDER, identity: [SERIAL, null] },
  "schneider-pm5xxx": { ...SCHNEIDER, identity: NOBODY },
  "siemens-pac2200": {
    ...{ phases: 3, requests: [4, 3], stepMilliWh: 2, place: "3:801+3:805", identity: [SERIAL, "V3.2.0"] },
  },
  "siemens-pac1600": { phases: 3, requests: [4, 4], stepMilliWh: 1000, place: "3:6687", identity: NOBODY },
  "janitza-umg96": { phases: 3, requests: [4, 1], stepMilliWh: 1000, place: "3:19068", identity: NOBODY },
  "inepro-pro380": {
    ...{ phases: 3, requests: [3, 2], stepMilliWh: 10_000, place: "3:24588", identity: ["01CCD4A9", "00020013"] },
  },
  "phoenix-eem-mb370": { phases: 3, requests: [2, 2], stepMilliWh: 1000, place: "3:33024", identity: NOBODY },
  "bauer-bsm-ws36a": {
    ...{ phases: 3, requests: [2, 1], stepMilliWh: 10_000, place: "3:40136", powerStepW: 1 },
    identity: [SERIAL, "1.9:32CA:AFF4"],
  },
  "finder-7m38": { phases: 3, requests: [5, 3], stepMilliWh: 1000, place: "4:2752", identity: NOBODY },
  "socomec-countis-e2x": { ...SOCOMEC, identity: [null, "104"] },
  "socomec-countis-e34": { ...SOCOMEC, identity: [null, "104"] },
  "iskra-wm3m4c": { phases: 3, requests: [4, 2], stepMilliWh: 10_000, place: "4:418", identity: [SERIAL, null] },
  "acrel-djsf1352": {
    ...{ phases: 1, requests: [1, 1], stepMilliWh: 1000, place: "3:12", powerStepW: 1, identity: NOBODY },
  },
};

const test = suite("meter models");

test("each model has a simulated meter and is tested here", () => {
  assert.equal([...meterModelNames()].sort(), Object.keys(EXPECTED).sort());
  assert.equal([...meterModelNames()].sort(), Object.keys(METER_IMAGES).sort());
});

for (const [model, expected] of Object.entries(EXPECTED)) {
  test(`${model}: what the meter shows is what is read, in ${expected.requests[0]} requests`, async () => {
    const box = meterBench(model, {
      serialNumber: SERIAL_NUMBER,
      state: expected.phases === 1 ? ONE_PHASE : STATE,
    });
    const { clock, meter, device, map } = box;
    const identity = await clock.runUntilSettled(meter.identify());
    assert.ok(identity.ok, JSON.stringify(identity));
    assert.equal([identity.value.serialNumber, identity.value.firmware], expected.identity);
    const first = await clock.runUntilSettled(meter.read());
    assert.ok(first.ok, JSON.stringify(first));
    device.asked.length = 0;
    const reading = await clock.runUntilSettled(meter.read());
    assert.ok(reading.ok);
    assert.is(device.asked.length, expected.requests[0], device.asked.join(" "));
    expectValues(reading.value, expected, box.state, map);
  });

  test(`${model}: over TCP a reading takes ${expected.requests[1]} requests`, () => {
    const map = withCounters(meterBench(model).map, () => true);
    const registers = quantityRegisters(map).map(({ register }) => register);
    assert.is(planFetch(map, registers, 31).length, expected.requests[1]);
  });
}

const DIRECT_V = 400;

function expectValues(reading: MeterReading, expected: Expected, state: MeterState, map: RegisterMap): void {
  const { stepMilliWh, place, phases, powerStepW = 0.01 } = expected;
  assert.is(reading.register, place);
  assert.is(reading.resolutionMilliWh, stepMilliWh);
  near(reading.importedMilliWh, state.importedMilliWh, stepMilliWh, "imported energy");
  near(reading.exportedMilliWh, state.exportedMilliWh ?? 0, stepMilliWh, "exported energy");
  near(reading.powerW, state.powerW, powerStepW, "power");
  assert.is(reading.voltageV.length, phases);
  assert.is(reading.currentA.length, phases);
  const isDirect = map.directCurrent === true;
  reading.voltageV.forEach((value, phase) => {
    near(value, isDirect ? DIRECT_V : (state.voltageV[phase] ?? 0), 0.0501, `voltage L${phase + 1}`);
  });
  reading.currentA.forEach((value, phase) => {
    near(value, isDirect ? state.powerW / DIRECT_V : (state.currentA[phase] ?? 0), 0.0051, `current L${phase + 1}`);
  });
  if (phases === 0 || isDirect) assert.is(reading.frequencyHz, null);
  else near(reading.frequencyHz, state.frequencyHz, 0.001, "frequency");
}

function near(value: number | null, expected: number, within: number, what: string): void {
  const isNear = value !== null && Math.abs(value - expected) <= within;
  assert.ok(isNear, `${what}: ${String(value)}, expected ${expected} within ${within}`);
}

test.run();
