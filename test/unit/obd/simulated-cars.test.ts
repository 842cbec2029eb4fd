/** What each car's units answer, against bytes worked out by hand, and through an adapter that is set up for them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BatteryState } from "#hal/mock/obd/battery-source.ts";
import { carAliases, type CarModel, carModelNames, carModels, findCarModel } from "#hal/mock/obd/car-model.ts";
import type { ControlUnit } from "#hal/mock/obd/cars/control-unit.ts";
import { GOLDEN_ANSWERS, GOLDEN_STATE } from "#test/builders/golden-answers.ts";
import { encodedText, openTerminal, payloadOf, requestText, setUp } from "#test/builders/obd-terminal.ts";
import { TestBattery } from "#test/builders/test-battery.ts";

const test = suite("simulated cars");

for (const model of carModelNames()) {
  test(`${model}: each value stands where the table says, in its steps`, () => {
    const battery = new TestBattery(GOLDEN_STATE);
    for (const [request, at, bytes] of GOLDEN_ANSWERS[model]) {
      const service = Number.parseInt(request.slice(0, 2), 16);
      const data = encodedText(model, battery, service, Number.parseInt(request.slice(2), 16));
      assert.is(data.slice(2 * at, 2 * at + bytes.length), bytes, `${request} at ${at}`);
    }
  });
}

test("lengths are those of recorded replies", () => {
  const battery = new TestBattery(GOLDEN_STATE);
  const lengths: readonly (readonly [CarModel, number, number, number])[] = [
    ["hyundai-kona", 0x22, 0x0101, 59],
    ["hyundai-kona", 0x22, 0x0105, 43],
    ["hyundai-ioniq-5", 0x22, 0x0111, 74],
    ["hyundai-ioniq-5", 0x22, 0xe002, 58],
    ["hyundai-ioniq-5", 0x22, 0xe001, 36],
    ["vw-e-up", 0x22, 0x1e32, 16],
    ["bmw-i3", 0x22, 0xddbc, 6],
    ["bmw-i3", 0x22, 0xdd7c, 85],
    ["nissan-leaf", 0x21, 0x01, 51],
  ];
  for (const [model, service, id, length] of lengths) {
    assert.is(encodedText(model, battery, service, id).length, 2 * length, `${model} ${id.toString(16)}`);
  }
});

test("every answer of every unit comes whole through an adapter that is set up for it, and only then", async () => {
  for (const model of carModelNames()) {
    for (const unit of carModels[model].units) await checkUnit(model, unit);
  }
});

async function checkUnit(model: CarModel, unit: ControlUnit): Promise<void> {
  const battery = new TestBattery(GOLDEN_STATE);
  const ready = openTerminal({ model }, battery);
  await setUp(ready, unit);
  const deaf = openTerminal({ model }, battery);
  // Flow control in the name of somebody else.
  await setUp(deaf, unit);
  await deaf.type(`ATFCSH${unit.idBits === 11 ? "701" : "18DB00F1"}\r`);
  for (const { service, id, encode } of unit.identifiers) {
    const request = requestText(service, id);
    if (unit.session !== undefined) {
      const session = `10${unit.session.kind.toString(16).padStart(2, "0")}`;
      assert.match(await ready.type(`${session}\r`, 400), /50(03|C0)/);
      await deaf.type(`${session}\r`, 400);
    }
    const whole = payloadOf(await ready.type(`${request}\r`), unit);
    const echo = (service + 0x40).toString(16) + request.slice(2);
    const wanted = echo + [...encode(battery.now())].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    assert.is(whole, wanted.toUpperCase(), `${model} ${unit.name} ${request}`);
    const isLong = wanted.length / 2 > (unit.extension === undefined ? 7 : 6);
    const lines = (await deaf.type(`${request}\r`)).split("\r").filter((line) => /^[0-9A-F]{8,}$/.test(line));
    assert.is(lines.length, 1, `${model} ${request}: a long reply ends after its first frame`);
    if (isLong) assert.is(payloadOf(lines.join("\r"), unit).length < wanted.length, true);
  }
}

test("a car that lacks a value says its sentinel", () => {
  const dark = new TestBattery();
  const { inlet } = dark.state;
  dark.change({ inlet: { ...inlet, voltagesV: [0, 0, 0], currentsA: [0, 0, 0], activeW: 0 } });
  assert.is(encodedText("vw-e-up", dark, 0x22, 0x41fc), "01FF01FF");
  assert.is(encodedText("vw-e-up", dark, 0x22, 0x41fb), "FFFF");
  assert.is(encodedText("vw-e-up", dark, 0x22, 0x15d6), "FF");
  assert.is(encodedText("renault-zoe-ph2", dark, 0x22, 0x300b), "03");
});

test("direct current is told apart from alternating, driving from standing, and a pause has its reason", () => {
  const states: readonly (readonly [CarModel, number, number, number, Readonly<Record<string, string>>])[] = [
    ["hyundai-kona", 0x22, 0x0101, 50, { ac: "09", dc: "09", driving: "0D", parked: "01" }],
    ["hyundai-ioniq-28", 0x21, 0x01, 9, { ac: "A3", dc: "C3", driving: "03", parked: "00" }],
    ["hyundai-ioniq-5", 0x22, 0xe001, 17, { ac: "05", dc: "08", driving: "00", parked: "00", plugged: "04" }],
    ["vw-e-up", 0x22, 0x1dd6, 0, { ac: "01", dc: "04", driving: "00", parked: "00" }],
    ["vw-meb", 0x22, 0x7448, 0, { ac: "04", dc: "06", driving: "01", parked: "00" }],
    ["renault-zoe-ph1", 0x22, 0x5017, 0, { ac: "04", dc: "03" }],
    ["renault-zoe-ph2", 0x22, 0x2b6d, 0, { ac: "03", parked: "00", plugged: "01", ended: "02", failed: "04" }],
    ["bmw-i3", 0x22, 0xde84, 9, { ac: "02", parked: "01", plugged: "01", ended: "04", failed: "05" }],
    ["chevrolet-bolt", 0x22, 0x4531, 0, { ac: "02", dc: "03", parked: "00" }],
    ["mg-zs-ev", 0x22, 0xb048, 0, { ac: "06", dc: "07", driving: "03", parked: "01" }],
    ["nissan-leaf", 0x22, 0x114e, 0, { ac: "02", dc: "03", parked: "00" }],
    ["ford-mach-e", 0x22, 0x484f, 0, { ac: "03", parked: "00", plugged: "01", ended: "04", failed: "05" }],
  ];
  for (const [model, service, id, at, bytes] of states) {
    for (const [state, byte] of Object.entries(bytes)) {
      const data = encodedText(model, inState(state), service, id);
      assert.is(data.slice(2 * at, 2 * at + 2), byte, `${model}, ${state}`);
    }
  }
});

function inState(state: string): TestBattery {
  const battery = new TestBattery(GOLDEN_STATE);
  const { inlet } = battery.state;
  const parked = { plugged: false, charging: false, inlet: { ...inlet, locked: false } };
  const changes: Readonly<Record<string, Partial<BatteryState>>> = {
    ac: {},
    dc: { inlet: { ...inlet, kind: "dc", voltagesV: [0, 0, 0], currentsA: [0, 0, 0] } },
    driving: { ...parked, motorRpm: 3_000 },
    parked,
    plugged: { charging: false },
    ended: { charging: false, inlet: { ...inlet, pause: "ended" } },
    failed: { charging: false, inlet: { ...inlet, pause: "failed" } },
  };
  battery.change(changes[state] ?? {});
  return battery;
}

test("a value beyond its field stops at the last one that means a value", () => {
  const huge = new TestBattery({ packVoltageV: 1e6, packCurrentA: -1e6, stateOfChargePercent: 1000 });
  assert.is(encodedText("bmw-i3", huge, 0x22, 0xdd68), "FFFE");
  assert.is(encodedText("hyundai-kona", huge, 0x22, 0x0101).slice(20, 28), "7FFFFFFF");
  assert.is(encodedText("vw-e-up", huge, 0x22, 0x1e3d), "0000");
});

test("each alias is a car, and a stranger is none", () => {
  for (const [alias, model] of Object.entries(carAliases)) assert.is(findCarModel(alias), model);
  for (const model of carModelNames()) assert.is(findCarModel(model), model);
  for (const word of ["", "tesla", "constructor", "__proto__"]) assert.is(findCarModel(word), undefined);
  assert.is(carModelNames().length, 14);
});

test.run();
