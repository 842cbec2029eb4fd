/**
 * The registers of real meters, filled from a simulated state. Written from the makers' tables on its own, not from the
 * driver's: a number that is wrong on one side only must show.
 *
 * Each model says what it holds, and how it refuses: reads that are too long, that begin at an odd address, or that
 * leave the ranges it knows.
 */
import type { MeterState } from "./meter-source.ts";

export interface MeterImage {
  readonly readMax: number;
  readonly evenOnly: boolean;
  /** Readable addresses, first and last, per function; what is not written inside one reads as 0. */
  readonly ranges: readonly (readonly [functionCodes: string, first: number, last: number])[];
  words(state: MeterState, identity: MeterIdentityWords): ReadonlyMap<number, readonly number[]>;
}

export interface MeterIdentityWords {
  readonly serialNumber: number;
}

/**
 * Eastron, SDM630 Modbus protocol v2.0: parameter 1 is at 0x0000, each is a float of two registers, high word first.
 */
const sdm630: MeterImage = {
  readMax: 80,
  evenOnly: true,
  ranges: [
    ["4", 0x0000, 0x0181],
    ["3", 0xfc00, 0xfc01],
  ],
  words: (state, identity) =>
    new Map([
      ...eachPhase(0x0000, 2, state.voltageV, float),
      ...eachPhase(0x0006, 2, state.currentA, float),
      ...eachPhase(0x000c, 2, shareOfPower(state), float),
      [0x0034, float(state.powerW)],
      [0x0046, float(state.frequencyHz)],
      [0x0048, float(state.importedMilliWh / 1e6)],
      [0x004a, float((state.exportedMilliWh ?? 0) / 1e6)],
      [0x0156, float((state.importedMilliWh + (state.exportedMilliWh ?? 0)) / 1e6)],
      [0xfc00, [identity.serialNumber >>> 16, identity.serialNumber & 0xffff]],
    ]),
};

/** Eastron, SDM120 Modbus protocol v2.5: the same grid with one phase, whose power is the total. */
const sdm120: MeterImage = {
  readMax: 80,
  evenOnly: true,
  ranges: [
    ["4", 0x0000, 0x0159],
    ["3", 0xfc00, 0xfc05],
  ],
  words: (state, identity) =>
    new Map([
      [0x0000, float(state.voltageV[0])],
      [0x0006, float(state.currentA[0])],
      [0x000c, float(state.powerW)],
      [0x0046, float(state.frequencyHz)],
      [0x0048, float(state.importedMilliWh / 1e6)],
      [0x004a, float((state.exportedMilliWh ?? 0) / 1e6)],
      [0x0156, float((state.importedMilliWh + (state.exportedMilliWh ?? 0)) / 1e6)],
      [0xfc00, [identity.serialNumber >>> 16, identity.serialNumber & 0xffff]],
    ]),
};

/** ABB B23: energy in 0.01 kWh as 64 bits, power in 0.01 W, volts in 0.1, amperes and hertz in 0.01. */
const b23: MeterImage = {
  readMax: 125,
  evenOnly: false,
  ranges: [
    ["3", 0x5000, 0x5017],
    ["3", 0x5b00, 0x5b43],
    ["3", 0x8900, 0x8901],
    ["3", 0x8908, 0x890f],
    ["3", 0x8960, 0x8961],
  ],
  words: (state, identity) =>
    new Map([
      [0x5000, bigCounter(state.importedMilliWh, 10_000)],
      [0x5004, bigCounter(state.exportedMilliWh ?? 0, 10_000)],
      ...eachPhase(0x5b00, 2, state.voltageV, (volts) => long(volts * 10)),
      ...eachPhase(0x5b0c, 2, state.currentA, (amperes) => long(amperes * 100)),
      [0x5b14, long(state.powerW * 100)],
      [0x5b2c, [Math.round(state.frequencyHz * 100)]],
      [0x8900, [identity.serialNumber >>> 16, identity.serialNumber & 0xffff]],
      [0x8908, characters("B1.20", 8)],
      [0x8960, characters("B23 ", 2)],
    ]),
};

/** Carlo Gavazzi, EM341 Modbus: 32 bits with the LOW word first; volts and watts in 0.1, amperes in 0.001, 0.1 kWh. */
const em340: MeterImage = {
  readMax: 50,
  evenOnly: false,
  ranges: [
    ["34", 0x0000, 0x0059],
    ["34", 0x0302, 0x0302],
    ["34", 0x5000, 0x5006],
  ],
  words: (state, identity) =>
    new Map([
      ...eachPhase(0x0000, 2, state.voltageV, (volts) => lowFirst(volts * 10)),
      ...eachPhase(0x000c, 2, state.currentA, (amperes) => lowFirst(amperes * 1000)),
      [0x0028, lowFirst(state.powerW * 10)],
      [0x0033, [Math.round(state.frequencyHz * 10)]],
      [0x0034, lowFirst(Math.floor(state.importedMilliWh / 100_000))],
      [0x004e, lowFirst(Math.floor((state.exportedMilliWh ?? 0) / 100_000))],
      [0x0302, [0x0112]],
      [0x5000, characters(identity.serialNumber.toString(), 7)],
    ]),
};

const EM340_IDENTIFICATION = 0x000b;
const EM340_CODE = 340;

export const METER_IMAGES: Readonly<Record<string, MeterImage>> = {
  "eastron-sdm630": sdm630,
  "eastron-sdm120": sdm120,
  "abb-b23": b23,
  "cg-em3x0": {
    ...em340,
    words: (state, identity) => new Map([...em340.words(state, identity), [EM340_IDENTIFICATION, [EM340_CODE]]]),
  },
};

function eachPhase(
  first: number,
  step: number,
  values: readonly number[],
  encode: (value: number) => readonly number[],
): readonly (readonly [number, readonly number[]])[] {
  return values.map((value, phase) => [first + step * phase, encode(value)]);
}

function shareOfPower(state: MeterState): readonly number[] {
  return state.voltageV.map((volts, phase) => volts * (state.currentA[phase] ?? 0) * Math.sign(state.powerW));
}

function float(value: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

function long(value: number): readonly number[] {
  const bits = Math.round(value) >>> 0;
  return [bits >>> 16, bits & 0xffff];
}

function lowFirst(value: number): readonly number[] {
  return long(value).toReversed();
}

/** A counter shows whole steps only: what has not made one yet is not seen. */
function bigCounter(milliWh: number, milliWhPerStep: number): readonly number[] {
  const steps = Math.floor(milliWh / milliWhPerStep);
  const high = Math.floor(steps / 2 ** 32);
  return [high >>> 16, high & 0xffff, ...long(steps % 2 ** 32)];
}

function characters(text: string, registers: number): readonly number[] {
  const padded = text.padEnd(2 * registers, "\0");
  return Array.from({ length: registers }, (_, index) => {
    return (padded.charCodeAt(2 * index) << 8) | padded.charCodeAt(2 * index + 1);
  });
}
