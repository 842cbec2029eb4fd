/**
 * Siemens SENTRON. PAC2200: floats, energy as double in Wh in a counter for each tariff, identification (I&M0) as one
 * block of 27 registers from 64001. PAC1600: integers, and no read across registers that it does not have.
 */
import type { MeterImage } from "./meter-image.ts";
import { characters, double, eachPhase, exportedMilliWh, float, long, phasePowersW, steps } from "./word-encoders.ts";

/** Share of all energy that was counted in tariff 2. */
const TARIFF_2 = 0.25;

const pac2200: MeterImage = {
  readMax: 125,
  ranges: [
    ["3", 1, 140],
    ["3", 801, 816],
    ["3", 64_001, 64_027],
  ],
  wholeRanges: [["3", 64_001, 64_027]],
  words: (state, { serialNumber }) => {
    const [imported, exported] = [state.importedMilliWh / 1000, exportedMilliWh(state) / 1000];
    return new Map([
      ...eachPhase(1, 2, state.voltageV, float),
      ...eachPhase(13, 2, state.currentA, float),
      ...eachPhase(25, 2, phasePowersW(state), float),
      [55, float(state.frequencyHz)],
      [65, float(state.powerW)],
      [801, double(imported * (1 - TARIFF_2))],
      [805, double(imported * TARIFF_2)],
      [809, double(exported * (1 - TARIFF_2))],
      [813, double(exported * TARIFF_2)],
      [64_001, [42]],
      [64_002, characters("7KM2200-2EA30-1DA1", 10)],
      [64_012, characters(serialNumber.toString(), 8)],
      [64_021, [(0x56 << 8) | 3, 2 << 8]],
    ]);
  },
};

const pac1600: MeterImage = {
  readMax: 30,
  ranges: [
    ["3", 1, 12],
    ["3", 19, 24],
    ["3", 49, 50],
    ["3", 57, 58],
    ["3", 6687, 6690],
  ],
  words: (state) =>
    new Map([
      ...eachPhase(1, 2, state.voltageV, (volts) => long(volts * 100)),
      ...eachPhase(7, 2, state.currentA, (amperes) => long(amperes * 10_000)),
      ...eachPhase(19, 2, phasePowersW(state), (watts) => long(watts * 100)),
      [49, long(state.frequencyHz * 100)],
      [57, long(state.powerW * 100)],
      [6687, long(steps(state.importedMilliWh, 1000) % 2 ** 32)],
      [6689, long(steps(exportedMilliWh(state), 1000) % 2 ** 32)],
    ]),
};

export const SIEMENS_IMAGES = { "siemens-pac2200": pac2200, "siemens-pac1600": pac1600 } as const;
