/**
 * How much may be lost on the way to the vehicle in one part of a charge. The band of the terms is one for the power of
 * the whole charge; where less power flows, what the car itself uses all the time weighs more.
 */
import type { LossPpm } from "#core/contract/default-loss.ts";
import { PPM, type Terms } from "#core/contract/terms.ts";

/** Electronics of the car, its pumps and 12 V, while it charges: 100 to 300 W (ADAC). */
export const STANDING_W = 300;

export type LossTerms = Pick<Terms, "lossPpm" | "measuringPoints" | "powerMaxW">;

/**
 * The band of the terms for a part of the charge.
 *
 * @param powerW mean at the station in this part
 * @param usualW mean of the whole charge
 */
export function lossAt(terms: LossTerms, powerW: number, usualW: number): LossPpm {
  const [least, most] = terms.lossPpm;
  // What the inlet measures is before anything that the car uses.
  if (terms.measuringPoints[1] === "vehicle-inlet" || powerW >= usualW) return [least, most];
  const [part, whole] = [Math.max(1, powerW), Math.max(1, usualW)];
  const more = Math.ceil((STANDING_W * PPM) / part) - Math.floor((STANDING_W * PPM) / whole);
  return [least, Math.min(LOSS_PPM_MAX, most + more)];
}

/** A part in which nothing arrives is not called a loss. */
const LOSS_PPM_MAX = 900_000;
