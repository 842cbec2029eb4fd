/** Meters that say where the decimal point stands: Bauer (SunSpec model 203), Iskra, Acrel. */
import type { MeterState } from "../meter-source.ts";
import type { MeterImage } from "./meter-image.ts";
import { characters, eachPhase, exportedMilliWh, long, phasePowersW, steps, word } from "./word-encoders.ts";

/** Models 1 and 203 at their place in the BSM-WS36A; the exponents are those that a real one shows. */
const bsm: MeterImage = {
  readMax: 125,
  ranges: [["3", 40_000, 40_262]],
  words: (state, { serialNumber }) =>
    new Map([
      [40_000, characters("SunS", 2)],
      [40_002, [1, 66]],
      [40_004, characters("BAUER Electronic", 16)],
      [40_020, characters("BSM-WS36A-H01-1311-0000", 16)],
      [40_044, characters("1.9:32CA:AFF4", 8)],
      [40_052, characters(serialNumber.toString(), 16)],
      [40_090, [203, 105]],
      ...eachPhase(40_093, 1, state.currentA, (amperes) => word(amperes * 100)),
      [40_096, word(-2)],
      ...eachPhase(40_098, 1, state.voltageV, (volts) => word(volts * 10)),
      [40_105, word(-1)],
      [40_106, word(state.frequencyHz * 100)],
      [40_107, word(-2)],
      [40_108, word(state.powerW)],
      ...eachPhase(40_109, 1, phasePowersW(state), word),
      [40_112, word(0)],
      [40_128, long(steps(exportedMilliWh(state), 10_000))],
      [40_136, long(steps(state.importedMilliWh, 10_000))],
      [40_144, word(1)],
    ]),
};

/** Iskra T5 and T6: a signed exponent in the first byte, 24 bits of digits. */
const measured = (value: number): readonly number[] => {
  const exponent = Math.abs(value) < 10_000 ? -3 : 0;
  const digits = Math.round(value / 10 ** exponent) & 0xff_ffff;
  return [((exponent & 0xff) << 8) | (digits >>> 16), digits & 0xffff];
};

const wm3m4c: MeterImage = {
  readMax: 120,
  ranges: [
    ["4", 1, 16],
    ["4", 101, 180],
    ["4", 400, 425],
  ],
  words: (state, { serialNumber }) =>
    new Map([
      [1, characters("WM3M4C", 8)],
      [9, characters(serialNumber.toString(), 4)],
      [105, measured(state.frequencyHz)],
      ...eachPhase(107, 2, state.voltageV, measured),
      ...eachPhase(126, 2, state.currentA, measured),
      [140, measured(state.powerW)],
      ...eachPhase(142, 2, phasePowersW(state), measured),
      [414, word(1)],
      [415, word(0)],
      [418, long(steps(state.importedMilliWh, 10_000))],
      [420, long(steps(exportedMilliWh(state), 1000))],
    ]),
};

/** Behind a rectifier: the same power at a direct voltage. */
const DIRECT_V = 400;

/** Acrel: value = count x 10^(point - 3). */
const djsf1352: MeterImage = {
  readMax: 20,
  ranges: [["3", 0, 19]],
  words: (state: MeterState) => {
    const isLarge = Math.abs(state.powerW) > 32_767;
    return new Map([
      [0, word(DIRECT_V * 10)],
      [1, [2]],
      [2, word((state.powerW / DIRECT_V) * 100)],
      [3, [1]],
      [8, word(isLarge ? state.powerW / 10 : state.powerW)],
      [9, [isLarge ? 4 : 3]],
      [12, long(steps(state.importedMilliWh, 1000))],
      [14, long(steps(exportedMilliWh(state), 1000))],
    ]);
  },
};

export const EXPONENT_METER_IMAGES = {
  "bauer-bsm-ws36a": bsm,
  "iskra-wm3m4c": wm3m4c,
  "acrel-djsf1352": djsf1352,
} as const;
