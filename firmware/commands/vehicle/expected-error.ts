/** How well charges of this car will be known: the table that `vehicle probe` shows. */
import {
  expectedByCounter,
  expectedByInlet,
  expectedByIntegral,
  type SteadyCharge,
} from "#core/metering/expected-uncertainty.ts";
import type { ProfileMeasure } from "#hal/vehicles/profile-measure.ts";
import { sensorSteps } from "../../vehicle-measure.ts";

export interface ExpectedError {
  readonly energyKwh: number;
  readonly powerKw: number;
  readonly method: "integral" | "counter" | "inlet";
  /** U (k = 2) as a share of the energy. */
  readonly share: number;
}

const ENERGIES_KWH = [10, 30] as const;
const POWERS_KW = [2.3, 7, 11] as const;
const MILLI_WH_PER_KWH = 1_000_000;
/** As the statement of a charge chooses: the counter where it is finer than 1 % of the charge. */
const COUNTER_STEPS_MIN = 100;

/** Empty where nothing can be measured. */
export function expectedErrors(
  measure: ProfileMeasure,
  seen: { readonly voltageV: number; readonly everyMs: number },
): readonly ExpectedError[] {
  const { at } = measure;
  if (at === null) return [];
  return ENERGIES_KWH.flatMap((energyKwh) =>
    POWERS_KW.map((powerKw): ExpectedError => {
      const energyMilliWh = energyKwh * MILLI_WH_PER_KWH;
      const charge: SteadyCharge = { ...seen, energyMilliWh, powerW: powerKw * 1000, steps: sensorSteps(measure) };
      const step = measure.counterStepMilliWh;
      const isCounted = at === "battery" && step !== null && step * COUNTER_STEPS_MIN < energyMilliWh;
      const uncertainty =
        at !== "battery"
          ? expectedByInlet(at, charge)
          : isCounted
            ? expectedByCounter(charge, step)
            : expectedByIntegral(charge);
      const method = at !== "battery" ? "inlet" : isCounted ? "counter" : "integral";
      return { energyKwh, powerKw, method, share: uncertainty.expandedMilliWh / energyMilliWh };
    }),
  );
}
