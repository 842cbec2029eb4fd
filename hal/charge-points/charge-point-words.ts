/** Between registers and what they say, in the forms that charge controllers use. The high word comes first. */
import { assert } from "#base/assert.ts";
import type { CurrentRange, FieldForm, RegisterWrite, StateField, StateRule } from "./charge-point-map.ts";

/** What was read, one entry a read of the map; undefined for one that this device does not have. */
export type StateWords = readonly (readonly number[] | undefined)[];

/** Undefined for what this device does not have. */
export function fieldValue(reads: StateWords, field: StateField): number | string | undefined {
  const words = reads[field.read];
  return words === undefined ? undefined : decodeForm(words, field.at ?? 0, field.form);
}

/** Undefined for a value that the rule does not know. */
export function ruleState<State>(reads: StateWords, rule: StateRule<State>): State | undefined {
  const value = fieldValue(reads, rule.field);
  const counted = typeof value === "number" && rule.mask !== undefined ? value & rule.mask : value;
  const key = String(counted);
  return Object.hasOwn(rule.states, key) ? rule.states[key] : undefined;
}

/** The most counts that are no more than the permitted current; undefined for one too small to be told to a car. */
export function countsOf(currentA: number, range: CurrentRange): number | undefined {
  const atMost = Math.min(currentA, range.maxA) * range.countsPerA;
  // A float tells fractions of a count, too.
  const counts = range.form === "f32" ? Math.fround(atMost) : Math.floor(atMost);
  return counts >= range.minA * range.countsPerA ? counts : undefined;
}

export function wordsOf(write: RegisterWrite, counts: number, range: CurrentRange): readonly number[] {
  if (write.words !== "current") return write.words;
  if (range.form === "u16") return [counts];
  const view = new DataView(new ArrayBuffer(4));
  if (range.form === "u32") view.setUint32(0, counts);
  else view.setFloat32(0, counts);
  return [view.getUint16(0), view.getUint16(2)];
}

export function decodeForm(words: readonly number[], at: number, form: FieldForm): number | string {
  const high = words[at];
  assert(high !== undefined, "a field lies within its read");
  switch (form) {
    case "u16":
      return high;
    case "high-byte":
      return high >> 8;
    case "letters":
      return textOf(high >> 8) + textOf(high & 0xff);
    case "low-letter":
      return textOf(high & 0xff);
    case "u32":
    case "f32": {
      const low = words[at + 1];
      assert(low !== undefined, "a field lies within its read");
      const view = new DataView(new ArrayBuffer(4));
      view.setUint16(0, high);
      view.setUint16(2, low);
      return form === "u32" ? view.getUint32(0) : view.getFloat32(0);
    }
  }
}

function textOf(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "";
}
