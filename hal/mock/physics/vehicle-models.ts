/**
 * Cars of the bench, as rows of a table: size of battery and charger from the makers' data, steps of the sensors as
 * read through the OBD port.
 */
import type { BatteryResolution } from "./battery-management.ts";

export interface VehicleModel extends BatteryResolution {
  readonly capacityKwh: number;
  readonly cellsInSeries: number;
  readonly phases: 1 | 2 | 3;
  readonly currentMaxA: number;
}

export const VEHICLE_MODELS = {
  "hyundai-kona": {
    capacityKwh: 64,
    cellsInSeries: 98,
    phases: 3,
    currentMaxA: 16,
    voltageStepV: 0.1,
    currentStepA: 0.1,
    chargeStepPercent: 0.5,
  },
  "hyundai-ioniq-5": {
    capacityKwh: 72.6,
    cellsInSeries: 180,
    phases: 3,
    currentMaxA: 16,
    voltageStepV: 0.1,
    currentStepA: 0.1,
    chargeStepPercent: 0.5,
  },
  "vw-e-up": {
    capacityKwh: 32.3,
    cellsInSeries: 84,
    phases: 2,
    currentMaxA: 16,
    voltageStepV: 0.25,
    currentStepA: 0.25,
    chargeStepPercent: 0.4,
  },
  "vw-id3": {
    capacityKwh: 58,
    cellsInSeries: 108,
    phases: 3,
    currentMaxA: 16,
    voltageStepV: 0.25,
    currentStepA: 0.01,
    chargeStepPercent: 0.4,
  },
  "renault-zoe": {
    capacityKwh: 52,
    cellsInSeries: 96,
    phases: 3,
    currentMaxA: 32,
    voltageStepV: 0.1,
    currentStepA: 0.03125,
    chargeStepPercent: 0.02,
  },
  "bmw-i3": {
    capacityKwh: 37.9,
    cellsInSeries: 96,
    phases: 3,
    currentMaxA: 16,
    voltageStepV: 0.01,
    currentStepA: 0.01,
    chargeStepPercent: 0.1,
  },
  "chevrolet-bolt": {
    capacityKwh: 60,
    cellsInSeries: 96,
    phases: 1,
    currentMaxA: 32,
    voltageStepV: 0.25,
    currentStepA: 0.05,
    chargeStepPercent: 0.4,
  },
} as const satisfies Readonly<Record<string, VehicleModel>>;

export type VehicleModelName = keyof typeof VEHICLE_MODELS;
