/**
 * Encoders as tables: which quantity stands where in an answer, in which steps. Offsets count from the first byte
 * behind the identifier, values are big-endian, and a value that does not fit stops at the last one that means a value.
 */
import { assert } from "#base/assert.ts";
import { fromHex } from "#base/bytes.ts";
import type { BatteryState } from "../battery-source.ts";

export type Encode = (car: BatteryState) => Uint8Array;

export interface Field {
  readonly at: number;
  readonly bytes: 1 | 2 | 3 | 4;
  /** In steps, not yet rounded; null where the car has no value just now. */
  readonly steps: (car: BatteryState) => number | null;
  readonly rounding: "nearest" | "down";
  readonly signed: boolean;
  /** Sent for null, and therefore for no value. */
  readonly none: number | undefined;
}

type Steps = Field["steps"];
type Bytes = Field["bytes"];

export function unsigned(at: number, bytes: Bytes, steps: Steps, none?: number): Field {
  return { at, bytes, steps, rounding: "nearest", signed: false, none };
}

export function signed(at: number, bytes: Bytes, steps: Steps, none?: number): Field {
  return { at, bytes, steps, rounding: "nearest", signed: true, none };
}

/** A counter shows the steps that are complete. */
export function counter(at: number, bytes: Bytes, steps: Steps): Field {
  return { at, bytes, steps, rounding: "down", signed: false, none: undefined };
}

/** An answer of this many bytes. `background` is what the bytes hold that no field fills, from the first byte on. */
export function layout(length: number, fields: readonly Field[], background = ""): Encode {
  const start = fromHex(background);
  assert(start !== undefined && start.length <= length, "a background is hex and fits");
  assert(
    fields.every(({ at, bytes }) => at + bytes <= length),
    "a field lies within its answer",
  );
  return (car) => {
    const data = new Uint8Array(length);
    data.set(start);
    for (const field of fields) write(data, field, rawValue(field, field.steps(car)));
    return data;
  };
}

function rawValue(field: Field, steps: number | null): number {
  if (steps === null) {
    assert(field.none !== undefined, `the field at ${field.at} has a value for none`);
    return field.none;
  }
  const span = 2 ** (8 * field.bytes);
  const min = field.signed ? -span / 2 : 0;
  const max = min + span - 1;
  // The remainder of decimal fractions in binary must not cost a step that is complete.
  const whole = field.rounding === "down" ? Math.floor(steps + 1e-6) : Math.round(steps);
  const within = Math.min(Math.max(whole, min), max);
  return within === field.none ? within - 1 : within;
}

function write(data: Uint8Array, { at, bytes }: Field, value: number): void {
  let rest = value < 0 ? value + 2 ** (8 * bytes) : value;
  for (let index = at + bytes - 1; index >= at; index -= 1) {
    data[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
