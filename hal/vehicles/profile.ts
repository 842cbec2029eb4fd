/**
 * How one generation of cars is asked, and what its answers mean. A profile is data; the driver has no car in it.
 * A file of the same form describes a car that is not built in: `checkVehicleProfile` reads it.
 */
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import type { Quantity } from "./quantity.ts";

export interface VehicleProfile {
  readonly name: string;
  /** Short names that mean this profile too. */
  readonly aliases: readonly string[];
  readonly covers: string;
  /** In the order in which they are asked. Those of pace `power` come first and carry what a sample cannot lack. */
  readonly requests: readonly ProfileRequest[];
  /** The diagnostic session that reading needs; most cars need none. */
  readonly session: DiagnosticSession | null;
  readonly charging: ChargingRule;
  readonly plugged: PluggedRule | null;
  /** Ways to tell what the car takes at its inlet; the first whose conditions hold counts. */
  readonly inlet: readonly InletMeasure[];
  readonly counter: ChargeCounter | null;
  /**
   * Energy from 0 to 100 % of the state of charge that is read, for a check of the order of magnitude. Only where all
   * cars that the profile covers keep within a tenth of it, new ones and those of some age.
   */
  readonly usableMilliWh?: number;
  /** Cells in series of the batteries that this profile covers; empty where the car tells no cell voltages. */
  readonly cellCounts: readonly number[];
  readonly currentMaxA: number;
  /** More than the car can charge or regenerate with; bounds the growth of its counter. */
  readonly powerMaxW: number;
  /** What tells this car from the others; empty where nothing does. */
  readonly identification: readonly IdentificationTest[];
}

/**
 * How sure it is. A: three sources or more and recordings. B: two sources. C: one source, or not seen on a car.
 * `untrusted`: the sources contradict the recordings; it is shown, and nothing is measured with it.
 */
export type Grade = "A" | "B" | "C" | "untrusted";

/**
 * How often it is asked. `power`: for each sample, one right after the other; one that fails spoils the sample.
 * `inlet`: for each sample too, but a sample is complete without it. `state`: every 10 s. `slow`: every minute.
 */
export type Pace = "power" | "inlet" | "state" | "slow";

export interface ProfileRequest extends RequestVariant {
  readonly pace: Pace;
  /** Tried in turn where the car refuses this one, does not answer it, or answers with another length. */
  readonly otherwise?: readonly RequestVariant[];
}

export interface RequestVariant {
  readonly ecu: EcuAddress;
  /** Service and identifier in hex. */
  readonly request: string;
  readonly grade: Grade;
  /** Data bytes behind the identifier: a shorter answer is another car's, and a longer one where there is a most. */
  readonly dataBytesMin: number;
  readonly dataBytesMax?: number;
  readonly signals: Readonly<Partial<Record<Quantity, Signal>>>;
}

/** value = raw x multiply / divide + add. Offsets count from the first byte behind the identifier; big-endian. */
export interface Signal {
  readonly offset: number;
  readonly bytes: 1 | 2 | 3 | 4;
  readonly isSigned?: true;
  /** Bits that count, of at most 31; all of them when absent. */
  readonly mask?: number;
  readonly multiply?: number;
  readonly divide?: number;
  readonly add?: number;
  /** Raw values, read without sign, that mean "not known". */
  readonly invalid?: readonly number[];
  /** What a car of this kind can show; anything else makes the whole answer unbelievable. */
  readonly min: number;
  readonly max: number;
  /** Where it differs from the request's. */
  readonly grade?: Grade;
}

export interface DiagnosticSession {
  /** ISO 14229-1 diagnosticSessionType, or the car's own. */
  readonly type: number;
}

/** Charging is when all conditions of one case have held for its time. A quantity not known fulfils nothing. */
export interface ChargingRule {
  readonly any: readonly ChargingCase[];
}

export interface ChargingCase {
  /** The case counts only while none of these is known: a second best for cars that do not tell the best. */
  readonly whileUnknown?: readonly Quantity[];
  readonly all: readonly Condition[];
  readonly heldMs: number;
}

export type Condition = ConditionSubject & ({ readonly min: number; readonly max: number } | ConditionValues);

interface ConditionSubject {
  readonly quantity: Quantity;
  /** Bits that count; all of them when absent. */
  readonly mask?: number;
}

interface ConditionValues {
  readonly values: readonly number[];
}

/** A charging car is plugged in, whatever this says. Neither `yes` nor `no` means that it is not known. */
export interface PluggedRule {
  readonly yes: Condition;
  readonly no?: Condition;
}

export interface InletMeasure {
  /** Most cars multiply effective values, which is apparent power; `direct-current` is the charger's output. */
  readonly kind: "active" | "apparent" | "direct-current";
  readonly grade: Grade;
  /** It says something only while all of these hold. */
  readonly when: readonly Condition[];
  /** Watts: the sum of these products. */
  readonly sumOf: readonly (readonly Quantity[])[];
  /** By which the sum is multiplied, looked up by a quantity. */
  readonly factors?: readonly FactorTable[];
}

/** The factor of the last step that the quantity reaches; below the first there is none, and so no power. */
export interface FactorTable {
  readonly by: Quantity;
  readonly steps: readonly (readonly [from: number, factor: number])[];
}

export interface ChargeCounter {
  /** Its smallest step. */
  readonly resolutionMilliWh: number;
  /** Then only differences of a plugged, standing car are charge. */
  readonly includesRegeneration: boolean;
}

/** An answer of this car alone: right length, plausible by this profile's layout, and as the conditions say. */
export interface IdentificationTest {
  readonly ecu: EcuAddress;
  readonly request: string;
  readonly dataBytes: { readonly min: number; readonly max: number };
  readonly conditions: readonly Condition[];
}
