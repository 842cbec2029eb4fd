/**
 * What a legal energy meter may err by in the field: Directive 2014/32/EU (MID), annex V, table 2, balanced load, the
 * larger of its two columns of current. The limits of a laboratory at 23 °C (1 % for class B) are smaller, and are not
 * what a meter in a carport in January is held to.
 */

export type AccuracyClass = "A" | "B" | "C";

/** Ranges of the table, each with all that lie inside it; °C at the meter. */
export type TemperatureRange = "5..30" | "-10..40" | "-25..55" | "-40..70";

const MPE_PPM: Readonly<Record<TemperatureRange, Readonly<Record<AccuracyClass, number>>>> = {
  "5..30": { A: 35_000, B: 20_000, C: 10_000 },
  "-10..40": { A: 50_000, B: 25_000, C: 13_000 },
  "-25..55": { A: 70_000, B: 35_000, C: 17_000 },
  "-40..70": { A: 90_000, B: 40_000, C: 20_000 },
};

/** Maximum permissible error, in millionths of the energy. */
export function permissibleErrorPpm(accuracy: AccuracyClass, temperature: TemperatureRange): number {
  return MPE_PPM[temperature][accuracy];
}
