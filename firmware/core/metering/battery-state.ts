/** What is known of the energy that a battery took: plain data of whole numbers, fit for a journal. */

export interface BatterySample {
  readonly batteryVoltageV: number;
  /** Into the battery is positive. */
  readonly batteryCurrentA: number;
  readonly charging: boolean;
  /** The car's cumulative charge counter, mWh; null where it has none or did not say this time. */
  readonly chargedMilliWh: number | null;
  readonly chargedResolutionMilliWh: number | null;
  readonly monotonicMs: number;
}

export interface BatteryEnergy {
  /** The register: energy into the battery since the start; never falls. */
  readonly energyMilliWh: number;
  /** What is left of the integral below 1 mWh, in mW x ms x 2. */
  readonly remainder: number;
  readonly last: LastSample;
  readonly counter: CounterState;
  readonly gaps: GapState;
  /** Half-width of the error of sampling, and what a zero offset of the current sensor would have added. */
  readonly samplingMilliWh: number;
  readonly offsetMilliWh: number;
  /** Samples that no battery here can give. */
  readonly refused: number;
}

/** What is kept of a sample: power into the battery, 0 unless it charges. */
export interface LastSample {
  readonly atMs: number;
  readonly powerMilliW: number;
  readonly voltageMilliV: number;
  readonly charging: boolean;
}

export interface CounterState {
  /** The counter when it was last seen, and the register at that time; null before it was seen. */
  readonly mark: { readonly counterMilliWh: number; readonly energyMilliWh: number } | null;
  /** Its coarsest step. */
  readonly stepMilliWh: number;
  /** Differences of the counter outside of gaps, and the integral over the same time. */
  readonly countedMilliWh: number;
  readonly integratedMilliWh: number;
  /** It fell or leapt: it is not used any more. */
  readonly isBroken: boolean;
}

export interface GapState {
  /** Times when no sample came for more than 30 s, and how many of them the counter bridged. */
  readonly count: number;
  readonly bridged: number;
  /** Half-width of what the other gaps may have been different. */
  readonly boundMilliWh: number;
  /** Gaps that wait for the counter's next value: since when, the estimate and the most that can have flowed. */
  readonly pending: { readonly sinceMs: number; readonly estimateMilliWh: number; readonly mostMilliWh: number } | null;
}
