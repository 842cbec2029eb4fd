/**
 * How much of the station's energy is lost before the vehicle measures it, where nobody knows better: by what lies
 * between the two measuring points and by power. A car that has been characterised names a narrower band in its wants.
 */
import type { MeasuringPoint } from "./terms.ts";

export type LossPpm = readonly [least: number, most: number];
export type MeasuringPoints = readonly [station: MeasuringPoint, vehicle: MeasuringPoint];

/** The band at one power. Points that are not in the table have the widest band of their kind: mains to battery. */
export function defaultLoss(points: MeasuringPoints, powerW: number): LossPpm {
  const rows = rowsOf(points);
  return (rows.find((row) => powerW <= row.powerMaxW) ?? rows[rows.length - 1] ?? WIDEST).loss;
}

/**
 * The band of all cars that may stand at a station of this power: also those that draw less, and at less power more is
 * lost.
 */
export function defaultLossUpTo(points: MeasuringPoints, powerMaxW: number): LossPpm {
  const top = defaultLoss(points, powerMaxW);
  const lower = rowsOf(points).filter((row) => row.powerMaxW < powerMaxW);
  return [Math.min(top[0], ...lower.map(({ loss }) => loss[0])), Math.max(top[1], ...lower.map(({ loss }) => loss[1]))];
}

interface LossRow {
  /** The row holds up to this power. */
  readonly powerMaxW: number;
  readonly loss: LossPpm;
}

const ANY_POWER = Number.MAX_SAFE_INTEGER;

/**
 * Wall to battery: the charger's own 5 to 10 %, the battery's 1 to 2 % and 100 to 300 W of the car's electronics, which
 * weigh more the less power there is (ADAC: 6.3 to 9.7 % at 11 kW, 12.7 to 24.2 % at 2.3 kW). Powers stand 10 % above
 * the usual steps of 10, 16 and 32 A, so that a high mains voltage does not change the row.
 */
const MAINS_TO_BATTERY: readonly LossRow[] = [
  { powerMaxW: 2_600, loss: [120_000, 240_000] },
  { powerMaxW: 4_100, loss: [80_000, 160_000] },
  { powerMaxW: 8_200, loss: [60_000, 130_000] },
  { powerMaxW: 12_200, loss: [50_000, 120_000] },
  { powerMaxW: ANY_POWER, loss: [50_000, 140_000] },
];

/**
 * Without the battery's own share; recordings show 0.854 to 0.87 at 1.8 kW, 0.89 to 0.94 at 3.6, 0.90 to 0.955 above.
 */
const MAINS_TO_CHARGER_OUTPUT: readonly LossRow[] = [
  { powerMaxW: 2_600, loss: [110_000, 220_000] },
  { powerMaxW: 4_100, loss: [60_000, 140_000] },
  { powerMaxW: 8_200, loss: [50_000, 110_000] },
  { powerMaxW: ANY_POWER, loss: [40_000, 110_000] },
];

/** The cable: at most 1 % by ADAC, 3 % left for thin ones at full load. */
const MAINS_TO_INLET: readonly LossRow[] = [{ powerMaxW: ANY_POWER, loss: [0, 30_000] }];

/** DC cable and connector. */
const DC_TO_INLET: readonly LossRow[] = [{ powerMaxW: ANY_POWER, loss: [0, 30_000] }];

/** DC cable and what heating and cooling of the battery take while it charges. */
const DC_TO_BATTERY: readonly LossRow[] = [{ powerMaxW: ANY_POWER, loss: [0, 100_000] }];

/** Both at the same place. */
const SAME_POINT: readonly LossRow[] = [{ powerMaxW: ANY_POWER, loss: [0, 10_000] }];

const WIDEST: LossRow = { powerMaxW: ANY_POWER, loss: [50_000, 240_000] };

const TABLE: Readonly<Record<string, readonly LossRow[]>> = {
  "mains>vehicle-inlet": MAINS_TO_INLET,
  "mains>charger-output": MAINS_TO_CHARGER_OUTPUT,
  "mains>battery": MAINS_TO_BATTERY,
  "charger-output>charger-output": SAME_POINT,
  "charger-output>vehicle-inlet": DC_TO_INLET,
  "charger-output>battery": DC_TO_BATTERY,
};

function rowsOf([station, vehicle]: MeasuringPoints): readonly LossRow[] {
  return TABLE[`${station}>${vehicle}`] ?? MAINS_TO_BATTERY;
}
