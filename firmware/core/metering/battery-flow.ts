/** The arithmetic of flowing energy: trapezoids, bounds, and how well a trapezoid knows what was between its ends. */
import { divideUp, saturate } from "./whole-numbers.ts";

/** Longer than this, two samples do not say what was between them. */
export const GAP_MS = 30_000;
/** After so long a silence nobody knows whether the car still charged. */
export const SILENCE_MS = 300_000;
/** No car's battery holds more, 250 kWh: bounds what can have flowed in any time, also one that no clock has seen. */
const FILLING_MILLI_WH_MAX = 250_000_000;

export interface Flow {
  readonly milliWh: number;
  /** What is left below 1 mWh, in mW x ms x 2: goes into the next trapezoid. */
  readonly remainder: number;
}

/** Mean power of both ends (mW, at most 10^10) for at most `GAP_MS`: exact. */
export function trapezoid(powersMilliW: readonly [number, number], elapsedMs: number, remainder: number): Flow {
  const total = (powersMilliW[0] + powersMilliW[1]) * elapsedMs + remainder;
  const rest = total % TWICE_MILLI_W_MS_PER_MILLI_WH;
  return { milliWh: (total - rest) / TWICE_MILLI_W_MS_PER_MILLI_WH, remainder: rest };
}

/** Energy at this power for this time, rounded up; never more than a battery holds. */
export function flowAtMost(powerW: number, ms: number): number {
  const milliWh = saturate(
    divideUp(BigInt(Math.ceil(Math.max(0, powerW))) * BigInt(Math.ceil(Math.max(0, ms))), WATT_MS_PER_MILLI_WH),
  );
  return Math.min(FILLING_MILLI_WH_MAX, milliWh);
}

/**
 * Standard uncertainty of a trapezoid by the time between its ends, of the worst of the charges that were tried
 * (vehicle study, 4.4: alternating current that follows the sun; constant current and the taper of direct current are
 * known better). In µWh, rounded up.
 */
export function samplingMicroWh(flowedMilliWh: number, elapsedMs: number): number {
  const ppm = elapsedMs <= 1_000 ? 600 : elapsedMs <= 10_000 ? 3_500 : 9_000;
  return Math.ceil((flowedMilliWh * ppm) / 1_000);
}

const WATT_MS_PER_MILLI_WH = 3_600n;
/** 1 mWh is 3,600,000 mW x ms, twice because the trapezoid adds both ends. */
export const TWICE_MILLI_W_MS_PER_MILLI_WH = 7_200_000;
