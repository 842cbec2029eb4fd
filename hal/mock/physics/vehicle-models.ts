/**
 * Cars of the bench, as rows of a table: size of battery and charger from the makers' data, steps of the sensors as
 * read through the OBD port (vehicle study, table 4.2).
 */
import type { BatteryResolution } from "./battery-management.ts";

export interface VehicleModel extends BatteryResolution {
  readonly capacityKwh: number;
  readonly cellsInSeries: number;
  /** Of the on-board charger. */
  readonly phases: 1 | 2 | 3;
  readonly currentMaxA: number;
  /** Reactive current a phase, where it is not the usual one. */
  readonly reactiveA?: readonly [number, number];
  /** What the battery takes at a direct current station when half empty; null: the car has no such inlet. */
  readonly directPowerMaxW: number | null;
  /**
   * Waves that the shown state of charge has over the true one. On the e-Up they are steep enough for it to run
   * backwards while charging (vehicle study, 4.3).
   */
  readonly chargeWaves?: { readonly share: number; readonly count: number };
}

export const VEHICLE_MODELS = {
  "hyundai-kona": {
    ...{ capacityKwh: 64, cellsInSeries: 98, phases: 3, currentMaxA: 16, directPowerMaxW: 75_000 },
    ...{ voltageStepV: 0.1, currentStepA: 0.1, chargeStepPercent: 0.5 },
  },
  "kia-niro-sg2": {
    ...{ capacityKwh: 64.8, cellsInSeries: 96, phases: 3, currentMaxA: 16, directPowerMaxW: 80_000 },
    ...{ voltageStepV: 0.1, currentStepA: 0.1, chargeStepPercent: 0.5 },
  },
  "hyundai-ioniq-5": {
    ...{ capacityKwh: 72.6, cellsInSeries: 180, phases: 3, currentMaxA: 16, directPowerMaxW: 220_000 },
    ...{ voltageStepV: 0.1, currentStepA: 0.1, chargeStepPercent: 0.5 },
  },
  "hyundai-ioniq-28": {
    ...{ capacityKwh: 28, cellsInSeries: 96, phases: 1, currentMaxA: 28, directPowerMaxW: 69_000 },
    ...{ voltageStepV: 0.1, currentStepA: 0.1, chargeStepPercent: 0.5 },
  },
  "vw-e-up": {
    ...{ capacityKwh: 32.3, cellsInSeries: 84, phases: 2, currentMaxA: 16, directPowerMaxW: 37_000 },
    ...{ voltageStepV: 0.25, currentStepA: 0.25, chargeStepPercent: 0.4, chargeWaves: { share: 0.035, count: 6 } },
  },
  "vw-meb": {
    ...{ capacityKwh: 58, cellsInSeries: 108, phases: 3, currentMaxA: 16, directPowerMaxW: 120_000 },
    ...{ voltageStepV: 0.25, currentStepA: 0.01, chargeStepPercent: 0.4 },
  },
  "renault-zoe-ph1": {
    ...{ capacityKwh: 41, cellsInSeries: 96, phases: 3, currentMaxA: 32, directPowerMaxW: null },
    ...{ voltageStepV: 0.5, currentStepA: 0.25, chargeStepPercent: 0.02 },
  },
  "renault-zoe-ph2": {
    ...{ capacityKwh: 52, cellsInSeries: 96, phases: 3, currentMaxA: 32, directPowerMaxW: 46_000 },
    // Power factors of 0.64 at 6 A, 0.9 at 10 A and 1.0 above 19 A were measured on one (OVMS, a class A analyser).
    reactiveA: [3.8, 4.6],
    ...{ voltageStepV: 0.1, currentStepA: 0.03125, chargeStepPercent: 0.02 },
  },
  "bmw-i3": {
    ...{ capacityKwh: 37.9, cellsInSeries: 96, phases: 3, currentMaxA: 16, directPowerMaxW: 49_000 },
    ...{ voltageStepV: 0.01, currentStepA: 0.01, chargeStepPercent: 0.1 },
  },
  "chevrolet-bolt": {
    ...{ capacityKwh: 60, cellsInSeries: 96, phases: 1, currentMaxA: 32, directPowerMaxW: 55_000 },
    ...{ voltageStepV: 0.01, currentStepA: 0.05, chargeStepPercent: 0.1 },
  },
  "mg-zs-ev": {
    ...{ capacityKwh: 42.5, cellsInSeries: 108, phases: 1, currentMaxA: 28, directPowerMaxW: 76_000 },
    ...{ voltageStepV: 0.25, currentStepA: 0.025, chargeStepPercent: 0.1 },
  },
  "nissan-leaf": {
    ...{ capacityKwh: 39, cellsInSeries: 96, phases: 1, currentMaxA: 28, directPowerMaxW: 46_000 },
    ...{ voltageStepV: 0.01, currentStepA: 1 / 1024, chargeStepPercent: 0.0001 },
  },
  "jaguar-i-pace": {
    ...{ capacityKwh: 84.7, cellsInSeries: 108, phases: 1, currentMaxA: 32, directPowerMaxW: 100_000 },
    ...{ voltageStepV: 0.01, currentStepA: 0.025, chargeStepPercent: 0.01 },
  },
  "ford-mach-e": {
    ...{ capacityKwh: 88, cellsInSeries: 94, phases: 3, currentMaxA: 16, directPowerMaxW: 150_000 },
    ...{ voltageStepV: 0.01, currentStepA: 0.01, chargeStepPercent: 0.002 },
  },
} as const satisfies Readonly<Record<string, VehicleModel>>;

export type VehicleModelName = keyof typeof VEHICLE_MODELS;
