/**
 * What the car says about its battery, through the OBD port. Read-only by construction.
 *
 * What callers may rely on: calls may overlap, the driver puts them in order; every call settles within the driver's
 * own deadline; a sample is built from intact, plausible replies only; current into the battery is positive whatever
 * the car's own sign; after `close` every pending and later call answers VEHICLE_CLOSED.
 */
import type { Result } from "#base/result.ts";

export interface VehicleLink {
  identify(): Promise<Result<VehicleIdentity, VehicleFault>>;
  sample(): Promise<Result<VehicleSample, VehicleFault>>;
  /** Volts of the 12 V system at the adapter, without touching the car's bus; null where the adapter cannot tell. */
  supplyVoltage(): Promise<Result<number | null, VehicleFault>>;
  close(): Promise<void>;
}

export interface VehicleIdentity {
  /** The adapter's own banner, such as `ELM327 v1.5`. */
  readonly adapter: string;
  /** Name of the profile in use, such as `hyundai-kona`. */
  readonly profile: string;
}

/** One sample. Quantities that the profile does not have, or the car did not give in time, are null. */
export interface VehicleSample {
  /** Read with this sample, never carried over. Both are null where the car tells no current that can be trusted. */
  readonly batteryVoltageV: number | null;
  /** Into the battery is positive. */
  readonly batteryCurrentA: number | null;
  /** The car's own charge counter (cumulative energy charged); null where there is none. */
  readonly chargedMilliWh: number | null;
  readonly chargedResolutionMilliWh: number | null;
  readonly stateOfChargePercent: number | null;
  /** What the car takes at its inlet, where it measures that. */
  readonly inlet: InletPower | null;
  /** Whether a cable is in the inlet; null where the car does not say. */
  readonly plugged: boolean | null;
  /** By the profile's charging rule. */
  readonly charging: boolean;
  /** Of what changes slowly the last value is carried: how old each is. Absent: all was read with this sample. */
  readonly agesMs?: SampleAges;
  /** Smallest steps of voltage and current, where the driver knows them. */
  readonly voltageStepV?: number;
  readonly currentStepA?: number;
  /** The replies that the sample was built from, as received: evidence. */
  readonly rawReplies: readonly Uint8Array[];
  /** Middle of the exchange that carried voltage and current. */
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** 0 where the value was read with the sample, null where there is none. */
export interface SampleAges {
  readonly charged: number | null;
  readonly stateOfCharge: number | null;
  readonly inlet: number | null;
  readonly plugged: number | null;
}

export interface InletPower {
  readonly powerW: number;
  /** Most cars multiply effective values: that is apparent power, too much at low currents. */
  readonly kind: "active" | "apparent" | "direct-current";
}

export type VehicleFault =
  | { readonly code: "VEHICLE_CLOSED" }
  /** It was not asked, for its 12 V battery's sake. Nothing is wrong. */
  | {
      readonly code: "VEHICLE_LEFT_ALONE";
      readonly why: "asleep" | "low-supply" | "parked";
      /** Infinity: until its battery is charged. */
      readonly waitMs: number;
    }
  | { readonly code: "VEHICLE_ADAPTER_UNREACHABLE"; readonly endpoint: string; readonly reason: string }
  | { readonly code: "VEHICLE_ADAPTER_SILENT"; readonly endpoint: string; readonly waitedMs: number }
  /** The adapter cannot do what this car needs. Another adapter can; asking this one again is of no use. */
  | { readonly code: "VEHICLE_ADAPTER_UNFIT"; readonly adapter: string; readonly missing: string }
  /** The adapter answers, the car does not: asleep, ignition off, or another car than configured. */
  | {
      readonly code: "VEHICLE_ASLEEP";
      readonly reply: string;
      /** It was not asked this time, because it did not answer a short while ago. */
      readonly isLeftAlone?: true;
    }
  /** Replies came but none was intact after the retries. */
  | { readonly code: "VEHICLE_BAD_REPLY"; readonly request: string; readonly reason: string }
  /** The ECU refused (ISO 14229-1, negative response). */
  | { readonly code: "VEHICLE_REFUSED"; readonly request: string; readonly responseCode: number }
  /** The car contradicts the profile: another number of cells, or a current with the wrong sign. Not measured. */
  | {
      readonly code: "VEHICLE_WRONG_PROFILE";
      readonly profile: string;
      readonly check: string;
      readonly found: string;
      readonly expected: string;
    }
  /** No profile was named, and what the car answers fits none of the known ones, or several. */
  | { readonly code: "VEHICLE_UNIDENTIFIED"; readonly candidates: readonly string[]; readonly reason: string }
  | {
      readonly code: "VEHICLE_IMPLAUSIBLE";
      readonly quantity: string;
      readonly value: number;
      readonly expected: string;
    };
