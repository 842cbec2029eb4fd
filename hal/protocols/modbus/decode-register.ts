/** From the words of a register to its value. Null is "the device has no value", never 0. */
import { assert } from "#base/assert.ts";
import type { EnergyRegister, NumberRegister, NumberType, RegisterMap, TextRegister } from "./register-map.ts";

export type Words = readonly number[];
type Conventions = Pick<RegisterMap, "wordOrder" | "notAvailable">;

/** The value in the quantity's unit. */
export function decodeNumber(words: Words, register: NumberRegister, conventions: Conventions): number | null {
  const raw = decodeRaw(words, register.type, conventions);
  if (raw === null) return null;
  return scaled(Number(raw), register.scale);
}

export interface Energy {
  readonly milliWh: number;
  /** The smallest step of the register at its present size. */
  readonly resolutionMilliWh: number;
}

/**
 * A counter as whole mWh. An integer register is exact at any size; a float is rounded to the nearest mWh, and its
 * resolution is the distance to the next float, which grows with the counter (0.12 Wh at 1 MWh, 7.8 Wh at 100 MWh).
 * Null for no value and for a value that no counter has: negative, or beyond what a number holds exactly.
 */
export function decodeEnergy(words: Words, register: EnergyRegister, conventions: Conventions): Energy | null {
  const raw = decodeRaw(words, register.type, conventions);
  if (raw === null || raw < 0) return null;
  const milliWhPerCount = register.scale * MILLI_WH_PER[register.unit];
  const energy =
    typeof raw === "bigint" ? exactEnergy(raw, milliWhPerCount) : floatEnergy(raw, register, milliWhPerCount);
  return energy.milliWh <= Number.MAX_SAFE_INTEGER ? energy : null;
}

/** ASCII, two characters a register, without the padding. Null when nothing is left or it is no text. */
export function decodeText(words: Words, register: TextRegister): string | null {
  assert(words.length === register.count, "a text is decoded from all of its words");
  const characters = words.flatMap((word) => [word >> 8, word & 0xff]).filter((code) => code !== 0 && code !== 0xff);
  const text = String.fromCharCode(...characters).trim();
  return /^[\x20-\x7e]+$/.test(text) ? text : null;
}

/** Integers come as bigint, so that 64 bits stay exact. */
function decodeRaw(words: Words, type: NumberType, conventions: Conventions): number | bigint | null {
  const view = highFirst(words, conventions);
  if (type === "f32" || type === "f64") {
    assert(view.byteLength === (type === "f32" ? 4 : 8), "a float is decoded from all of its words");
    const value = type === "f32" ? view.getFloat32(0) : view.getFloat64(0);
    return Number.isFinite(value) ? value : null;
  }
  const bits = Number(type.slice(1));
  assert(view.byteLength * 8 === bits, "an integer is decoded from all of its words");
  let unsigned = 0n;
  for (let offset = 0; offset < view.byteLength; offset += 2)
    unsigned = (unsigned << 16n) | BigInt(view.getUint16(offset));
  const value = type.startsWith("i") ? BigInt.asIntN(bits, unsigned) : unsigned;
  return value === conventions.notAvailable?.[type] ? null : value;
}

function highFirst(words: Words, conventions: Conventions): DataView {
  const ordered = conventions.wordOrder === "high-first" ? words : words.toReversed();
  const view = new DataView(new ArrayBuffer(2 * ordered.length));
  ordered.forEach((word, index) => {
    view.setUint16(2 * index, word);
  });
  return view;
}

/** 2302 x 0.1 is 230.20000000000002; 2302 / 10 is the number a person would write. */
function scaled(raw: number, scale: number): number {
  const divisor = Math.round(1 / scale);
  return scale < 1 && Math.abs(divisor * scale - 1) < 1e-9 ? raw / divisor : raw * scale;
}

function exactEnergy(raw: bigint, milliWhPerCount: number): Energy {
  // 0.01 kWh is 10000.000000000002 mWh in floats; each scale of a table is a whole number of mWh.
  const factor = Math.round(milliWhPerCount);
  assert(factor >= 1 && Math.abs(factor - milliWhPerCount) < 1e-6, "an integer counter counts whole mWh");
  return { milliWh: Number(raw * BigInt(factor)), resolutionMilliWh: factor };
}

function floatEnergy(raw: number, register: EnergyRegister, milliWhPerCount: number): Energy {
  const step = floatStep(raw, register.type === "f32" ? 23 : 52) * milliWhPerCount;
  return { milliWh: Math.round(raw * milliWhPerCount), resolutionMilliWh: Math.max(1, Math.ceil(step)) };
}

/** Distance to the next larger float with so many bits of fraction, by the exponent of IEEE 754. */
function floatStep(value: number, fractionBits: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const exponent = ((view.getUint16(0) >> 4) & 0x7ff) - 1023;
  return value === 0 ? 0 : 2 ** (exponent - fractionBits);
}

const MILLI_WH_PER = { Wh: 1e3, kWh: 1e6 } as const;
