/**
 * Whether a car stands on after its charge, as one side sees it: nothing has flowed for a while although it could, and
 * the plug is still in. Only under a tariff with a price for standing does anybody look; under any other a charge that
 * has ended is completed at once.
 *
 *   taking --90 s without--> idle --takes again--> taking
 *
 * A function of looks. After a restart the side's own last report says how it was.
 */
import type { Terms } from "#core/contract/terms.ts";
import { REPORT_FLAG, type ReportBody } from "./facts.ts";

export interface Idle {
  readonly isIdle: boolean;
  /** Since when nothing has flowed although it could, ms after the start; undefined while something does. */
  readonly quietSinceMs: number | undefined;
  /** When the car last took energy again after it had been idle. */
  readonly resumedAtMs: number | undefined;
}

export interface IdleLook {
  readonly elapsedMs: number;
  /** Something to speak of flows, by the newest that this side knows. */
  readonly takes: boolean;
  /** That is as new as a register that may be signed. */
  readonly isFresh: boolean;
  /** Nobody holds the power back. */
  readonly mayFlow: boolean;
  /** The charge has begun: a car that has not taken anything yet is waiting, not standing on. */
  readonly hasTaken: boolean;
}

/** A charger changes its mind, and a battery its temperature: only so long without energy is the end of it. */
export const IDLE_AFTER_MS = 90_000;

/** Less is no charge: what a full car takes for its alarm, its radio and its 12 V battery. */
export const IDLE_POWER_W = 50;

/** The least time between two reports of a side that stands on. */
const IDLE_REPORT_SECONDS = 300;

/** Whether the tariff has a price for standing on after the energy has ended. */
export function paysForStanding({ tariff }: Pick<Terms, "tariff">): boolean {
  return tariff.rules.some(
    ({ dimension, phase, microPrice }) => dimension === "PARKING_TIME" && phase === "charging" && microPrice > 0,
  );
}

/** How it was when this side signed its last report. */
export function idleBy(lastReport: ReportBody | undefined): Idle {
  return { isIdle: isSaidIdle(lastReport), quietSinceMs: undefined, resumedAtMs: undefined };
}

export function isSaidIdle(report: ReportBody | undefined): boolean {
  return report !== undefined && (report.flags & REPORT_FLAG.IDLE) !== 0;
}

/** Ends as soon as something flows; to be asked before it is decided whether more may. */
export function leaveIdle(idle: Idle, { takes, isFresh, elapsedMs }: IdleLook): Idle {
  if (!takes || !isFresh) return idle;
  return { isIdle: false, quietSinceMs: undefined, resumedAtMs: idle.isIdle ? elapsedMs : idle.resumedAtMs };
}

/** Begins when nothing has flowed for a while. What is not known, and what is held back, is neither. */
export function enterIdle(idle: Idle, { takes, isFresh, mayFlow, hasTaken, elapsedMs }: IdleLook): Idle {
  if (idle.isIdle) return idle;
  if (takes || !isFresh || !mayFlow || !hasTaken) return { ...idle, quietSinceMs: undefined };
  const quietSinceMs = idle.quietSinceMs ?? elapsedMs;
  return { ...idle, quietSinceMs, isIdle: elapsedMs - quietSinceMs >= IDLE_AFTER_MS };
}

/**
 * How many readings apart a side that stands on takes one, each in a report of its own: never more often than it
 * reported while it charged, so that the most reports of a charge suffice for it as well.
 */
export function idleReadings({
  readingIntervalSeconds,
  readingsPerReport,
}: Pick<Terms, "readingIntervalSeconds" | "readingsPerReport">): number {
  return Math.max(readingsPerReport, Math.ceil(IDLE_REPORT_SECONDS / readingIntervalSeconds));
}
