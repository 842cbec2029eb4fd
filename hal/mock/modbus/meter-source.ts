/** What a simulated meter shows: the physics behind it. */

export type Phases = readonly [number, number, number];

export interface MeterSource {
  now(): MeterState;
}

export interface MeterState {
  /** Lifetime import counter. */
  readonly importedMilliWh: number;
  /** Positive is consumption. */
  readonly powerW: number;
  readonly voltageV: Phases;
  readonly currentA: Phases;
  readonly frequencyHz: number;
  /** Lifetime export counter; nothing was ever fed back when it is left out. */
  readonly exportedMilliWh?: number;
}
