/**
 * Carlo Gavazzi: 32 and 64 bits with the LOW word first; volts, watts and hertz in 0.1, amperes in 0.001, 0.1 kWh; fine
 * counters in Wh. "EM24 communication protocol" V4R0, "EM341 Modbus", "EM100/ET100 series communication protocol", and
 * what Victron and EVerest read. The identification word is read by itself; in a longer read the volts between L3 and
 * L1 stand there.
 */
import type { MeterState } from "../meter-source.ts";
import type { MeterImage, MeterIdentityWords, RegisterWords } from "./meter-image.ts";
import { characters, eachPhase, exportedMilliWh, long, phasePowersW, quad, steps, word } from "./word-encoders.ts";

const IDENTIFICATION = 0x000b;
const SQRT_3 = Math.sqrt(3);

const lowFirst = (value: number): readonly number[] => long(value).toReversed();
const tenths = (value: number): readonly number[] => lowFirst(value * 10);
const thousandths = (value: number): readonly number[] => lowFirst(value * 1000);
const coarse = (milliWh: number): readonly number[] => lowFirst(steps(milliWh, 100_000));
const fine = (milliWh: number): readonly number[] => quad(steps(milliWh, 1000)).toReversed();

const serial = (registers: number, { serialNumber }: MeterIdentityWords): readonly number[] =>
  characters(serialNumber.toString(), registers);

/** What all with three phases share. */
const threePhases = (state: MeterState): RegisterWords =>
  new Map([
    ...eachPhase(0x0000, 2, state.voltageV, tenths),
    ...eachPhase(
      0x0006,
      2,
      state.voltageV.map((volts) => SQRT_3 * volts),
      tenths,
    ),
    ...eachPhase(0x000c, 2, state.currentA, thousandths),
    ...eachPhase(0x0012, 2, phasePowersW(state), tenths),
    [0x0028, tenths(state.powerW)],
  ]);

/** Partial counters, which a button resets: they have counted less. */
const partial = (state: MeterState): readonly number[] => coarse(state.importedMilliWh / 4);

const em24: MeterImage = {
  readMax: 11,
  ranges: [
    ["34", 0x0000, 0x005f],
    ["34", 0x0302, 0x0302],
    ["34", 0x1300, 0x1306],
  ],
  singleWords: new Map([[IDENTIFICATION, 71]]),
  words: (state, identity) =>
    new Map([
      ...threePhases(state),
      [0x0037, word(state.frequencyHz * 10)],
      [0x003e, coarse(state.importedMilliWh)],
      [0x0042, partial(state)],
      [0x005c, coarse(exportedMilliWh(state))],
      [0x0302, [0x0007]],
      [0x1300, serial(7, identity)],
    ]),
};

/** The grid of EM24 E1, EM3x0, EM5x0. */
function em300Grid(identification: number, firmware: number, version: number): MeterImage {
  return {
    readMax: 50,
    ranges: [
      ["34", 0x0000, 0x0059],
      ["34", firmware, firmware],
      ["34", 0x5000, 0x5006],
    ],
    singleWords: new Map([[IDENTIFICATION, identification]]),
    words: (state, identity) =>
      new Map([
        ...threePhases(state),
        [0x0033, word(state.frequencyHz * 10)],
        [0x0034, coarse(state.importedMilliWh)],
        [0x003c, partial(state)],
        [0x004e, coarse(exportedMilliWh(state))],
        [firmware, [version]],
        [0x5000, serial(7, identity)],
      ]),
  };
}

function withFineCounters(image: MeterImage): MeterImage {
  return {
    ...image,
    ranges: [...image.ranges, ["34", 0x0500, 0x053d]],
    words: (state, identity) =>
      new Map([
        ...image.words(state, identity),
        [0x0500, fine(state.importedMilliWh)],
        [0x051c, fine(exportedMilliWh(state))],
      ]),
  };
}

/** One phase; ET112 show what was fed back as a negative number. */
const em11x: MeterImage = {
  readMax: 50,
  ranges: [
    ["34", 0x0000, 0x0024],
    ["34", 0x0302, 0x0302],
    ["34", 0x5000, 0x5006],
  ],
  singleWords: new Map([[IDENTIFICATION, 104]]),
  words: (state, identity) =>
    new Map([
      [0x0000, tenths(state.voltageV[0])],
      [0x0002, thousandths(state.currentA[0])],
      [0x0004, tenths(state.powerW)],
      [0x000f, word(state.frequencyHz * 10)],
      [0x0010, coarse(state.importedMilliWh)],
      [0x0020, lowFirst(-steps(exportedMilliWh(state), 100_000))],
      [0x0302, [0x000b]],
      [0x5000, serial(7, identity)],
    ]),
};

const em580: MeterImage = {
  ...withFineCounters(em300Grid(1760, 0x0302, 0x1203)),
  readMax: 109,
  singleWords: new Map(),
};

export const CARLO_GAVAZZI_IMAGES = {
  "cg-em24-rs485": em24,
  "cg-em24-e1": em300Grid(1650, 0x0304, 0x1803),
  "cg-em11x": withFineCounters(em11x),
  "cg-em3x0": em300Grid(340, 0x0302, 0x0112),
  "cg-em5x0": withFineCounters(em300Grid(1744, 0x0302, 0x1204)),
  "cg-em580": em580,
} as const;
