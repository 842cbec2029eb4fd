/** A traction battery: open-circuit voltage by state of charge, inner resistance, and cells that are not all alike. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export interface BatteryPack {
  readonly cellsInSeries: number;
  readonly capacityAh: number;
  readonly resistanceOhm: number;
  /** How far the best and the worst cell lie from the mean, halfway charged. */
  readonly cellAboveV: number;
  readonly cellBelowV: number;
}

/** Share of the charge, 0 to 1, and rest voltage of a nickel-manganese-cobalt cell; straight lines between. */
const CELL_CURVE: readonly (readonly [number, number])[] = [
  [0, 3.25],
  [0.05, 3.45],
  [0.1, 3.52],
  [0.2, 3.58],
  [0.3, 3.63],
  [0.4, 3.67],
  [0.5, 3.73],
  [0.6, 3.82],
  [0.7, 3.92],
  [0.8, 4.02],
  [0.9, 4.1],
  [1, 4.18],
];

/** Mean of the curve over the whole charge. */
const CELL_MEAN_V = CELL_CURVE.slice(1).reduce((sum, [share, volts], index) => {
  const [previousShare, previousVolts] = CELL_CURVE[index] ?? [share, volts];
  return sum + ((share - previousShare) * (volts + previousVolts)) / 2;
}, 0);

export function openCircuitV(pack: BatteryPack, chargeShare: number): number {
  return pack.cellsInSeries * cellRestV(chargeShare);
}

/** Current into the battery at which its terminals take this power; negative power is taken out of it. */
export function currentForPowerA(pack: BatteryPack, chargeShare: number, terminalsW: number): number {
  const restV = openCircuitV(pack, chargeShare);
  const root = Math.sqrt(restV * restV + 4 * pack.resistanceOhm * terminalsW);
  // The textbook form (root - restV) / 2R loses most of its digits at the few watts of a parked car.
  return (2 * terminalsW) / (root + restV);
}

/** Cells drift apart towards empty and full, where their curves are steep. */
export function cellSpreadV(
  pack: BatteryPack,
  chargeShare: number,
): { readonly aboveV: number; readonly belowV: number } {
  const widening = 1 + 2 * Math.abs(chargeShare - 0.5);
  return { aboveV: pack.cellAboveV * widening, belowV: pack.cellBelowV * widening };
}

export function drawBatteryPack(
  random: SeededRandom,
  size: { readonly cellsInSeries: number; readonly capacityKwh: number },
): BatteryPack {
  const capacityAh = (size.capacityKwh * 1000) / (size.cellsInSeries * CELL_MEAN_V);
  // About 1 mΩ for a cell group of 180 Ah; the loss of a charge at home is then near 1 % (ADAC: 1 to 2 %).
  const groupOhm = random.between(0.8e-3, 1.6e-3) * (180 / capacityAh);
  return {
    cellsInSeries: size.cellsInSeries,
    capacityAh,
    resistanceOhm: size.cellsInSeries * groupOhm,
    cellAboveV: random.between(0.002, 0.012),
    cellBelowV: random.between(0.003, 0.018),
  };
}

function cellRestV(chargeShare: number): number {
  let [lowShare, lowV] = [0, 0];
  for (let index = 0; index < CELL_CURVE.length; index += 1) {
    const point = CELL_CURVE[index];
    if (point === undefined) break;
    const share = point[0];
    const volts = point[1];
    if (chargeShare <= share && index > 0)
      return lowV + ((volts - lowV) * (chargeShare - lowShare)) / (share - lowShare);
    lowShare = share;
    lowV = volts;
  }
  return lowV;
}
