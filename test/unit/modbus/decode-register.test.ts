/** From words to values: exact where the meter is exact, and null where it says nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { decodeEnergy, decodeNumber, decodeText } from "#hal/protocols/modbus/decode-register.ts";
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
  assert.equal(read(0), { milliWh: 0, resolutionMilliWh: 1 });
  assert.equal(read(1234.567), { milliWh: 1_234_567_017, resolutionMilliWh: 123 });
  assert.equal(read(16_384), { milliWh: 16_384_000_000, resolutionMilliWh: 1954 });
  assert.equal(read(100_000), { milliWh: 100_000_000_000, resolutionMilliWh: 7813 });
});

test("a text loses its padding and is null when nothing is left or it is none", () => {
  assert.is(decodeText([0x4231, 0x2e32, 0x3000, 0], { address: 0, type: "text", count: 4 }), "B1.20");
  assert.is(decodeText([0, 0xffff], { address: 0, type: "text", count: 2 }), null);
  assert.is(decodeText([0x0107], { address: 0, type: "text", count: 1 }), null);
});

test.run();
