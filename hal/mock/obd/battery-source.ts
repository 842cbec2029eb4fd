/** The battery behind the simulated car: whoever models its physics answers this, whenever a control unit is asked. */
export interface BatterySource {
  now(): BatteryState;
}

export interface BatteryState {
  readonly packVoltageV: number;
  /** Into the battery is positive. */
  readonly packCurrentA: number;
  readonly stateOfChargePercent: number;
  /** Lifetime counters. Charged includes regeneration, as the cars' own do. */
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly cellVoltageMaxV: number;
  readonly cellVoltageMinV: number;
  /** The 12 V system. */
  readonly auxiliaryVoltageV: number;
  readonly motorRpm: number;
  readonly plugged: boolean;
  readonly charging: boolean;
  /** Lifetime. */
  readonly operatingSeconds: number;
}
