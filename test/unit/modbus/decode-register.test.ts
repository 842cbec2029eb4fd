/** From words to values: exact where the meter is exact, and null where it says nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { decodeEnergy, decodeIdentity, decodeNumber, decodeText } from "#hal/protocols/modbus/decode-register.ts";
import type { EnergyRegister, NumberRegister, NumberType, RegisterMap } from "#hal/protocols/modbus/register-map.ts";

const HIGH_FIRST: Pick<RegisterMap, "wordOrder" | "notAvailable"> = {
  wordOrder: "high-first",
  notAvailable: { u16: 0xffffn, i32: 0x7fff_ffffn, u64: 0xffff_ffff_ffff_ffffn },
};
const LOW_FIRST = { ...HIGH_FIRST, wordOrder: "low-first" } as const;

function number(type: NumberType, scale = 1): NumberRegister {
  return { address: 0, type, scale };
}

function energy(type: NumberType, scale: number, unit: "Wh" | "kWh"): EnergyRegister {
  return { address: 0, type, scale, unit };
}

const test = suite("register decoding");

for (const [type, words, expected] of [
  ["u16", [0xfffe], 65_534],
  ["i16", [0xfffe], -2],
  ["u32", [0x0012, 0xd687], 1_234_567],
  ["i32", [0xffff, 0xfffe], -2],
  ["u64", [0, 1, 0, 0], 4_294_967_296],
  ["i64", [0xffff, 0xffff, 0xffff, 0xffff], -1],
  ["f32", [0x4366, 0x3334], 230.20001220703125],
  ["f64", [0x4008, 0, 0, 0], 3],
] as const) {
  test(`${type} is read high word first, and the same reversed low word first`, () => {
    assert.is(decodeNumber(words, number(type), HIGH_FIRST), expected);
    assert.is(decodeNumber(words.toReversed(), number(type), LOW_FIRST), expected);
  });
}

test("a scale leaves no dust", () => {
  assert.is(decodeNumber([2302], number("u16", 0.1), HIGH_FIRST), 230.2);
  assert.is(decodeNumber([5001], number("u16", 0.01), HIGH_FIRST), 50.01);
  assert.is(decodeNumber([7], number("u16", 1000), HIGH_FIRST), 7000);
});

for (const [name, type, words] of [
  ["all ones", "u16", [0xffff]],
  ["the largest signed", "i32", [0x7fff, 0xffff]],
  ["not a number", "f32", [0x7fc0, 0]],
  ["infinity", "f32", [0x7f80, 0]],
] as const) {
  test(`${name} (${type}) is no value`, () => {
    assert.is(decodeNumber(words, number(type), HIGH_FIRST), null);
  });
}

test("a mark belongs to its type: the same bits of another type are a value", () => {
  assert.is(decodeNumber([0xffff], number("i16"), HIGH_FIRST), -1);
  assert.is(decodeNumber([0xffff, 0xffff], number("u32"), HIGH_FIRST), 4_294_967_295);
});

test("an integer counter is exact to the mWh, beyond what a float holds", () => {
  // 90 071 992.54 kWh: the float product 9007199254 x 10000.000000000002 is off.
  const words = [0, 0x0002, 0x18de, 0xf416];
  assert.equal(decodeEnergy(words, energy("u64", 0.01, "kWh"), HIGH_FIRST), {
    milliWh: 90_071_992_540_000,
    resolutionMilliWh: 10_000,
    rolloverMilliWh: null,
  });
});

test("a counter beyond the exact range of a number is no value, not a rounded one", () => {
  assert.is(decodeEnergy([0x7fff, 0, 0, 0], energy("u64", 0.01, "kWh"), HIGH_FIRST), null);
});

test("a counter that is negative or marked is no value", () => {
  assert.is(decodeEnergy([0xffff, 0xfffe], energy("i32", 0.1, "kWh"), HIGH_FIRST), null);
  assert.is(decodeEnergy([0x7fff, 0xffff], energy("i32", 0.1, "kWh"), HIGH_FIRST), null);
  assert.is(decodeEnergy([0xffff, 0xffff, 0xffff, 0xffff], energy("u64", 0.01, "kWh"), HIGH_FIRST), null);
});

test("a float counter is rounded to the nearest mWh, and its resolution grows with its size", () => {
  const read = (kWh: number): ReturnType<typeof decodeEnergy> => {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, kWh);
    return decodeEnergy([view.getUint16(0), view.getUint16(2)], energy("f32", 1, "kWh"), HIGH_FIRST);
  };
  const rolloverMilliWh = null;
  assert.equal(read(0), { milliWh: 0, resolutionMilliWh: 1, rolloverMilliWh });
  assert.equal(read(1234.567), { milliWh: 1_234_567_017, resolutionMilliWh: 123, rolloverMilliWh });
  assert.equal(read(16_384), { milliWh: 16_384_000_000, resolutionMilliWh: 1954, rolloverMilliWh });
  assert.equal(read(100_000), { milliWh: 100_000_000_000, resolutionMilliWh: 7813, rolloverMilliWh });
});

test("a counter that moves in steps is no finer than they are, though its float is", () => {
  const stepped = { ...energy("f32", 1, "kWh"), step: 0.01 };
  assert.is(decodeEnergy([0x449a, 0x5225], stepped, HIGH_FIRST)?.resolutionMilliWh, 10_000);
  // 0x4B800000 is 16 777 216: there the float is coarser than 10 Wh.
  assert.is(decodeEnergy([0x4b80, 0], stepped, HIGH_FIRST)?.resolutionMilliWh, 2_000_000);
});

test("a counter that starts again from 0 says after how much", () => {
  const counter = { ...energy("u32", 1, "Wh"), rolloverCounts: 2 ** 32 };
  assert.is(decodeEnergy([0, 1], counter, HIGH_FIRST)?.rolloverMilliWh, 4_294_967_296_000);
});

test("without a word of the maker, an unsigned counter starts again after all that its register holds", () => {
  const rollover = (counter: EnergyRegister, words: readonly number[]): number | null | undefined =>
    decodeEnergy(words, counter, HIGH_FIRST)?.rolloverMilliWh;
  assert.is(rollover(energy("u32", 1, "Wh"), [0, 1]), 2 ** 32 * 1000);
  assert.is(rollover(energy("u32", 0.01, "kWh"), [0, 1]), 2 ** 32 * 10_000);
  assert.is(rollover({ ...energy("u32", 0.1, "kWh"), rolloverCounts: 10 ** 8 }, [0, 1]), 10 ** 13);
  assert.is(rollover(energy("u64", 1, "Wh"), [0, 0, 0, 1]), null, "2^64 counts are more than a number holds");
  assert.is(rollover(energy("i32", 0.1, "kWh"), [0, 1]), null, "a display decides, and nobody says what it has");
  assert.is(rollover(energy("f32", 1, "kWh"), [0x3f80, 0]), null);
});

for (const [exponent, volts, milliWh, resolutionMilliWh, rolloverMilliWh] of [
  [0, 12_345, 12_345_000, 1000, 65_536_000],
  [0xffff, 1234.5, 1_234_500, 100, 6_553_600],
  // 6553.6 mWh are no step of a meter.
  [0xfffc, 1.2345, 1235, 1, null],
  [3, 12_345_000, 12_345_000_000, 1_000_000, 65_536_000_000],
] as const) {
  test(`the exponent ${(exponent << 16) >> 16} moves the point of value, counter and step`, () => {
    const place = { exponent: { address: 2, type: "i16" } } as const;
    assert.is(decodeNumber([12_345, 0, exponent], { ...number("u16"), ...place }, HIGH_FIRST), volts);
    const counter = { ...energy("u16", 1, "Wh"), ...place };
    assert.equal(decodeEnergy([12_345, 0, exponent], counter, HIGH_FIRST), {
      milliWh,
      resolutionMilliWh,
      rolloverMilliWh,
    });
  });
}

test("an exponent may stand before its value, and a mark or a size that none has makes it no value", () => {
  const register: NumberRegister = { address: 5, type: "i16", scale: 0.001, exponent: { address: 4, type: "u16" } };
  assert.is(decodeNumber([2, 4000], register, HIGH_FIRST), 400);
  assert.is(decodeNumber([0xffff, 4000], register, HIGH_FIRST), null);
  assert.is(decodeNumber([11, 4000], register, HIGH_FIRST), null);
});

for (const [type, words, expected] of [
  ["t5", [0xff00, 0x08fd], 230.1],
  ["t5", [0x02ff, 0xffff], 1_677_721_500],
  ["t6", [0xfdff, 0xe4ec], -6.932],
  ["t6", [0x0000, 0x1af4], 6900],
] as const) {
  test(`${type} carries its exponent in the first byte: ${expected}`, () => {
    assert.is(decodeNumber(words, number(type), HIGH_FIRST), expected);
  });
}

test("a sign that means nothing is left away, one that counts the other way is turned", () => {
  const negative = [0xffff, 0xfff6];
  assert.is(decodeEnergy(negative, { ...energy("i32", 0.1, "kWh"), sign: "absolute" }, HIGH_FIRST)?.milliWh, 1_000_000);
  assert.is(decodeNumber([0, 10], { ...number("i32"), sign: "reversed" }, HIGH_FIRST), -10);
  assert.is(decodeNumber([0, 0], { ...number("f32"), sign: "reversed" }, HIGH_FIRST), 0);
});

test("who the device is comes as text, number, hexadecimal digits or a version", () => {
  assert.is(decodeIdentity([0x1234, 0xabcd], { ...number("u32"), shownAs: "hex" }, HIGH_FIRST), "1234ABCD");
  assert.is(decodeIdentity([0x1234], { ...number("u16"), shownAs: "version" }, HIGH_FIRST), "1.2.52");
  assert.is(decodeIdentity([0x5602, 0x0100], { ...number("u32"), shownAs: "version" }, HIGH_FIRST), "V2.1.0");
  assert.is(decodeIdentity([0, 77], number("u32"), HIGH_FIRST), "77");
  const spelt = { address: 0, type: "text", count: 4, charactersPerRegister: 1 } as const;
  assert.is(decodeIdentity([0x53, 0x4f, 0x43, 0x4f], spelt, HIGH_FIRST), "SOCO");
});

test("a text loses its padding and is null when nothing is left or it is none", () => {
  assert.is(decodeText([0x4231, 0x2e32, 0x3000, 0], { address: 0, type: "text", count: 4 }), "B1.20");
  assert.is(decodeText([0, 0xffff], { address: 0, type: "text", count: 2 }), null);
  assert.is(decodeText([0x0107], { address: 0, type: "text", count: 1 }), null);
});

test.run();
