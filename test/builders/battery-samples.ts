/** Samples of a car that takes 7.2 kW, changed as a test needs, and what the meter makes of them. */
import { NO_BATTERY_ENERGY, openSession, takeSample } from "#core/metering/battery-energy.ts";
import type { BatteryEnergy, BatteryLimits, BatterySample } from "#core/metering/battery-state.ts";

export const POWER_MAX_W = 11_000;
export const LIMITS: BatteryLimits = { powerMaxW: 170_000, usableMilliWh: null };

export function sample(second: number, changes: Partial<BatterySample> = {}): BatterySample {
  return {
    batteryVoltageV: 360,
    batteryCurrentA: 20,
    charging: true,
    plugged: true,
    chargedMilliWh: null,
    chargedResolutionMilliWh: null,
    stateOfChargePercent: null,
    inlet: null,
    monotonicMs: second * 1000,
    ...changes,
  };
}

/** With a counter that shows `wh`, in steps of 0.1 kWh unless told. */
export function counted(second: number, wh: number, changes: Partial<BatterySample> = {}): BatterySample {
  return sample(second, { chargedMilliWh: wh * 1000, chargedResolutionMilliWh: 100_000, ...changes });
}

export function resting(second: number, changes: Partial<BatterySample> = {}): BatterySample {
  return sample(second, { batteryCurrentA: -0.2, charging: false, ...changes });
}

/** A contract that is open, and nothing seen of the car yet. */
export const CONTRACT: BatteryEnergy = openSession(NO_BATTERY_ENERGY, POWER_MAX_W);

export function take(
  samples: readonly BatterySample[],
  from: BatteryEnergy = CONTRACT,
  limits = LIMITS,
): BatteryEnergy {
  return samples.reduce((state, next) => takeSample(state, next, limits), from);
}

export function seconds(from: number, to: number, step = 1): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
