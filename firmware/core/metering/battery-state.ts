/**
 * What is known of the energy that a battery took: plain data of whole numbers, fit for a journal. The estimates are
 * kept apart from the first sample to the last; nothing here is an average of two of them.
 */

export interface BatterySample {
  /** Both are null where the car tells no current that can be trusted. */
  readonly batteryVoltageV: number | null;
  /** Into the battery is positive. */
  readonly batteryCurrentA: number | null;
  readonly charging: boolean;
  /** Null where the car does not say. */
  readonly plugged: boolean | null;
  /** The car's cumulative charge counter, mWh; null where it has none or did not say this time. */
  readonly chargedMilliWh: number | null;
  readonly chargedResolutionMilliWh: number | null;
  readonly stateOfChargePercent: number | null;
  readonly inlet: { readonly powerW: number; readonly kind: InletKind } | null;
  readonly monotonicMs: number;
  /** Smallest steps of voltage and current where the driver knows them; else they are learned from the readings. */
  readonly voltageStepV?: number;
  readonly currentStepA?: number;
}

export type InletKind = "active" | "apparent" | "direct-current";
export const INLET_KINDS = ["active", "apparent", "direct-current"] as const satisfies readonly InletKind[];

export interface BatteryLimits {
  /** The most that can flow into this battery by any way: bounds a sample, and what a gap can hide. */
  readonly powerMaxW: number;
  /** What the battery holds between empty and full, where that is known: makes an energy of the state of charge. */
  readonly usableMilliWh: number | null;
  /** Of a car that tells no current of its battery: the power at its inlet that the register counts instead. */
  readonly countedInlet?: InletKind | undefined;
}

export interface BatteryEnergy {
  /** What is signed: energy into the battery since the gateway first watched; never falls. */
  readonly registerMilliWh: number;
  /** By how much the register is ahead of the estimate that it follows: it waits until that has caught up. */
  readonly aheadMilliWh: number;
  readonly session: BatterySession;
  readonly charge: ChargeEnergy;
  readonly stretch: Stretch;
  /** Null before the first sample that a car can have given. */
  readonly last: LastSample | null;
  readonly steps: SensorSteps;
  readonly rest: RestCurrent | null;
  /** Samples that no battery here can give. */
  readonly refused: number;
}

/** The estimate that the register follows, from the first charging to the end of the session. */
export type RegisterMethod = "counter" | "integral" | `inlet-${InletKind}`;

export interface BatterySession {
  /** The most that the contract lets flow; null while there is none. */
  readonly powerMaxW: number | null;
  /** The register when the session began. */
  readonly startMilliWh: number;
  /** Null before the car has charged. */
  readonly method: RegisterMethod | null;
}

/** The estimates of one session. */
export interface ChargeEnergy {
  readonly integral: Integral;
  readonly gaps: GapState;
  readonly counter: CounterState;
  readonly stateOfCharge: ChargeState;
  readonly inlet: InletState;
}

/** Sums that grow together with the integral of voltage and current. Their differences belong to a stretch of time. */
export interface IntegralSums {
  readonly energyMilliWh: number;
  /** Voltage and current over the time that counts: what a wrong zero or a rounded value would have added. */
  readonly voltageMilliVMs: number;
  readonly currentMilliAMs: number;
  /** Standard uncertainty of the sampling. */
  readonly samplingMicroWh: number;
  /** Half-width of what gaps without a counter may have been different. */
  readonly gapMilliWh: number;
  /** Square of the counter's step, mWh², once for each gap that it bridged. */
  readonly bridgeSquare: number;
}

export interface Integral extends IntegralSums {
  /** What is left of the integral below 1 mWh, in mW x ms x 2. */
  readonly remainder: number;
}

export interface GapState {
  /** Times when no sample came for more than 30 s, and how many of them the counter bridged. */
  readonly count: number;
  readonly bridged: number;
  /** What the counter put into those. */
  readonly bridgedMilliWh: number;
  readonly pending: PendingGap | null;
}

/** A gap that waits for the counter's next value. */
export interface PendingGap {
  readonly sinceMs: number;
  readonly elapsedMs: number;
  /** The most that can have flowed. */
  readonly mostMilliWh: number;
  /** The car hung on its cable all the while, as far as can be known: what the counter adds is charge. */
  readonly isCharge: boolean;
  readonly isShort: boolean;
}

export interface CounterState {
  /** When it was last seen. */
  readonly seen: CounterSight | null;
  /** Charging without a break; null outside of it, and before the counter was seen in it. */
  readonly run: CounterRun | null;
  /** Its coarsest step. */
  readonly stepMilliWh: number;
  /** What it counted from the first to the last tick of each run, and what the integral's sums were meanwhile. */
  readonly countedMilliWh: number;
  readonly covered: IntegralSums;
  /** Squares of the widths of the ticks at both ends of each closed run, mWh². */
  readonly tickSquare: number;
  readonly trouble: CounterTrouble | null;
}

/** It is not used any more in the session; a counter that fell may well be another car's. */
export type CounterTrouble = "COUNTER_FELL" | "COUNTER_LEAPT" | "COUNTER_STOPPED";

/** The counter's value, and the integral at that time. */
export interface CounterSight {
  readonly counterMilliWh: number;
  readonly energyMilliWh: number;
}

export interface CounterRun {
  readonly start: CounterSight;
  /** Null before the counter has moved. */
  readonly ticks: { readonly firstWidthMilliWh: number; readonly last: CounterTick } | null;
}

/** A moment at which the counter was seen to have moved: what it had counted by then, to within the width. */
export interface CounterTick {
  readonly contentMilliWh: number;
  readonly widthMilliWh: number;
  readonly sums: IntegralSums;
}

export interface ChargeState {
  /** In thousandths of a per cent; null outside of charging. */
  readonly lastMilliPercent: number | null;
  readonly risenMilliPercent: number;
  /** Smallest change seen. */
  readonly stepMilliPercent: number;
  readonly runs: number;
}

export interface InletState {
  readonly last: { readonly atMs: number; readonly powerMilliW: number; readonly kind: InletKind } | null;
  readonly byKind: Readonly<Record<InletKind, InletSums>>;
}

export interface InletSums {
  readonly energyMilliWh: number;
  readonly remainder: number;
  readonly samplingMicroWh: number;
  readonly gapMilliWh: number;
  /** How much of apparent power may have been no power. */
  readonly reactiveMilliWh: number;
}

/** Charging without long breaks. It opens when the car says twice in a row that it charges. */
export interface Stretch {
  readonly isOpen: boolean;
  /** Since when an open one has not charged. */
  readonly quietSinceMs: number | null;
  /** What there would be if the charging that seems to begin were real. */
  readonly opening: { readonly sinceMs: number; readonly charge: ChargeEnergy } | null;
  /** The same within an open one, of a car that shows current and does not say any more that it charges. */
  readonly doubt: { readonly sinceMs: number; readonly charge: ChargeEnergy } | null;
}

export interface LastSample {
  readonly atMs: number;
  readonly voltageMilliV: number;
  /** Into the battery; 0 when it flows out. */
  readonly inflowMilliA: number;
  readonly charging: boolean;
  readonly plugged: boolean | null;
  /** It was taken before a restart, so long ago; null when the clocks cannot tell. Not resumed: null. */
  readonly resumed: { readonly awayMs: number | null } | null;
}

/** No step of the sensors is coarser than these: the smallest changes that were seen. */
export interface SensorSteps {
  readonly voltageMilliV: number;
  readonly currentMilliA: number;
}

/** What the current sensor showed while the car was plugged and did not charge. A candidate for its zero, no more. */
export interface RestCurrent {
  readonly samples: number;
  readonly sumMilliA: number;
  readonly minMilliA: number;
  readonly maxMilliA: number;
}

const NO_SUMS: IntegralSums = {
  energyMilliWh: 0,
  voltageMilliVMs: 0,
  currentMilliAMs: 0,
  samplingMicroWh: 0,
  gapMilliWh: 0,
  bridgeSquare: 0,
};

const NO_INLET: InletSums = { energyMilliWh: 0, remainder: 0, samplingMicroWh: 0, gapMilliWh: 0, reactiveMilliWh: 0 };

export const NO_CHARGE: ChargeEnergy = {
  integral: { ...NO_SUMS, remainder: 0 },
  gaps: { count: 0, bridged: 0, bridgedMilliWh: 0, pending: null },
  counter: { seen: null, run: null, stepMilliWh: 0, countedMilliWh: 0, covered: NO_SUMS, tickSquare: 0, trouble: null },
  // Half a per cent is the coarsest step of the known cars.
  stateOfCharge: { lastMilliPercent: null, risenMilliPercent: 0, stepMilliPercent: 500, runs: 0 },
  inlet: { last: null, byKind: { active: NO_INLET, apparent: NO_INLET, "direct-current": NO_INLET } },
};
