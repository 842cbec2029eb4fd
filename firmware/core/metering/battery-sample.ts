/** What is kept of a sample, if a battery here can have given it, and what all samples together tell of the sensors. */
import type { BatteryEnergy, BatteryLimits, BatterySample, LastSample, SensorSteps } from "./battery-state.ts";

/** The coarsest of the known cars: half a volt, a quarter of an ampere. */
export const STEPS_UNKNOWN: SensorSteps = { voltageMilliV: 520, currentMilliA: 250 };

/** Null for what no battery here can give. */
export function lastOf(sample: BatterySample, { powerMaxW }: BatteryLimits): LastSample | null {
  const { batteryVoltageV, batteryCurrentA, charging, plugged, monotonicMs } = sample;
  if (batteryVoltageV === null || batteryCurrentA === null) return null;
  const isNumber = [batteryVoltageV, batteryCurrentA, monotonicMs].every((value) => Number.isFinite(value));
  if (!isNumber || batteryVoltageV < 0 || batteryVoltageV > VOLTAGE_MAX || Math.abs(batteryCurrentA) > CURRENT_MAX) {
    return null;
  }
  // A quarter more than full power is left for overshoot and for the sensor's own error.
  if (batteryVoltageV * batteryCurrentA > powerMaxW * 1.25) return null;
  return {
    atMs: Math.round(monotonicMs),
    voltageMilliV: Math.round(batteryVoltageV * 1000),
    inflowMilliA: Math.max(0, Math.round(batteryCurrentA * 1000)),
    charging,
    plugged,
    resumed: null,
  };
}

/**
 * The sensors' steps, from the driver where it knows them. Else no step is larger than the smallest change that was
 * seen; 1 is added because readings are rounded to whole thousandths.
 */
export function noteSteps(state: BatteryEnergy, sample: BatterySample, to: LastSample): BatteryEnergy {
  const { last, steps } = state;
  if (last === null) return state;
  const isInflow = to.inflowMilliA > 0 && last.inflowMilliA > 0;
  const currentChange = isInflow ? to.inflowMilliA - last.inflowMilliA : 0;
  const next = {
    voltageMilliV:
      declared(sample.voltageStepV) ?? smallest(steps.voltageMilliV, to.voltageMilliV - last.voltageMilliV),
    currentMilliA: declared(sample.currentStepA) ?? smallest(steps.currentMilliA, currentChange),
  };
  return { ...state, steps: next };
}

/**
 * While the car hangs on its cable and does not charge, what little current it shows is the sensor's zero and what its
 * electronics take. That is noted anew after each charge, and never taken off a reading.
 */
export function noteRest(state: BatteryEnergy, to: LastSample, { batteryCurrentA }: BatterySample): BatteryEnergy {
  if (batteryCurrentA === null || Math.abs(batteryCurrentA) >= REST_A_MAX) return state;
  if (to.plugged !== true || to.charging) return state;
  const milliA = Math.round(batteryCurrentA * 1000);
  const rest = state.last?.charging === true ? null : state.rest;
  if (rest === null) {
    return { ...state, rest: { samples: 1, sumMilliA: milliA, minMilliA: milliA, maxMilliA: milliA } };
  }
  if (rest.samples >= REST_SAMPLES_MAX) return state;
  return {
    ...state,
    rest: {
      samples: rest.samples + 1,
      sumMilliA: rest.sumMilliA + milliA,
      minMilliA: Math.min(rest.minMilliA, milliA),
      maxMilliA: Math.max(rest.maxMilliA, milliA),
    },
  };
}

/** No pack of a car or lorry is beyond these. */
const VOLTAGE_MAX = 1_500;
const CURRENT_MAX = 5_000;
const REST_A_MAX = 1.5;
/** An hour of samples says it all. */
const REST_SAMPLES_MAX = 3_600;

function smallest(step: number, change: number): number {
  return change === 0 ? step : Math.min(step, Math.abs(change) + 1);
}

function declared(step: number | undefined): number | undefined {
  return step !== undefined && step > 0 && step < 10 ? Math.ceil(step * 1000) : undefined;
}
