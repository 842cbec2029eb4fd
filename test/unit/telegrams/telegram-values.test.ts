/** From the values of a telegram to a reading: codes, digits, units, and who sends them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CodedValues } from "#hal/meters/telegram/coded-values.ts";
import { decodeTelegram, type TelegramContents } from "#hal/meters/telegram/decode-telegram.ts";
import { dsmrP1 } from "#hal/meters/telegram/models/dsmr.ts";
import { iec62056EmhEhz, iec62056Push } from "#hal/meters/telegram/models/iec62056.ts";
import { smlGeneric } from "#hal/meters/telegram/models/sml.ts";
import { TelegramMemory } from "#hal/meters/telegram/telegram-memory.ts";
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";
import type { TelegramValue } from "#hal/protocols/telegram.ts";

const test = suite("values of telegrams");

test("a code is found however much of it the meter writes", () => {
  for (const sent of ["1.8.0", "1-0:1.8.0", "1-0:1.8.0*255", "1-0:1.8.0.255", "1-1:1.8.0", "1-0:1.8.0&255"]) {
    assert.is(new CodedValues([number(sent, "1", "Wh")]).find("1.8.0").kind, "one", sent);
  }
});

test("a register of a former period, of another medium or quantity is not that of now", () => {
  for (const sent of [
    "1.8.0*01",
    "1-0:1.8.0*01",
    "1-0:1.8.0&12",
    "1-0:1.8.0.1",
    "7-0:1.8.0",
    "1-0:1.8.1",
    "1-0:1.9.0",
  ]) {
    assert.is(new CodedValues([number(sent, "1", "Wh")]).find("1.8.0").kind, "none", sent);
  }
  assert.is(new CodedValues([text("0-1:96.1.0", "gas")]).find("0-0:96.1.0").kind, "none");
  assert.is(new CodedValues([text("96.1.0", "power")]).find("0-0:96.1.0").kind, "one");
});

test("every digit counts: energy is exact in mWh, and the last digit is the resolution", () => {
  const cases: readonly (readonly [value: string, unit: string, milliWh: number, resolution: number])[] = [
    ["5430157.7", "Wh", 5_430_157_700, 100],
    ["1.6786E+7", "Wh", 16_786_000_000, 1_000_000],
    ["00032549.5061662", "kWh", 32_549_506_166, 1],
    ["0008048.375", "kWh", 8_048_375_000, 1_000],
    ["12.3", "MWh", 12_300_000_000, 100_000_000],
    ["8048.375", "kwh", 8_048_375_000, 1_000],
    ["287454020", "Wh", 287_454_020_000, 1_000],
  ];
  for (const [value, unit, milliWh, resolution] of cases) {
    const reading = readingOf(decode(iec62056Push, [number("1.8.0", value, unit)]));
    assert.is(reading.importedMilliWh, milliWh, value);
    assert.is(reading.resolutionMilliWh, resolution, value);
  }
});

test("two tariffs are added exactly, their steps add up, and a sum does not roll over", () => {
  const { importedMilliWh, resolutionMilliWh, rolloverMilliWh, register } = readingOf(
    decode(iec62056Push, [number("1.8.1", "022108.7", "kWh"), number("1.8.2", "000000.1", "kWh")]),
  );
  assert.equal([importedMilliWh, resolutionMilliWh, rolloverMilliWh], [22_108_800_000, 200_000, null]);
  assert.is(register, "1.8.1+1.8.2");
});

test("the digits of the display say when the register starts again", () => {
  assert.is(readingOf(decode(iec62056Push, [number("1.8.0", "000285.4", "kWh")])).rolloverMilliWh, 1e12);
  assert.is(readingOf(decode(smlGeneric, [number("1-0:1.8.0*255", "000285.4", "kWh")])).rolloverMilliWh, null);
});

test("energy without a unit is refused unless the model says which it is", () => {
  const bare = [number("1-0:1.8.0*255", "032942.0231", null)];
  const refused = decode(iec62056Push, bare).reading;
  assert.ok(refused?.ok === false && refused.fault.code === "METER_IMPLAUSIBLE");
  assert.is(readingOf(decode(iec62056EmhEhz, bare)).importedMilliWh, 32_942_023_100);
});

test("a register that is negative, too large or of another unit is refused", () => {
  const wrong = [
    number("1.8.0", "-1.0", "kWh"),
    number("1.8.0", "99999999999999", "kWh"),
    number("1.8.0", "12.0", "m3"),
    text("1.8.0", "ABCD"),
  ];
  for (const value of wrong) {
    const reading = decode(iec62056Push, [value]).reading;
    assert.ok(reading?.ok === false && reading.fault.code === "METER_IMPLAUSIBLE", value.value);
  }
});

test("two different registers of one code are refused: one of them is somebody else's", () => {
  const reading = decode(smlGeneric, [energy("1-0:1.8.0*255", "1.0"), energy("1-1:1.8.0*255", "2.0")]).reading;
  assert.ok(reading?.ok === false && reading.fault.code === "METER_IMPLAUSIBLE");
  assert.ok(decode(smlGeneric, [energy("1-0:1.8.0*255", "1.0"), energy("1-0:1.8.0", "1.0")]).reading?.ok);
});

test("power is what is taken minus what is fed in, in watts", () => {
  const power = (...values: TelegramValue[]): number | null =>
    readingOf(decode(dsmrP1, [energy("1-0:1.8.0", "1.0"), ...values])).powerW;
  assert.is(power(number("1-0:1.7.0", "00.000", "kW"), number("1-0:2.7.0", "02.601", "kW")), -2601);
  assert.is(power(number("1-0:1.7.0", "01.193", "kW")), 1193);
  assert.is(power(number("1-0:1.7.0", "1193", "W"), number("1-0:2.7.0", "0", null)), null, "half of it is unknown");
  assert.is(power(), null);
});

test("power without a sign means consumption only where nothing is fed in", () => {
  const values = [energy("1-0:1.8.0*255", "1.0"), number("1-0:15.7.0*255", "137.1", "W")];
  assert.is(readingOf(decode(smlGeneric, values)).powerW, 137.1);
  assert.is(readingOf(decode(smlGeneric, [...values, energy("1-0:2.8.0*255", "0.0")])).powerW, null);
});

test("currents that are rounded to amperes do not make the power implausible", () => {
  const values = [
    energy("1-0:1.8.0", "1.0"),
    number("1-0:1.7.0", "00.345", "kW"),
    ...["32", "52", "72"].map((c) => number(`1-0:${c}.7.0`, "235.0", "V")),
    ...["31", "51", "71"].map((c) => number(`1-0:${c}.7.0`, "0", "A")),
  ];
  assert.ok(decode(dsmrP1, values).reading?.ok);
  const tooMuch = values.map((value) => (value.code === "1-0:1.7.0" ? { ...value, value: "11.000" } : value));
  assert.not.ok(decode(dsmrP1, tooMuch).reading?.ok);
});

test("a serial number is read as it is printed on the meter", () => {
  const serial = (model: TelegramModel, value: TelegramValue): string | null => decode(model, [value]).serialNumber;
  const octets = (value: string): TelegramValue => ({ code: "1-0:96.1.0*255", value, kind: "octets", unit: null });
  assert.is(serial(smlGeneric, octets("0a01454d480000a1bd34")), "1EMH0010599732");
  assert.is(serial(smlGeneric, octets("090149534b000403df63")), "1ISK0067362659");
  assert.is(serial(smlGeneric, octets("06454d4801027156cd45")), "06454d4801027156cd45");
  assert.is(serial(dsmrP1, text("0-0:96.1.1", "4B3845473030343034363339")), "K8EG00404639");
  assert.is(serial(dsmrP1, text("0-0:96.1.1", "00000000000000000")), "00000000000000000");
  assert.is(serial(dsmrP1, text("0-1:96.1.0", "4B38")), null);
  assert.is(serial(iec62056Push, text("C.1", "53965555")), "53965555");
  assert.is(serial(iec62056Push, text("0-0:C.1.0*255", "63355730")), "63355730");
});

test("a meter is kept to the register that it was read by first", () => {
  const memory = new TelegramMemory(smlGeneric);
  const tariffs = [energy("1-0:1.8.1*255", "600.0"), energy("1-0:1.8.2*255", "400.0")];
  memory.take(telegram(tariffs, "one"), at(1_000));
  memory.take(telegram([energy("1-0:1.8.0*255", "999.0")], "one"), at(2_000));
  assert.is(memory.newest?.arrival.monotonicMs, 1_000);
  memory.take(telegram([...tariffs, energy("1-0:1.8.0*255", "1000.0")], "one"), at(3_000));
  assert.ok(memory.newest?.reading.ok && memory.newest.reading.value.register === "1-0:1.8.1*255+1-0:1.8.2*255");
});

test("after an interruption a telegram without a number is nobody's, until a number comes or none has for long", () => {
  const memory = new TelegramMemory(smlGeneric);
  const value = [energy("1-0:1.8.0*255", "600.0")];
  memory.take(telegram(value, "one"), at(1_000));
  memory.interrupt();
  memory.take(telegram(value), at(2_000));
  assert.is(memory.newest, undefined);
  assert.is(memory.identity, undefined);
  memory.take(telegram([], "one"), at(2_500));
  memory.take(telegram(value), at(3_000));
  assert.ok(memory.newest?.reading.ok);
  memory.interrupt();
  for (let ms = 4_000; ms <= 14_000; ms += 1_000) memory.take(telegram(value), at(ms));
  assert.is(memory.stranger?.serialNumber, null);
});

test("a damaged number in a telegram without a sum is not another meter", () => {
  const memory = new TelegramMemory(iec62056Push);
  const value = [energy("1.8.0", "600.0")];
  for (const [index, sender] of ["one", "one", "onf", "one", "two", "one", "two", "two"].entries()) {
    memory.take(telegram(value, sender), at(1_000 * (index + 1)));
    assert.is(memory.stranger?.serialNumber, index === 7 ? "two" : undefined, String(index));
  }
});

function decode(model: TelegramModel, values: readonly TelegramValue[]): TelegramContents {
  return decodeTelegram(model, telegram(values), undefined);
}

type Told = Extract<NonNullable<TelegramContents["reading"]>, { ok: true }>["value"];

function readingOf({ reading }: TelegramContents): Told {
  if (reading?.ok !== true) throw new Error(`no reading: ${JSON.stringify(reading)}`);
  return reading.value;
}

function telegram(values: readonly TelegramValue[], sender?: string): Parameters<typeof decodeTelegram>[1] {
  return { offset: 0, lengthBytes: 1, values, ...(sender === undefined ? {} : { sender }) };
}

function at(monotonicMs: number): { monotonicMs: number; wallMs: number } {
  return { monotonicMs, wallMs: 1_780_000_000_000 + monotonicMs };
}

function number(code: string, value: string, unit: string | null): TelegramValue {
  return { code, value, kind: "number", unit };
}

function energy(code: string, value: string): TelegramValue {
  return number(code, value, "kWh");
}

function text(code: string, value: string): TelegramValue {
  return { code, value, kind: "text", unit: null };
}

test.run();
