/**
 * The charge point: who is plugged in, and whether current may flow.
 *
 * What callers may rely on: `permit` and `forbid` resolve only when the controller has acknowledged; until the first
 * `permit` no current flows; a permit is a lease that ends by itself when it is not renewed within `LEASE_MS`, so a
 * gateway that died does not go on delivering.
 */
import type { Result } from "#base/result.ts";

/** Control pilot as in IEC 61851-1, annex A: A nobody, B plugged, C or D taking current, E or F fault. */
export type PlugState = "unplugged" | "plugged" | "charging" | "fault";

/** How long a permit holds without being renewed. */
export const LEASE_MS = 30_000;

export interface ChargePoint {
  plugState(): Promise<Result<PlugState, ChargePointFault>>;
  /** Lets at most `currentA` amperes a phase flow, for the length of the lease. */
  permit(currentA: number): Promise<Result<void, ChargePointFault>>;
  forbid(): Promise<Result<void, ChargePointFault>>;
  close(): Promise<void>;
}

export type ChargePointFault =
  | { readonly code: "CHARGE_POINT_UNREACHABLE"; readonly endpoint: string; readonly reason: string }
  | { readonly code: "CHARGE_POINT_REFUSED"; readonly reason: string };
