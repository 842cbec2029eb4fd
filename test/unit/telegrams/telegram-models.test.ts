/** The tables of meters that speak by themselves, those of this project and those that somebody writes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkTelegramModel, isTelegramTable } from "#hal/meters/telegram/check-telegram-model.ts";
import { telegramModel, telegramModelNames } from "#hal/meters/telegram/models/registry.ts";
import { meterModelNames } from "#hal/meters/models/registry.ts";
import { hasSimulatedTelegrams } from "#hal/mock/telegram/telegram-images.ts";

const test = suite("models of meters that speak by themselves");

test("every table of this project keeps to the rules for tables, and has a name of its own", () => {
  const names = [...telegramModelNames(), ...meterModelNames()];
  assert.is(new Set(names).size, names.length);
  for (const name of telegramModelNames()) {
    const model = telegramModel(name);
    const checked = checkTelegramModel(model);
    assert.ok(checked.ok, `${name}: ${JSON.stringify(checked)}`);
    assert.equal(checked.value, model, name);
  }
});

test("there is a simulated meter of each model but of those that tell once an hour", () => {
  const without = telegramModelNames().filter((name) => !hasSimulatedTelegrams(name));
  assert.equal(without, ["dlms-hourly"]);
});

const LEAST = { model: "my-meter", protocol: "sml", quantities: { importedEnergy: [["1.8.0"]] } };

test("a table needs a name, a protocol and the register; the rest is as usual for the protocol", () => {
  const checked = checkTelegramModel(LEAST);
  assert.ok(checked.ok, JSON.stringify(checked));
  const { mode, line, periodMs, check } = checked.value;
  assert.equal([mode, line.baudRate, periodMs, check], ["pushed", 9600, 3_000, "crc"]);
  const p1 = checkTelegramModel({ ...LEAST, protocol: "dsmr" });
  assert.ok(p1.ok && p1.value.line.baudRate === 115_200);
});

test("what tells a table of telegrams from one of registers is its protocol", () => {
  assert.ok(isTelegramTable(LEAST));
  assert.not.ok(isTelegramTable({ model: "x", functionCode: 3 }));
});

const MISTAKES: readonly (readonly [change: object, path: string, expected: RegExp])[] = [
  [{ protocol: "smll" }, "protocol", /one of "sml"/],
  [{ model: "My Meter" }, "model", /a-z/],
  [{ baud: 9600 }, "baud", /no such key/],
  [{ quantities: {} }, "quantities.importedEnergy", /a list/],
  [{ quantities: { importedEnergy: [] } }, "quantities.importedEnergy", /at least one way/],
  [{ quantities: { importedEnergy: [[]] } }, "quantities.importedEnergy[0]", /at least one code/],
  [{ quantities: { importedEnergy: [["1.8.0*01"]] } }, "quantities.importedEnergy[0][0]", /lifetime register/],
  [{ quantities: { importedEnergy: [["1.9.0"]] } }, "quantities.importedEnergy[0][0]", /lifetime register/],
  [{ quantities: { importedEnergy: [["2.8.0"]] } }, "quantities.importedEnergy[0][0]", /group C 1 or 21/],
  [{ quantities: { importedEnergy: [["energy"]] } }, "quantities.importedEnergy[0][0]", /OBIS code/],
  [{ mode: "asked" }, "mode", /only meters with protocol = "iec62056"/],
  [{ check: "none" }, "check", /^crc, with protocol = "sml"/],
  [{ rollsOverByDigits: true }, "rollsOverByDigits", /only IEC 62056-21/],
  [{ energyUnit: "kWh" }, "energyUnit", /always says the unit/],
  [{ periodMs: 1_000, anyPeriodMs: 2_000 }, "anyPeriodMs", /at most periodMs, which is 1000/],
  [{ line: { baudRate: 9601 } }, "line.baudRate", /one of 300/],
];

test("each mistake is named with its path and with what is expected there", () => {
  for (const [change, path, expected] of MISTAKES) {
    const checked = checkTelegramModel({ ...LEAST, ...change });
    assert.not.ok(checked.ok, path);
    if (checked.ok) continue;
    const found = checked.fault.find((problem) => problem.path === path);
    assert.ok(found !== undefined, `${path} in ${JSON.stringify(checked.fault)}`);
    assert.match(found.expected, expected, path);
  }
});

test.run();
