/**
 * The car's own charge counter beside the integral. It bridges gaps in the sampling, and outside of gaps the two must
 * say the same. They share a sensor: this checks the sampling and the arithmetic, not the sensor.
 */
import type { BatteryEnergy, BatterySample, CounterState } from "./battery-state.ts";

export const NO_COUNTER: CounterState = {
  mark: null,
  stepMilliWh: 0,
  countedMilliWh: 0,
  integratedMilliWh: 0,
  isBroken: false,
};

export interface CrossCheck {
  readonly integratedMilliWh: number;
  readonly countedMilliWh: number;
  /** They differ by more than 2 % and by more than 0.2 kWh, or the counter fell or leapt. */
  readonly isInconsistent: boolean;
}

/** Null while there is nothing to compare. */
export function crossCheck({ counter }: Pick<BatteryEnergy, "counter">): CrossCheck | null {
  const { integratedMilliWh, countedMilliWh, mark, isBroken } = counter;
  if (mark === null && !isBroken) return null;
  const allowed = Math.max(DIFFERENCE_MILLI_WH_MAX, Math.floor(countedMilliWh / DIFFERENCE_SHARE));
  const isApart = Math.abs(integratedMilliWh - countedMilliWh) > allowed;
  return { integratedMilliWh, countedMilliWh, isInconsistent: isBroken || isApart };
}

/**
 * Compares the counter with the integral since its last value; `flowMaxMilliWh` is the most that one sample can add.
 */
export function compareCounter(state: BatteryEnergy, sample: BatterySample, flowMaxMilliWh: number): CounterState {
  const { counter, energyMilliWh } = state;
  const seen = counterOf(sample);
  if (seen === null || counter.isBroken) return counter;
  const next = markCounter(counter, sample, energyMilliWh);
  if (counter.mark === null) return next;
  const counted = seen - counter.mark.counterMilliWh;
  const integrated = energyMilliWh - counter.mark.energyMilliWh;
  if (counted < 0 || counted > 2 * (integrated + next.stepMilliWh) + flowMaxMilliWh) {
    return { ...counter, mark: null, isBroken: true };
  }
  return {
    ...next,
    countedMilliWh: counter.countedMilliWh + counted,
    integratedMilliWh: counter.integratedMilliWh + integrated,
  };
}

/** What the counter says was added between its last value and this one; null when it cannot be believed. */
export function countedSince(counter: CounterState, sample: BatterySample, mostMilliWh: number): number | null {
  const seen = counterOf(sample);
  if (seen === null || counter.mark === null || counter.isBroken) return null;
  const counted = seen - counter.mark.counterMilliWh;
  return counted >= 0 && counted <= mostMilliWh + 2 * counter.stepMilliWh ? counted : null;
}

/** Later values are compared with this one. */
export function markCounter(counter: CounterState, sample: BatterySample, energyMilliWh: number): CounterState {
  const seen = counterOf(sample);
  if (seen === null || counter.isBroken) return { ...counter, mark: null };
  const stepMilliWh = Math.max(counter.stepMilliWh, Math.ceil(sample.chargedResolutionMilliWh ?? 0));
  return { ...counter, stepMilliWh, mark: { counterMilliWh: seen, energyMilliWh } };
}

const DIFFERENCE_MILLI_WH_MAX = 200_000;
/** A fiftieth is 2 %. */
const DIFFERENCE_SHARE = 50;

function counterOf({ chargedMilliWh }: BatterySample): number | null {
  if (chargedMilliWh === null || !Number.isFinite(chargedMilliWh)) return null;
  return Math.round(chargedMilliWh);
}
