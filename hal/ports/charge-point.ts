/**
 * The charge point: who is plugged in, whether current may flow, and what is known of the contactor.
 *
 * What callers may rely on: `permit` and `forbid` resolve only when the controller has acknowledged; until the first
 * `permit` no current flows; a `forbid` overtakes every permit that was given before it, also one that is under way; a
 * `forbid` that failed, or the end of a lease, is told again until it is acknowledged; a permit is a lease that ends by
 * itself when it is not renewed within `LEASE_MS`, so a gateway that died does not go on delivering; `close` forbids,
 * and nothing is permitted after it.
 */
import type { Result } from "#base/result.ts";

/** Control pilot as in IEC 61851-1, annex A: A nobody, B plugged, C or D taking current, E or F fault. */
export type PlugState = "unplugged" | "plugged" | "charging" | "fault";

/** As read back; unknown where the device tells nothing of it. What was ordered is no answer. */
export type ContactorState = "open" | "closed" | "unknown";

/** How long a permit holds without being renewed. */
export const LEASE_MS = 30_000;

export interface ChargePointState {
  readonly plug: PlugState;
  readonly contactor: ContactorState;
  /**
   * Stands in the way of every permit until it has passed, and ends a charge: a weld, a stop that somebody demanded,
   * a guard that is gone.
   */
  readonly trouble?: ChargePointFault;
}

export interface ChargePoint {
  /**
   * A permit with another current reaches the car within a second, and may be given every few seconds for a minute: no
   * memory wears out by it, and nothing switches.
   */
  readonly variesLimit: boolean;
  look(): Promise<Result<ChargePointState, ChargePointFault>>;
  /** Lets at most `currentA` amperes a phase flow, for the length of the lease. */
  permit(currentA: number): Promise<Result<void, ChargePointFault>>;
  forbid(): Promise<Result<void, ChargePointFault>>;
  close(): Promise<void>;
}

export type ChargePointFault =
  | { readonly code: "CHARGE_POINT_UNREACHABLE"; readonly endpoint: string; readonly reason: string }
  | { readonly code: "CHARGE_POINT_REFUSED"; readonly reason: string }
  /** The current was switched off although it was permitted, and stays off until a new permit. */
  | { readonly code: "CHARGE_POINT_INTERRUPTED"; readonly reason: string }
  /** Somebody demands that nothing flows. Passes when the demand has ended and a `forbid` has followed it. */
  | { readonly code: "CHARGE_POINT_STOPPED"; readonly by: "emergency-stop" | "stop-button" }
  /** Closed although it was told to open. Stays until the gateway is started anew with an open contactor. */
  | { readonly code: "CONTACTOR_WELDED"; readonly reason: string }
  /** Open although it was told to close, or it opened by itself. Passes with a `forbid`. */
  | { readonly code: "CONTACTOR_NOT_CLOSED"; readonly reason: string }
  /** The process that would open the contactor in the gateway's place is gone. */
  | { readonly code: "GUARD_LOST"; readonly reason: string };
