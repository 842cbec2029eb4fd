/**
 * What a station does to its current limit, and when. It only ever takes away: the limit of the charge is what stands
 * in the high chips, and before and after the pattern.
 */
import { CHIPS, type WatermarkPattern } from "./watermark-pattern.ts";

/**
 * A car has 5 s to follow a new limit (IEC 61851-1, table A.6) and most need one or two; a chip is as short as lets
 * sixteen of them, with the time in which the power rises before and is judged after, pass within a minute.
 */
export const CHIP_MS = 2_500;
export const WATERMARK_MS = CHIPS * CHIP_MS;
/**
 * How far down: an eighth, and at least 2 A, because on-board chargers count in whole amperes. The 3 % that were
 * planned are half an ampere of 16: less than one such step (decision 0049).
 */
const STEP_DIVISOR = 8;
const STEP_MIN_A = 2;
/** Less cannot be told to a car (IEC 61851-1, table A.8). */
const CURRENT_MIN_A = 6;

export interface WatermarkPlan {
  readonly pattern: WatermarkPattern;
  /** Limits of the two kinds of chips, A a phase. */
  readonly highA: number;
  readonly lowA: number;
}

/**
 * @param limitA what the charge may take
 * @param takenA what the car takes of it, where the station's meter says so: a car of 16 A would not notice that 32 A
 *   have become 28
 * @returns undefined where there is no room below
 */
export function planWatermark(pattern: WatermarkPattern, limitA: number, takenA = limitA): WatermarkPlan | undefined {
  // Half an ampere for the meter's error and what flows beside the active current.
  const used = Math.min(limitA, Math.ceil(takenA - 0.5));
  const lowA = Math.floor(used - Math.max(STEP_MIN_A, used / STEP_DIVISOR));
  return lowA >= CURRENT_MIN_A ? { pattern, highA: limitA, lowA } : undefined;
}

/** The limit so long after the pattern's begin; the high one outside of it. */
export function limitAt({ pattern, highA, lowA }: WatermarkPlan, elapsedMs: number): number {
  return pattern[Math.floor(elapsedMs / CHIP_MS)] === true ? lowA : highA;
}

/** How long until the limit may be another one; undefined when the pattern is over. */
export function untilNextChipMs(elapsedMs: number): number | undefined {
  return elapsedMs >= WATERMARK_MS ? undefined : CHIP_MS - (elapsedMs % CHIP_MS);
}
