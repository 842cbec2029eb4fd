/**
 * How well a charge will be known before there is one: the budget of `battery-uncertainty.ts` for a steady charge of so
 * much energy at so much power. What a vehicle states as the largest error of its measurement comes from here.
 */
import { samplingMicroWh } from "./battery-flow.ts";
import { reactiveShare } from "./battery-inlet.ts";
import { NO_CHARGE, type ChargeEnergy, type InletKind, type SensorSteps } from "./battery-state.ts";
import {
  counterUncertainty,
  inletUncertainty,
  integralUncertainty,
  type BatteryUncertainty,
} from "./battery-uncertainty.ts";
import { divideUp, saturate } from "./whole-numbers.ts";

export interface SteadyCharge {
  readonly energyMilliWh: number;
  /** Where it is measured. */
  readonly powerW: number;
  /** Of the battery. */
  readonly voltageV: number;
  readonly steps: SensorSteps;
  /** From one sample to the next. */
  readonly everyMs: number;
}

/** By voltage times current of the battery. */
export function expectedByIntegral(charge: SteadyCharge): BatteryUncertainty {
  return integralUncertainty(energyOf(charge), charge.steps);
}

/** By the car's counter, of which each end is known to within a step. */
export function expectedByCounter(charge: SteadyCharge, stepMilliWh: number): BatteryUncertainty {
  const { integral, ...rest } = energyOf(charge);
  const counter = { ...NO_CHARGE.counter, stepMilliWh, covered: integral, tickSquare: 2 * stepMilliWh ** 2 };
  return counterUncertainty({ ...rest, integral, counter }, charge.energyMilliWh, charge.steps);
}

/** By the power at the inlet, or at the output of the car's charger. */
export function expectedByInlet(kind: InletKind, { energyMilliWh, powerW, everyMs }: SteadyCharge): BatteryUncertainty {
  const share = kind === "apparent" ? reactiveShare(powerW) : 0;
  return inletUncertainty(kind, {
    energyMilliWh,
    remainder: 0,
    samplingMicroWh: samplingMicroWh(energyMilliWh, everyMs),
    gapMilliWh: 0,
    reactiveMilliWh: Math.ceil(energyMilliWh * share),
  });
}

/**
 * Largest error, as terms of a contract state it: a half-width that is taken as rectangular, of which U is 2/√3.
 * Rounded up, √3 / 2 as 0.866 026.
 */
export function statedErrorPpm({ expandedMilliWh }: BatteryUncertainty, energyMilliWh: number): number {
  return saturate(divideUp(BigInt(expandedMilliWh) * 866_026n, BigInt(Math.max(1, energyMilliWh))));
}

function energyOf({ energyMilliWh, powerW, voltageV, everyMs }: SteadyCharge): ChargeEnergy {
  const durationMs = (energyMilliWh * 3_600) / Math.max(1, powerW);
  const voltageMilliVMs = Math.ceil(voltageV * 1000 * durationMs);
  const currentMilliAMs = Math.ceil((powerW / Math.max(1, voltageV)) * 1000 * durationMs);
  return {
    ...NO_CHARGE,
    integral: {
      ...NO_CHARGE.integral,
      energyMilliWh,
      voltageMilliVMs,
      currentMilliAMs,
      samplingMicroWh: samplingMicroWh(energyMilliWh, everyMs),
    },
  };
}
