/** Meters of makers with one table of floats: Janitza, Inepro, Phoenix Contact, Finder. */
import type { MeterImage } from "./meter-image.ts";
import { eachPhase, exportedMilliWh, float, long, phasePowersW, steps } from "./word-encoders.ts";

/** Janitza's common block, in Wh; behind the totals' L1 to L3 stand the sums. */
const umg96: MeterImage = {
  readMax: 125,
  ranges: [["3", 19_000, 19_119]],
  words: (state) => {
    const [imported, exported] = [state.importedMilliWh / 1000, exportedMilliWh(state) / 1000];
    return new Map([
      ...eachPhase(19_000, 2, state.voltageV, float),
      ...eachPhase(19_012, 2, state.currentA, float),
      ...eachPhase(19_020, 2, phasePowersW(state), float),
      [19_026, float(state.powerW)],
      [19_050, float(state.frequencyHz)],
      ...eachPhase(19_062, 2, [imported / 2, imported / 4, imported / 4], float),
      [19_068, float(imported)],
      ...eachPhase(19_070, 2, [exported / 2, exported / 4, exported / 4], float),
      [19_076, float(exported)],
    ]);
  },
};

/** Inepro: kW, and kWh in steps of 0.01; the plate shows the serial number in hexadecimal digits. */
const pro380: MeterImage = {
  readMax: 60,
  ranges: [
    ["3", 0x4000, 0x4018],
    ["3", 0x5000, 0x5033],
    ["3", 0x6000, 0x604b],
  ],
  words: (state, { serialNumber }) => {
    const shown = (milliWh: number): number => steps(milliWh, 10_000) / 100;
    const [imported, exported] = [shown(state.importedMilliWh), shown(exportedMilliWh(state))];
    return new Map([
      [0x4000, long(serialNumber)],
      [0x4007, [0x0002, 0x0013]],
      ...eachPhase(0x5002, 2, state.voltageV, float),
      [0x5008, float(state.frequencyHz)],
      ...eachPhase(0x500c, 2, state.currentA, float),
      [0x5012, float(state.powerW / 1000)],
      ...eachPhase(
        0x5014,
        2,
        phasePowersW(state).map((watts) => watts / 1000),
        float,
      ),
      [0x6000, float(imported - exported)],
      [0x600c, float(imported)],
      [0x6018, float(exported)],
    ]);
  },
};

/** Phoenix Contact: the LOW word first; W and Wh. */
const mb370: MeterImage = {
  readMax: 60,
  ranges: [
    ["3", 0x8000, 0x8047],
    ["3", 0x8100, 0x811d],
  ],
  words: (state) => {
    const lowFirst = (value: number): readonly number[] => float(value).toReversed();
    return new Map([
      ...eachPhase(0x8006, 2, state.voltageV, lowFirst),
      [0x800c, lowFirst(state.frequencyHz)],
      ...eachPhase(0x800e, 2, state.currentA, lowFirst),
      [0x8016, lowFirst(state.powerW)],
      ...eachPhase(0x801e, 2, phasePowersW(state), lowFirst),
      [0x8100, lowFirst(state.importedMilliWh / 1000)],
      [0x8106, lowFirst(exportedMilliWh(state) / 1000)],
    ]);
  },
};

/** Finder: W and Wh. */
const finder: MeterImage = {
  readMax: 60,
  ranges: [
    ["4", 2500, 2599],
    ["4", 2752, 2759],
  ],
  words: (state) =>
    new Map([
      ...eachPhase(2500, 2, state.voltageV, float),
      ...eachPhase(2516, 2, state.currentA, float),
      ...eachPhase(2530, 2, phasePowersW(state), float),
      [2536, float(state.powerW)],
      [2584, float(state.frequencyHz)],
      [2752, float(state.importedMilliWh / 1000)],
      [2756, float(exportedMilliWh(state) / 1000)],
    ]),
};

export const FLOAT_METER_IMAGES = {
  "janitza-umg96": umg96,
  "inepro-pro380": pro380,
  "phoenix-eem-mb370": mb370,
  "finder-7m38": finder,
} as const;
