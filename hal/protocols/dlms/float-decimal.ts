import { assert } from "#base/assert.ts";
import { readDecimal, type Decimal } from "../decimal.ts";

/**
 * The shortest decimal that is this IEEE 754 number (4 or 8 bytes, high byte first) and no other one of its width:
 * what the meter's firmware had before it made a float of it. Undefined for NaN and infinities.
 */
export function floatDecimal(bytes: Uint8Array): Decimal | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = bytes.length === 4 ? view.getFloat32(0) : view.getFloat64(0);
  if (!Number.isFinite(value)) return undefined;
  const decimal = readDecimal(bytes.length === 4 ? shortestSingle(value) : String(value));
  assert(decimal !== undefined, "a finite float is written as a decimal");
  return decimal;
}

function shortestSingle(value: number): string {
  // Nine significant figures tell all single floats apart.
  for (let figures = 1; figures < 9; figures += 1) {
    const text = Number(value.toPrecision(figures));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}
