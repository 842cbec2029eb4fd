/**
 * A table of registers that somebody wrote: each mistake is answered with its place, what was found, what is expected.
 */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { checkRegisterMap } from "#hal/meters/check-register-map.ts";
import type { MapProblem } from "#hal/meters/map-shape.ts";
import { meterModel, meterModelNames } from "#hal/meters/models/registry.ts";

type Table = Record<string, unknown>;

/** A good one, as JSON gives it. */
function goodTable(): Table {
  return {
    model: "garage-meter",
    functionCode: 3,
    wordOrder: "high-first",
    registersPerReadMax: 20,
    pauseMs: 0,
    answerMs: 500,
    notAvailable: { u32: "0xFFFFFFFF", i16: -32_768 },
    identity: {
      serialNumber: { address: 100, type: "text", count: 8 },
      modelCode: { address: 110, type: "u16", scale: 1, from: 5, to: 7 },
    },
    quantities: {
      importedEnergy: { address: 0, type: "u32", scale: 0.01, unit: "kWh" },
      exportedEnergy: { address: 2, type: "u32", scale: 0.01, unit: "kWh" },
      power: { address: 8, type: "i16", scale: 1, exponent: { address: 9, type: "i16" } },
      voltage: [{ address: "0x0010", type: "u16", scale: 0.1 }],
      current: [{ address: 17, type: "u16", scale: 0.01 }],
      frequency: { address: 18, type: "u16", scale: 0.01 },
    },
  };
}

function problemsOf(value: unknown): readonly MapProblem[] {
  const checked = checkRegisterMap(value);
  return checked.ok ? [] : checked.fault;
}

/** The table with one key set; undefined takes it away. */
function changed(path: string, value: unknown): unknown {
  const table = goodTable();
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place: Table = table;
  for (const key of keys) place = place[key] as Table;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return table;
}

const VOLTS = { address: 16, type: "u16", scale: 0.1 };
const AMPERES = { address: 17, type: "u16", scale: 0.01 };

const MISTAKES: readonly (readonly [path: string, value: unknown, at: string, expected: RegExp])[] = [
  ["model", "Garage meter", "model", /1 to 32 characters of a-z/],
  ["modell", "x", "modell", /no such key; known here: model, functionCode/],
  ["functionCode", 6, "functionCode", /one of 3, 4/],
  ["wordOrder", "big", "wordOrder", /one of "high-first", "low-first"/],
  ["registersPerReadMax", 126, "registersPerReadMax", /from 1 to 125/],
  ["registersPerReadSafe", 30, "registersPerReadSafe", /at most registersPerReadMax, which is 20/],
  ["evenOnly", "yes", "evenOnly", /true or false/],
  ["pauseMs", -1, "pauseMs", /from 0 to 1000/],
  ["answerMs", 10_000, "answerMs", /from 50 to 2000/],
  ["notAvailable.u32", "0x1FFFFFFFF", "notAvailable.u32", /from 0 to 4294967295/],
  ["notAvailable.i16", 40_000, "notAvailable.i16", /from -32768 to 32767/],
  ["blocks", [{ address: 100, count: 30 }], "blocks[0].count", /at most registersPerReadMax/],
  ["blocks", [{ address: 104, count: 8 }], "identity.serialNumber.address", /lies in the block at 104 with all/],
  ["factory", { baudRate: 9000 }, "factory.baudRate", /one of 300, 600/],
  ["directCurrent", true, "directCurrent", /one voltage, one current and no frequency/],
  ["identity.serialNumber.count", 30, "identity.serialNumber", /at most 20 registers, the most that one read/],
  ["identity.serialNumber.scale", 1, "identity.serialNumber.scale", /no such key/],
  ["identity.modelCode.from", 9, "identity.modelCode.from", /at most the value of to, which is 7/],
  ["identity.modelCode.to", 70_000, "identity.modelCode.to", /at most 65535, the largest value of u16/],
  ["identity.modelCode.type", "f32", "identity.modelCode.type", /an integer type/],
  [
    "identity.modelName",
    { address: 1, type: "text", count: 2, startsWith: [] },
    "identity.modelName.startsWith",
    /one/,
  ],
  [
    "identity.firmware",
    { address: 120, type: "i16", scale: 1, shownAs: "version" },
    "identity.firmware.type",
    /u16 or u32, since it is shown as version/,
  ],
  ["quantities.importedEnergy", undefined, "quantities.importedEnergy", /a table with address/],
  ["quantities.importedEnergy.optional", true, "quantities.importedEnergy.optional", /without this counter/],
  ["quantities.importedEnergy.unit", "MWh", "quantities.importedEnergy.unit", /one of "Wh", "kWh"/],
  ["quantities.importedEnergy.scale", 1e-7, "quantities.importedEnergy.scale", /a whole number of mWh/],
  ["quantities.importedEnergy.rolloverCounts", 0, "quantities.importedEnergy.rolloverCounts", /from 1/],
  ["quantities.importedEnergy.address", 65_536, "quantities.importedEnergy.address", /from 0 to 65535/],
  ["quantities.importedEnergy.address", 65_535, "quantities.importedEnergy.address", /ends at 65535 or before/],
  ["quantities.power", undefined, "quantities.power", /a table with address/],
  ["quantities.power.adress", 8, "quantities.power.adress", /no such key; known here: address/],
  ["quantities.power.scale", 0, "quantities.power.scale", /a number above 0/],
  ["quantities.power.scale", Number.NaN, "quantities.power.scale", /a number above 0/],
  ["quantities.power.type", "float", "quantities.power.type", /one of "u16", "i16"/],
  ["quantities.power.exponent.address", 8, "quantities.power.exponent.address", /no part of the value/],
  ["quantities.power.exponent.address", 40, "quantities.power.exponent.address", /within 20 registers of its value/],
  ["quantities.power.address", 1, "quantities.power.address", /importedEnergy uses 0 as well/],
  ["quantities.power.sign", "negative", "quantities.power.sign", /one of "absolute", "reversed"/],
  ["quantities.voltage", [VOLTS, VOLTS], "quantities.current", /as many currents as voltages/],
  ["quantities.voltage", [VOLTS, VOLTS, VOLTS, VOLTS], "quantities.voltage", /a list of at most 3/],
  ["quantities.voltage", "L1", "quantities.voltage", /a list of at most 3/],
  ["quantities.current", [{ ...AMPERES, address: 16 }], "quantities.current[0].address", /voltage\[0\] uses 16/],
  ["quantities.frequency.tenfoldAbove", -5, "quantities.frequency.tenfoldAbove", /a number above 0/],
];

const test = suite("register map check");

test("every built-in table passes, and is what comes out", () => {
  for (const model of meterModelNames()) {
    const table = meterModel(model);
    const checked = checkRegisterMap(table);
    assert.ok(checked.ok, model);
    assert.equal(checked.value, table, model);
  }
});

test("a good table passes, with hexadecimal numbers in text, and what is left out takes its default", () => {
  const checked = checkRegisterMap(goodTable());
  assert.ok(checked.ok, JSON.stringify(problemsOf(goodTable())));
  assert.is(checked.value.quantities.voltage[0]?.address, 16);
  assert.is(checked.value.notAvailable?.u32, 0xffff_ffffn);
  const { model, functionCode, wordOrder, registersPerReadMax } = goodTable();
  const power = { address: 8, type: "i16", scale: 1 };
  const importedEnergy = { address: 0, type: "u32", scale: 1, unit: "kWh" };
  const short = checkRegisterMap({
    ...{ model, functionCode, wordOrder, registersPerReadMax },
    quantities: { importedEnergy, power },
  });
  assert.ok(short.ok, JSON.stringify(short));
  const { pauseMs, answerMs, identity, quantities } = short.value;
  assert.equal([pauseMs, answerMs, identity, quantities.voltage], [0, 1000, {}, []]);
});

for (const [path, value, at, expected] of MISTAKES) {
  test(`${path} = ${JSON.stringify(value)} is answered at ${at}`, () => {
    const problems = problemsOf(changed(path, value));
    const found = problems.find((problem) => problem.path === at);
    assert.ok(found !== undefined, JSON.stringify(problems));
    assert.match(found.expected, expected);
  });
}

test("a pause that leaves no time for a reading's requests is a mistake", () => {
  const apart = [0, 30, 60].map((address) => ({ address: 1000 + address, type: "u16", scale: 1 }));
  const table = goodTable();
  const spread = { ...(table["quantities"] as Table), voltage: apart, current: [] };
  const [found] = problemsOf({ ...table, pauseMs: 1000, quantities: spread });
  assert.equal(found, {
    path: "pauseMs",
    found: "1000",
    expected: "at most 833: a reading takes up to 6 requests",
  });
});

test("all mistakes are told at once", () => {
  const table = { ...goodTable(), wordOrder: "big", functionCode: 5, quantities: {} };
  assert.equal(
    problemsOf(table).map(({ path }) => path),
    ["functionCode", "wordOrder", "quantities.importedEnergy", "quantities.power"],
  );
});

test("whatever it is given, it answers with a table or with mistakes", () => {
  const good = goodTable();
  const anyTable = fc.record(
    Object.fromEntries(Object.keys(good).map((key) => [key, fc.oneof(fc.anything(), fc.constant(good[key]))])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), anyTable), (value) => {
      const checked = checkRegisterMap(value);
      assert.ok(checked.ok || checked.fault.length > 0);
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});

test("any numbers in the right places give a map that can be planned, or mistakes", () => {
  const anyAddress = fc.integer({ min: -2, max: 0x1_0002 });
  const anyType = fc.constantFrom("u16", "i16", "u32", "i32", "u64", "f32", "f64", "t5");
  const anyNumber = fc.record(
    {
      address: anyAddress,
      type: anyType,
      scale: fc.constantFrom(1, 0.1, 10, 1e-9),
      exponent: fc.record({ address: anyAddress, type: fc.constant("i16") }),
      alone: fc.boolean(),
      optional: fc.boolean(),
    },
    { requiredKeys: ["address", "type", "scale"] },
  );
  const anyMap = fc.record({
    ...{ model: fc.constant("any"), functionCode: fc.constant(3), wordOrder: fc.constant("low-first") },
    ...{ registersPerReadMax: fc.integer({ min: 1, max: 125 }), evenOnly: fc.boolean(), noGap: fc.boolean() },
    pauseMs: fc.integer({ min: 0, max: 1000 }),
    quantities: fc.record({
      importedEnergy: anyNumber.map((register) => ({ ...register, unit: "kWh" })),
      ...{ power: anyNumber, voltage: fc.array(anyNumber, { maxLength: 3 }) },
    }),
  });
  fc.assert(
    fc.property(anyMap, (value) => {
      checkRegisterMap(value);
    }),
    { seed: 20_261_122, numRuns: 2000 },
  );
});

test.run();
