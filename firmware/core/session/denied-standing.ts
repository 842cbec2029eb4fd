/** Whether the station goes on to bill charging time of a car that has enough. */
import type { Terms } from "#core/contract/terms.ts";
import type { ReportBody } from "./facts.ts";
import { isSaidIdle, type Idle } from "./idle.ts";

/**
 * Whether, as the vehicle sees it, the station has denied for ten minutes that the car stands on, under a tariff with a
 * price for charging time. That price was accepted for the power with which the car charges, and now it takes none:
 * with one mWh more at the end of its log the station could ask it for a whole night.
 */
export function isDeniedStanding(idle: Idle, charge: StandingCharge, elapsedMs: number): boolean {
  const { open, logs } = charge;
  const paysForTime = open.terms.tariff.rules.some(
    ({ dimension, phase, microPrice }) => dimension === "TIME" && phase === "charging" && microPrice > 0,
  );
  const isDenied = idle.isIdle && !isSaidIdle(logs.station.reports.at(-1));
  return paysForTime && isDenied && elapsedMs - (idle.quietSinceMs ?? 0) > DENIED_MS_MAX;
}

const DENIED_MS_MAX = 600_000;

interface StandingCharge {
  readonly open: { readonly terms: Pick<Terms, "tariff"> };
  readonly logs: { readonly station: { readonly reports: readonly ReportBody[] } };
}
