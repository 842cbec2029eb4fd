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
  close(): Promise<void>;
}

export interface VehicleIdentity {
  /** The adapter's own banner, such as `ELM327 v1.5`. */
  readonly adapter: string;
  /** Name of the profile in use, such as `hyundai-kona`. */
  readonly profile: string;
}

/** One sample. Quantities that the profile does not have, or the car did not give this time, are null. */
export interface VehicleSample {
  readonly batteryVoltageV: number;
  /** Into the battery is positive. */
  readonly batteryCurrentA: number;
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
  /** The replies that the sample was built from, as received: evidence. */
  readonly rawReplies: readonly Uint8Array[];
  /** Middle of the exchange that carried voltage and current. */
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface InletPower {
  readonly powerW: number;
  /** Most cars multiply effective values: that is apparent power, too much at low currents. */
  readonly kind: "active" | "apparent" | "direct-current";
}

export type VehicleFault =
  | { readonly code: "VEHICLE_CLOSED" }
  | { readonly code: "VEHICLE_ADAPTER_UNREACHABLE"; readonly endpoint: string; readonly reason: string }
  | { readonly code: "VEHICLE_ADAPTER_SILENT"; readonly endpoint: string; readonly waitedMs: number }
  /** The adapter answers, the car does not: asleep, ignition off, or another car than configured. */
  | { readonly code: "VEHICLE_ASLEEP"; readonly reply: string }
  /** Replies came but none was intact after the retries. */
  | { readonly code: "VEHICLE_BAD_REPLY"; readonly request: string; readonly reason: string }
  /** The ECU refused (ISO 14229-1, negative response). */
  | { readonly code: "VEHICLE_REFUSED"; readonly request: string; readonly responseCode: number }
  | {
      readonly code: "VEHICLE_IMPLAUSIBLE";
      readonly quantity: string;
      readonly value: number;
      readonly expected: string;
    };
