/**
 * Eastron, "SDM630 Modbus protocol" v2.0, "SDM120 Modbus protocol" v2.5, SDM230 v1.1, SDM72D-M-v2 manual v1.1: one
 * grid, parameter 1 at 0x0000, each a float of two registers, high word first. Which parameters there are differs.
 */
import type { MeterImage, MeterIdentityWords, RegisterWords } from "./meter-image.ts";
import { eachPhase, exportedMilliWh, float, phasePowersW } from "./word-encoders.ts";
import type { MeterState } from "../meter-source.ts";

const SERIAL_NUMBER = 0xfc00;

const threePhases = (state: MeterState): RegisterWords =>
  new Map([
    ...eachPhase(0x0000, 2, state.voltageV, float),
    ...eachPhase(0x0006, 2, state.currentA, float),
    ...eachPhase(0x000c, 2, phasePowersW(state), float),
    [0x0046, float(state.frequencyHz)],
  ]);

/** The power of one phase is the total. */
const onePhase = (state: MeterState): RegisterWords =>
  new Map([
    [0x0000, float(state.voltageV[0])],
    [0x0006, float(state.currentA[0])],
    [0x000c, float(state.powerW)],
    [0x0046, float(state.frequencyHz)],
  ]);

const counters = (state: MeterState): RegisterWords => {
  const [imported, exported] = [state.importedMilliWh / 1e6, exportedMilliWh(state) / 1e6];
  return new Map([
    [0x0048, float(imported)],
    [0x004a, float(exported)],
    [0x0156, float(imported + exported)],
  ]);
};

const serial = ({ serialNumber }: MeterIdentityWords): readonly [number, readonly number[]] => [
  SERIAL_NUMBER,
  [serialNumber >>> 16, serialNumber & 0xffff],
];

const sdm630: MeterImage = {
  readMax: 80,
  evenOnly: true,
  ranges: [
    ["4", 0x0000, 0x0181],
    ["3", SERIAL_NUMBER, SERIAL_NUMBER + 1],
  ],
  words: (state, identity) =>
    new Map([...threePhases(state), ...counters(state), [0x0034, float(state.powerW)], serial(identity)]),
};

/** With a counter that a button resets at 0x0184: it has counted less than the total. */
const sdm72v2: MeterImage = {
  ...sdm630,
  ranges: [
    ["4", 0x0000, 0x018d],
    ["3", SERIAL_NUMBER, SERIAL_NUMBER + 1],
  ],
  words: (state, identity) =>
    new Map([...sdm630.words(state, identity), [0x0184, float((state.importedMilliWh / 1e6) * 0.25)]]),
};

const sdm72v1: MeterImage = {
  readMax: 80,
  evenOnly: true,
  ranges: [
    ["4", 0x0034, 0x0035],
    ["4", 0x0048, 0x004b],
    ["4", 0x0156, 0x0157],
    ["4", 0x0180, 0x0187],
  ],
  words: (state) => new Map([...counters(state), [0x0034, float(state.powerW)]]),
};

const sdm120: MeterImage = {
  readMax: 80,
  evenOnly: true,
  ranges: [
    ["4", 0x0000, 0x0159],
    ["3", SERIAL_NUMBER, SERIAL_NUMBER + 5],
  ],
  words: (state, identity) =>
    new Map([...onePhase(state), ...counters(state), serial(identity), [0xfc03, [0x0201, 0x0004]]]),
};

const sdm230: MeterImage = {
  readMax: 80,
  evenOnly: true,
  ranges: [
    ["4", 0x0000, 0x0159],
    ["3", SERIAL_NUMBER, SERIAL_NUMBER + 1],
  ],
  words: (state, identity) => new Map([...onePhase(state), ...counters(state), serial(identity)]),
};

export const EASTRON_IMAGES = {
  "eastron-sdm630": sdm630,
  "eastron-sdm72dm-v2": sdm72v2,
  "eastron-sdm72dm-v1": sdm72v1,
  "eastron-sdm120": sdm120,
  "eastron-sdm230": sdm230,
} as const;
