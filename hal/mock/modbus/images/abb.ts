/** ABB B21, B23, B24: energy in 0.01 kWh as 64 bits, power in 0.01 W, volts in 0.1, amperes and hertz in 0.01. */
import type { AddressRange, MeterImage } from "./meter-image.ts";
import { characters, eachPhase, exportedMilliWh, long, phasePowersW, quad, steps, word } from "./word-encoders.ts";

const RANGES: readonly AddressRange[] = [
  ["3", 0x5000, 0x5017],
  ["3", 0x5b00, 0x5b43],
  ["3", 0x8900, 0x8901],
  ["3", 0x8908, 0x890f],
  ["3", 0x8960, 0x8961],
];

/** All ones: the meter has no such value. */
const NONE = [0xffff, 0xffff] as const;
/** The same for a signed one. */
const NONE_SIGNED = [0x7fff, 0xffff] as const;

const tenths = (value: number): readonly number[] => long(value * 10);
const hundredths = (value: number): readonly number[] => long(value * 100);

function threePhases(name: string): MeterImage {
  return {
    readMax: 125,
    ranges: RANGES,
    words: (state, { serialNumber }) =>
      new Map([
        [0x5000, quad(steps(state.importedMilliWh, 10_000))],
        [0x5004, quad(steps(exportedMilliWh(state), 10_000))],
        ...eachPhase(0x5b00, 2, state.voltageV, tenths),
        ...eachPhase(0x5b0c, 2, state.currentA, hundredths),
        [0x5b14, hundredths(state.powerW)],
        ...eachPhase(0x5b16, 2, phasePowersW(state), hundredths),
        [0x5b2c, word(state.frequencyHz * 100)],
        [0x8900, [serialNumber >>> 16, serialNumber & 0xffff]],
        [0x8908, characters("B1.20", 8)],
        [0x8960, characters(name.padEnd(4), 2)],
      ]),
  };
}

/** What a phase has on its own is not supported but for L1's volts and amperes. */
const b21: MeterImage = {
  ...threePhases("B21"),
  words: (state, identity) =>
    new Map([
      ...threePhases("B21").words(state, identity),
      ...[0x5b02, 0x5b04, 0x5b0e, 0x5b10].map((address) => [address, NONE] as const),
      ...[0x5b16, 0x5b18, 0x5b1a].map((address) => [address, NONE_SIGNED] as const),
    ]),
};

export const ABB_IMAGES = { "abb-b21": b21, "abb-b23": threePhases("B23"), "abb-b24": threePhases("B24") } as const;
