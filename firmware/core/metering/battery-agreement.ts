/**
 * Whether the car's counter and the integral of its voltage and current tell the same story. They share their sensors,
 * so what may part them is sampling, steps and gaps alone; a counter that is further off is not to be believed. Then it
 * is not to be believed for the gaps either that the integral has from it, by as much as it was off otherwise.
 */
import type { BatteryEstimate } from "./battery-statement.ts";

export interface Agreement {
  /** They differ by more than sampling, steps and gaps explain: the interval that is stated holds all of them. */
  readonly fits: boolean;
  /** They differ by more than anybody should put up with. */
  readonly isInconsistent: boolean;
  /** The integral, had the counter bridged its gaps no more wrongly than it counted where both were there. */
  readonly integralAloneMilliWh: number;
}

/** @param bridgedMilliWh of both, what the counter alone has told */
export function compareEstimates(
  integral: BatteryEstimate,
  counter: BatteryEstimate,
  bridgedMilliWh: number,
): Agreement {
  const difference = Math.abs(counter.energyMilliWh - integral.energyMilliWh);
  const integrated = integral.energyMilliWh - bridgedMilliWh;
  const counted = counter.energyMilliWh - bridgedMilliWh;
  const isExplained = difference <= Math.max(explainedMilliWh([integral, counter]), integrated / SLIGHT_SHARE);
  const isShown = !isExplained && integrated > 0 && counted > 0;
  const aloneMilliWh = isShown
    ? Math.floor(integrated + bridgedMilliWh * (integrated / counted))
    : integral.energyMilliWh;
  return {
    fits: isExplained,
    isInconsistent: isShown
      ? isFar(counter.energyMilliWh, aloneMilliWh)
      : isFar(counter.energyMilliWh, integral.energyMilliWh),
    integralAloneMilliWh: aloneMilliWh,
  };
}

/** 2 %, or 0.2 kWh if that is more. */
function isFar(one: number, other: number): boolean {
  return Math.abs(one - other) > Math.max(DIFFERENCE_MILLI_WH_MAX, Math.floor(Math.min(one, other) / DIFFERENCE_SHARE));
}

/** Twice the root of the squares of what is each one's own; gain and offset are both's. */
function explainedMilliWh(estimates: readonly BatteryEstimate[]): number {
  const squares = estimates.map(({ uncertainty: { parts } }) => {
    return parts.quantisationMilliWh ** 2 + parts.samplingMilliWh ** 2 + parts.gapMilliWh ** 2;
  });
  return 2 * Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}

const DIFFERENCE_MILLI_WH_MAX = 200_000;
/** A fiftieth is 2 %. */
const DIFFERENCE_SHARE = 50;
/** One per cent: by so little they differ on known cars; nobody's result depends on it. */
const SLIGHT_SHARE = 100;
