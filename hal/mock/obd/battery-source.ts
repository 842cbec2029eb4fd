/**
 * What a car's control units know of it when they are asked: the battery as its management believes it, and the inlet
 * as the charger measures it. Whoever models the physics answers this.
 */
export interface BatterySource {
  now(): BatteryState;
}

export interface BatteryState {
  readonly packVoltageV: number;
  /** Into the battery is positive. */
  readonly packCurrentA: number;
  /** Of the battery management: of all that the cells hold. */
  readonly stateOfChargePercent: number;
  /** What the driver is shown: of the part that the car uses. */
  readonly displayPercent: number;
  readonly healthPercent: number;
  /** Lifetime counters. Charged includes regeneration; what a car counts otherwise is derived from these. */
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly regeneratedWh: number;
  readonly chargedAh: number;
  readonly dischargedAh: number;
  /** Lifetime at the plug, as the battery received it, by kind of current; and how often. */
  readonly alternatingWh: number;
  readonly directWh: number;
  readonly alternatingSessions: number;
  readonly directSessions: number;
  readonly cellVoltageMaxV: number;
  readonly cellVoltageMinV: number;
  /** The 12 V system. */
  readonly auxiliaryVoltageV: number;
  readonly motorRpm: number;
  readonly plugged: boolean;
  readonly charging: boolean;
  /** Lifetime. */
  readonly operatingSeconds: number;
  readonly inlet: InletState;
}

/** Where the cable is, and what the on-board charger makes of it. */
export interface InletState {
  readonly kind: "ac" | "dc";
  readonly locked: boolean;
  /** Why a plugged car does not charge, when it does not. */
  readonly pause: "waiting" | "ended" | "failed";
  /** Effective values a phase against neutral, 0 where the charge uses none. */
  readonly voltagesV: readonly [number, number, number];
  readonly currentsA: readonly [number, number, number];
  readonly frequencyHz: number;
  /** Active power of all phases. */
  readonly activeW: number;
  /** The charger's direct current side: battery and everything else that is fed while it charges. */
  readonly outputV: number;
  readonly outputA: number;
  /** The charger's output since the plug went in. */
  readonly sessionWh: number;
}
