/** What a car has told, as the energy estimates take it. */
import type { BatterySample } from "#core/metering/battery-state.ts";
import type { VehicleSample } from "#hal/ports/vehicle-link.ts";

/** A value that is carried from an earlier sample says nothing new: the moment at which a counter moves counts. */
export function batterySampleOf(value: VehicleSample, monotonicMs: number): BatterySample {
  const { agesMs } = value;
  const isNew = (age: number | null | undefined): boolean => age === undefined || age === 0;
  return {
    batteryVoltageV: value.batteryVoltageV,
    batteryCurrentA: value.batteryCurrentA,
    charging: value.charging,
    plugged: isRefuted(value) ? null : value.plugged,
    chargedMilliWh: isNew(agesMs?.charged) ? value.chargedMilliWh : null,
    chargedResolutionMilliWh: value.chargedResolutionMilliWh,
    stateOfChargePercent: isNew(agesMs?.stateOfCharge) ? value.stateOfChargePercent : null,
    inlet: isNew(agesMs?.inlet) ? value.inlet : null,
    ...(value.voltageStepV === undefined ? {} : { voltageStepV: value.voltageStepV }),
    ...(value.currentStepA === undefined ? {} : { currentStepA: value.currentStepA }),
    monotonicMs,
  };
}

/**
 * A plug that was out when it was last asked for, some seconds ago, and current into battery or car since: it may be in
 * by now, or the car brakes.
 */
function isRefuted({ plugged, batteryCurrentA, inlet, agesMs }: VehicleSample): boolean {
  if (plugged !== false || (agesMs?.plugged ?? 0) === 0) return false;
  return (batteryCurrentA ?? 0) >= INFLOW_A || (inlet?.powerW ?? 0) >= INLET_W;
}

const INFLOW_A = 0.5;
const INLET_W = 300;
