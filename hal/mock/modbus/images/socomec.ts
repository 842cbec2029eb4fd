/** Socomec COUNTIS: volts in 0.01, amperes in 0.001, power in 10 W, energy in 10 Wh; the name in single bytes. */
import type { MeterImage } from "./meter-image.ts";
import { characters, eachPhase, exportedMilliWh, long, phasePowersW, steps } from "./word-encoders.ts";

const SOCO = [0x53, 0x4f, 0x43, 0x4f] as const;

function countis(name: string, hertzPerCount: number): MeterImage {
  return {
    readMax: 60,
    ranges: [
      ["3", 0xc350, 0xc392],
      ["3", 0xc558, 0xc58d],
      ["3", 0xc652, 0xc663],
      ["3", 0xc702, 0xc709],
    ],
    words: (state) =>
      new Map([
        [0xc350, SOCO],
        [0xc357, [104]],
        [0xc38a, characters(name, 8)],
        ...eachPhase(0xc558, 2, state.voltageV, (volts) => long(volts * 100)),
        [0xc55e, long(state.frequencyHz / hertzPerCount)],
        ...eachPhase(0xc560, 2, state.currentA, (amperes) => long(amperes * 1000)),
        [0xc568, long(state.powerW / 10)],
        ...eachPhase(0xc570, 2, phasePowersW(state), (watts) => long(watts / 10)),
        [0xc652, long(steps(state.importedMilliWh, 1e6))],
        [0xc65c, long(steps(state.importedMilliWh / 4, 1e6))],
        [0xc702, long(steps(state.importedMilliWh, 10_000))],
        [0xc708, long(steps(exportedMilliWh(state), 10_000))],
      ]),
  };
}

export const SOCOMEC_IMAGES = {
  "socomec-countis-e2x": countis("COUNTIS E23", 0.001),
  "socomec-countis-e34": countis("COUNTIS E34", 0.01),
} as const;
