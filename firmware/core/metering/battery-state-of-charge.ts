/** E_soc: how far the state of charge rose while the car charged. A check of the order of magnitude, never billed. */
import type { ChargeState } from "./battery-state.ts";

/**
 * @param percent as the car shows it; null where it did not this time
 * @param charges whether the car charges at this sample
 */
export function takeStateOfCharge(state: ChargeState, percent: number | null, charges: boolean): ChargeState {
  if (!charges) return { ...state, lastMilliPercent: null };
  if (percent === null || !(percent >= 0 && percent <= PERCENT_MAX)) return state;
  const milliPercent = Math.round(percent * 1000);
  const { lastMilliPercent } = state;
  if (lastMilliPercent === null) return { ...state, lastMilliPercent: milliPercent, runs: state.runs + 1 };
  // Some fall for a while although the car charges.
  const change = milliPercent - lastMilliPercent;
  return {
    ...state,
    lastMilliPercent: milliPercent,
    risenMilliPercent: state.risenMilliPercent + change,
    stepMilliPercent: change === 0 ? state.stepMilliPercent : Math.min(state.stepMilliPercent, Math.abs(change)),
  };
}

/** A little above full is what some cars show. */
const PERCENT_MAX = 110;
