/** How meters write numbers and texts into registers. The bytes of a word are always high first. */
import type { MeterState } from "../meter-source.ts";

export type Encode = (value: number) => readonly number[];

/** Entries of an image: the values of the phases at a first address and then each so many registers further. */
export function eachPhase(
  first: number,
  step: number,
  values: readonly number[],
  encode: Encode,
): readonly (readonly [number, readonly number[]])[] {
  return values.map((value, phase) => [first + step * phase, encode(value)]);
}

/** Active power of each phase, with the sign of the whole. */
export function phasePowersW(state: MeterState): readonly number[] {
  return state.voltageV.map((volts, phase) => volts * (state.currentA[phase] ?? 0) * Math.sign(state.powerW));
}

export function exportedMilliWh(state: MeterState): number {
  return state.exportedMilliWh ?? 0;
}

export function float(value: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

export function double(value: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return [0, 2, 4, 6].map((offset) => view.getUint16(offset));
}

export function word(value: number): readonly number[] {
  return [Math.round(value) & 0xffff];
}

/** 32 bits, signed or not. */
export function long(value: number): readonly number[] {
  const bits = Math.round(value) >>> 0;
  return [bits >>> 16, bits & 0xffff];
}

/** 64 bits of a number that is not negative. */
export function quad(value: number): readonly number[] {
  const whole = Math.floor(value);
  return [...long(Math.floor(whole / 2 ** 32)), ...long(whole % 2 ** 32)];
}

/** A counter shows whole steps only: what has not made one yet is not seen. */
export function steps(milliWh: number, milliWhPerStep: number): number {
  return Math.floor(milliWh / milliWhPerStep);
}

/** Two characters in each register. */
export function characters(text: string, registers: number): readonly number[] {
  const padded = text.padEnd(2 * registers, "\0");
  return Array.from({ length: registers }, (_, index) => {
    return (padded.charCodeAt(2 * index) << 8) | padded.charCodeAt(2 * index + 1);
  });
}
