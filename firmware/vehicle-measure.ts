/**
 * How a vehicle measures, as it states it to a station before a charge: where, how well, and what is lost on the way
 * there. From the profile of the car where that is known.
 */
import { defaultLoss } from "#core/contract/default-loss.ts";
import { VEHICLE_MPE_PPM } from "#core/contract/default-terms.ts";
import type { MeasuringPoint } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import {
  expectedByInlet,
  expectedByIntegral,
  statedErrorPpm,
  type SteadyCharge,
} from "#core/metering/expected-uncertainty.ts";
import { REGISTER_STEP_MILLI_WH } from "#core/metering/battery-energy.ts";
import { STEPS_UNKNOWN } from "#core/metering/battery-sample.ts";
import type { SensorSteps } from "#core/metering/battery-state.ts";
import { INLET_POINT } from "#core/metering/battery-statement.ts";
import type { ProfileMeasure } from "#hal/vehicles/profile-measure.ts";

export type VehicleAccuracy = Pick<
  Want,
  "vehicleMpePpm" | "vehicleMeasuringPoint" | "vehicleResolutionMilliWh" | "lossPpm"
>;

/**
 * @param mainsW what the car draws from the mains at most: at less power its error and its losses weigh more
 * @param stationPoint where the station measures: a direct current station loses nothing in the car's own charger
 */
export function vehicleAccuracy(
  measure: ProfileMeasure | undefined,
  mainsW: number,
  stationPoint: MeasuringPoint = "mains",
): VehicleAccuracy {
  const at = measure?.at ?? "battery";
  const vehicleMeasuringPoint = at === "battery" ? "battery" : INLET_POINT[at];
  const lossPpm = defaultLoss([stationPoint, vehicleMeasuringPoint], mainsW);
  return {
    // A car that draws little has a larger error than stations take; stating the most of theirs, it can still charge.
    vehicleMpePpm:
      measure === undefined ? UNKNOWN_MPE_PPM : Math.min(errorPpm(measure, mainsW, lossPpm[1]), VEHICLE_MPE_PPM),
    vehicleMeasuringPoint,
    vehicleResolutionMilliWh: REGISTER_STEP_MILLI_WH,
    lossPpm,
  };
}

export function sensorSteps({ voltageStepV, currentStepA }: ProfileMeasure): SensorSteps {
  return {
    voltageMilliV: voltageStepV > 0 ? Math.ceil(voltageStepV * 1000) : STEPS_UNKNOWN.voltageMilliV,
    currentMilliA: currentStepA > 0 ? Math.ceil(currentStepA * 1000) : STEPS_UNKNOWN.currentMilliA,
  };
}

/** Voltage times current of a battery management: gain 2.5 % and what its zero is off by at usual powers. */
const UNKNOWN_MPE_PPM = 30_000;
/** The error is a share of the energy, whatever that is: power, voltage and steps make it. */
const REFERENCE_MILLI_WH = 10_000_000;
const MAINS_V = 230;
const SAMPLE_EVERY_MS = 2_000;
const PPM = 1_000_000;

/** At the battery's full voltage, where the zero of its current sensor weighs most. */
function errorPpm(measure: ProfileMeasure, mainsW: number, lossMostPpm: number): number {
  const powerW = (mainsW * (PPM - lossMostPpm)) / PPM;
  const voltageV = measure.voltageMaxV > 0 ? measure.voltageMaxV : MAINS_V;
  const charge: SteadyCharge = {
    ...{ energyMilliWh: REFERENCE_MILLI_WH, powerW, voltageV },
    ...{ steps: sensorSteps(measure), everyMs: SAMPLE_EVERY_MS },
  };
  const { at } = measure;
  const expected = at === null || at === "battery" ? expectedByIntegral(charge) : expectedByInlet(at, charge);
  return statedErrorPpm(expected, REFERENCE_MILLI_WH);
}
