/**
 * From words to values. Null is "the device has no value", never 0. `words` are always those of the register's span
 * (`registerSpan`): of the value, and of its exponent where it has one.
 */
import { assert } from "#base/assert.ts";
import {
  registerCount,
  registerSpan,
  type EnergyRegister,
  type IdentityRegister,
  type IntegerType,
  type NumberRegister,
  type RegisterMap,
  type TextRegister,
} from "./register-map.ts";

export type Words = readonly number[];
type Conventions = Pick<RegisterMap, "wordOrder" | "notAvailable">;

/** The value in the quantity's unit. */
export function decodeNumber(words: Words, register: NumberRegister, conventions: Conventions): number | null {
  const raw = decodeRaw(words, register, conventions);
  return raw === null ? null : scaled(Number(raw.digits), register.scale, raw.exponent);
}

export interface Energy {
  readonly milliWh: number;
  /** The smallest step of the register at its present size. */
  readonly resolutionMilliWh: number;
  /** The register is at 0 again after so much; null where that is not known. */
  readonly rolloverMilliWh: number | null;
}

/**
 * A counter as whole mWh. An integer register is exact at any size; a float is rounded to the nearest mWh, and its
 * resolution is the distance to the next float, which grows with the counter (0.12 Wh at 1 MWh, 7.8 Wh at 100 MWh).
 * Null for no value and for a value that no counter has: negative, or beyond what a number holds exactly.
 */
export function decodeEnergy(words: Words, register: EnergyRegister, conventions: Conventions): Energy | null {
  const raw = decodeRaw(words, register, conventions);
  if (raw === null || raw.digits < 0) return null;
  const milliWhPerCount = register.scale * MILLI_WH_PER[register.unit];
  const energy =
    typeof raw.digits === "bigint"
      ? exactEnergy(raw.digits, raw.exponent, register)
      : floatEnergy(raw.digits, register, milliWhPerCount * 10 ** raw.exponent);
  const stepMilliWh = Math.round((register.step ?? 0) * MILLI_WH_PER[register.unit]);
  const resolutionMilliWh = Math.max(energy.resolutionMilliWh, stepMilliWh);
  return Number.isSafeInteger(energy.milliWh) ? { ...energy, resolutionMilliWh } : null;
}

/** The name or number by which a device says who it is. */
export function decodeIdentity(words: Words, register: IdentityRegister, conventions: Conventions): string | null {
  if (register.type === "text") return decodeText(words, register);
  if (register.shownAs === undefined) return decodeNumber(words, register, conventions)?.toString() ?? null;
  const raw = decodeRaw(words, register, conventions);
  if (raw === null) return null;
  assert(typeof raw.digits === "bigint", "what is shown in its bits is an integer");
  const length = 4 * registerCount(register);
  const hex = BigInt.asUintN(4 * length, raw.digits)
    .toString(16)
    .padStart(length, "0");
  return register.shownAs === "hex" ? hex.toUpperCase() : versionOf(hex);
}

/** ASCII without the padding. Null when nothing is left or it is no text. */
export function decodeText(words: Words, register: TextRegister): string | null {
  assert(words.length === register.count, "a text is decoded from all of its words");
  const bytes = words.flatMap((word) =>
    register.charactersPerRegister === 1 && word < 0x100 ? [word] : [word >> 8, word & 0xff],
  );
  const text = String.fromCharCode(...bytes.filter((code) => code !== 0 && code !== 0xff)).trim();
  return /^[\x20-\x7e]+$/.test(text) ? text : null;
}

/** Value = digits x 10^exponent, before the scale. Integers come as bigint, so that 64 bits stay exact. */
interface Raw {
  readonly digits: number | bigint;
  readonly exponent: number;
}

function decodeRaw(words: Words, register: NumberRegister, conventions: Conventions): Raw | null {
  const span = registerSpan(register);
  assert(words.length === span.count, "a value is decoded from all of its words");
  const from = register.address - span.address;
  const raw = decodeDigits(words.slice(from, from + registerCount(register)), register, conventions);
  const exponent = exponentIn(words, register, conventions);
  if (raw === null || exponent === null) return null;
  const sum = raw.exponent + exponent;
  // Not asked for elsewhere, a value of such a size is a register of something else.
  if (Math.abs(sum) > EXPONENT_MAX) return null;
  return { digits: signed(raw.digits, register.sign), exponent: sum };
}

/** SunSpec allows -10 to 10 for a scale factor. */
const EXPONENT_MAX = 10;

function exponentIn(words: Words, register: NumberRegister, conventions: Conventions): number | null {
  const { exponent } = register;
  if (exponent === undefined) return 0;
  const word = words[exponent.address - registerSpan(register).address];
  assert(word !== undefined, "an exponent lies in the span of its value");
  const value = integerOf([word], exponent.type);
  return value === conventions.notAvailable?.[exponent.type] ? null : Number(value);
}

function decodeDigits(words: Words, register: NumberRegister, conventions: Conventions): Raw | null {
  const { type } = register;
  const ordered = conventions.wordOrder === "high-first" ? words : words.toReversed();
  if (type === "f32" || type === "f64") {
    const view = viewOf(ordered);
    const value = type === "f32" ? view.getFloat32(0) : view.getFloat64(0);
    return Number.isFinite(value) ? { digits: value, exponent: 0 } : null;
  }
  if (type === "t5" || type === "t6") {
    const whole = integerOf(ordered, "u32");
    const digits = type === "t5" ? BigInt.asUintN(24, whole) : BigInt.asIntN(24, whole);
    return { digits, exponent: Number(BigInt.asIntN(8, whole >> 24n)) };
  }
  const value = integerOf(ordered, type);
  return value === conventions.notAvailable?.[type] ? null : { digits: value, exponent: 0 };
}

function integerOf(words: Words, type: IntegerType): bigint {
  const unsigned = words.reduce((value, word) => (value << 16n) | BigInt(word), 0n);
  return type.startsWith("i") ? BigInt.asIntN(16 * words.length, unsigned) : unsigned;
}

function viewOf(words: Words): DataView {
  const view = new DataView(new ArrayBuffer(2 * words.length));
  words.forEach((word, index) => {
    view.setUint16(2 * index, word);
  });
  return view;
}

function signed(digits: number | bigint, sign: NumberRegister["sign"]): number | bigint {
  const isTurned = sign === "reversed" || (sign === "absolute" && digits < 0);
  return isTurned && digits !== 0 ? -digits : digits;
}

/** 2302 x 0.1 is 230.20000000000002; 2302 / 10 is the number a person would write. */
function scaled(digits: number, scale: number, exponent: number): number {
  const factor = scale * 10 ** exponent;
  const divisor = Math.round(1 / factor);
  return factor < 1 && Math.abs(divisor * factor - 1) < 1e-9 ? digits / divisor : digits * factor;
}

function exactEnergy(digits: bigint, exponent: number, register: EnergyRegister): Energy {
  const factor = wholeMilliWh(register);
  const [times, divisor] = exponent < 0 ? [factor, 10n ** BigInt(-exponent)] : [factor * 10n ** BigInt(exponent), 1n];
  const milliWh = Number((digits * times + divisor / 2n) / divisor);
  const step = Number(divideUp(times, divisor));
  const counts = rolloverCountsOf(register);
  // A counter whose rollover is no whole number of mWh has steps that no meter has.
  const isWhole = counts !== undefined && (counts * times) % divisor === 0n;
  const rollover = isWhole ? Number((counts * times) / divisor) : Number.NaN;
  const rolloverMilliWh = Number.isSafeInteger(rollover) ? rollover : null;
  return { milliWh, resolutionMilliWh: step, rolloverMilliWh };
}

/**
 * What the table says of the display, or else all that an unsigned register can hold. How far a signed one counts
 * before it is at 0 again does not follow from its type.
 */
function rolloverCountsOf({ rolloverCounts, type }: EnergyRegister): bigint | undefined {
  if (rolloverCounts !== undefined) return BigInt(rolloverCounts);
  return type === "u16" || type === "u32" || type === "u64" ? 2n ** BigInt(16 * WORDS_OF[type]) : undefined;
}

const WORDS_OF = { u16: 1, u32: 2, u64: 4 } as const;

/** Of one count. 0.01 kWh is 10000.000000000002 mWh in floats; each scale of a table is a whole number of mWh. */
function wholeMilliWh(register: EnergyRegister): bigint {
  const milliWh = register.scale * MILLI_WH_PER[register.unit];
  const whole = Math.round(milliWh);
  assert(whole >= 1 && Math.abs(whole - milliWh) < 1e-6, "an integer counter counts whole mWh");
  return BigInt(whole);
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function floatEnergy(value: number, register: EnergyRegister, milliWhPerCount: number): Energy {
  const step = floatStep(value, register.type === "f32" ? 23 : 52) * milliWhPerCount;
  const resolutionMilliWh = Math.max(1, Math.ceil(step));
  // The sum turns a negative zero into a plain one.
  return { milliWh: Math.round(value * milliWhPerCount) + 0, resolutionMilliWh, rolloverMilliWh: null };
}

/** Distance to the next larger float with so many bits of fraction, by the exponent of IEEE 754. */
function floatStep(value: number, fractionBits: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const exponent = ((view.getUint16(0) >> 4) & 0x7ff) - 1023;
  return value === 0 ? 0 : 2 ** (exponent - fractionBits);
}

/** "1234" is 1.2.52, "56020100" is V2.1.0. */
function versionOf(hex: string): string {
  const number = (from: number, to: number): number => Number.parseInt(hex.slice(from, to), 16);
  if (hex.length === 4) return `${number(0, 1)}.${number(1, 2)}.${number(2, 4)}`;
  const letter = String.fromCharCode(number(0, 2));
  return `${/[!-~]/.test(letter) ? letter : ""}${number(2, 4)}.${number(4, 6)}.${number(6, 8)}`;
}

const MILLI_WH_PER = { Wh: 1e3, kWh: 1e6 } as const;
