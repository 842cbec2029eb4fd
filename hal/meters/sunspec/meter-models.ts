/**
 * Where SunSpec's meter models have their values: all integer models one layout, all float models another. Offsets
 * count from the word with the model's number.
 *
 * Source: sunspec/models, smdx_00201 to 00204 and 00211 to 00214 (Apache-2.0).
 */

export interface MeterLayout {
  /** Of the registers behind number and length. */
  readonly length: number;
  readonly type: "integers" | "floats";
  readonly voltage: readonly [number, number, number];
  readonly current: readonly [number, number, number];
  readonly frequency: number;
  readonly power: number;
  readonly exportedEnergy: number;
  readonly importedEnergy: number;
}

export const INTEGER_METER = {
  length: 105,
  type: "integers",
  voltage: [8, 9, 10],
  current: [3, 4, 5],
  frequency: 16,
  power: 18,
  exportedEnergy: 38,
  importedEnergy: 46,
  exponents: { current: 6, voltage: 15, frequency: 17, power: 22, energy: 54 },
} as const satisfies MeterLayout & { readonly exponents: Readonly<Record<string, number>> };

export const FLOAT_METER = {
  length: 124,
  type: "floats",
  voltage: [12, 14, 16],
  current: [4, 6, 8],
  frequency: 26,
  power: 28,
  exportedEnergy: 60,
  importedEnergy: 68,
} as const satisfies MeterLayout;

/**
 * Which of them a model number is, and how many phases it has to neutral. 204 and 214 are for lines without a neutral:
 * their voltages to it are optional, and null where the meter has none.
 */
export const METER_MODELS: Readonly<
  Record<number, { readonly layout: typeof INTEGER_METER | typeof FLOAT_METER; readonly phases: 1 | 2 | 3 }>
> = {
  201: { layout: INTEGER_METER, phases: 1 },
  202: { layout: INTEGER_METER, phases: 2 },
  203: { layout: INTEGER_METER, phases: 3 },
  204: { layout: INTEGER_METER, phases: 3 },
  211: { layout: FLOAT_METER, phases: 1 },
  212: { layout: FLOAT_METER, phases: 2 },
  213: { layout: FLOAT_METER, phases: 3 },
  214: { layout: FLOAT_METER, phases: 3 },
};

/** Model 1: who the device is. Texts by offset and registers; makers fill the last register or leave it out. */
export const COMMON_MODEL = {
  id: 1,
  lengths: [65, 66],
  maker: { offset: 2, count: 16 },
  product: { offset: 18, count: 16 },
  version: { offset: 42, count: 8 },
  serialNumber: { offset: 50, count: 16 },
} as const;
