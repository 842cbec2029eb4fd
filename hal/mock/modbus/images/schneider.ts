/**
 * Schneider iEM3000 (DOCA0005) and PM5000: the numbers in the lists are one higher than the addresses. Floats with
 * power in kW; energy as 64 bits in Wh, the PM5000 in kWh as float besides.
 */
import type { MeterState } from "../meter-source.ts";
import type { MeterImage, RegisterWords } from "./meter-image.ts";
import { eachPhase, exportedMilliWh, float, long, phasePowersW, quad, steps } from "./word-encoders.ts";

const numbered = (number: number): number => number - 1;

const shared = (state: MeterState): RegisterWords =>
  new Map([
    ...eachPhase(numbered(3000), 2, state.currentA, float),
    ...eachPhase(numbered(3028), 2, state.voltageV, float),
    ...eachPhase(
      numbered(3054),
      2,
      phasePowersW(state).map((watts) => watts / 1000),
      float,
    ),
    [numbered(3060), float(state.powerW / 1000)],
    [numbered(3110), float(state.frequencyHz)],
    [numbered(3204), quad(steps(state.importedMilliWh, 1000))],
    [numbered(3208), quad(steps(exportedMilliWh(state), 1000))],
  ]);

const iem3000: MeterImage = {
  readMax: 125,
  ranges: [
    ["3", numbered(130), numbered(131)],
    ["3", numbered(3000), numbered(3111)],
    ["3", numbered(3204), numbered(3211)],
  ],
  words: (state, { serialNumber }) => new Map([...shared(state), [numbered(130), long(serialNumber)]]),
};

const pm5000: MeterImage = {
  readMax: 125,
  ranges: [
    ["3", numbered(2700), numbered(2703)],
    ["3", numbered(3000), numbered(3111)],
    ["3", numbered(3204), numbered(3211)],
  ],
  words: (state) =>
    new Map([
      ...shared(state),
      [numbered(2700), float(state.importedMilliWh / 1e6)],
      [numbered(2702), float(exportedMilliWh(state) / 1e6)],
    ]),
};

export const SCHNEIDER_IMAGES = { "schneider-iem3000": iem3000, "schneider-pm5xxx": pm5000 } as const;
