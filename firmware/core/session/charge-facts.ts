/** Everything signed about one charge, as a set, and the energies it says: what `settle` and the price read. */
import { equalBytes } from "#base/bytes.ts";
import {
  readingsOf,
  type AdjudicateBody,
  type CompleteBody,
  type OpenBody,
  type ReportBody,
  type ResolveBody,
  type Role,
} from "./facts.ts";

export interface ChargeFacts {
  readonly open: OpenBody;
  /** The program that the terms name by `codeHash`, as bytes; absent, the one that every gateway carries. */
  readonly code?: Uint8Array;
  /** Reports by role, in any order, repetitions allowed: `orderedReports` is what counts. */
  readonly reports: Readonly<Record<Role, readonly ReportBody[]>>;
  readonly completes: Readonly<Partial<Record<Role, CompleteBody>>>;
  readonly cancelled: Readonly<Partial<Record<Role, true>>>;
  /** What each side has proposed to end a dispute with, in any order. */
  readonly proposals?: Readonly<Partial<Record<Role, readonly ResolveBody[]>>>;
  readonly ruling?: AdjudicateBody | undefined;
}

/** Energy since the start register, at the reading of this index. */
export interface SessionReading {
  readonly index: number;
  readonly milliWh: number;
}

/**
 * One role's log: reports by sequence from 0 up to the first one that is missing, or of which there are two that differ
 * (evidence against that role: its log is void from there).
 */
export function orderedReports(charge: ChargeFacts, role: Role): readonly ReportBody[] {
  const { reports } = charge;
  const known = ORDERED.get(reports[role]);
  if (known !== undefined && known.of === reports[role].length) return known.log;
  const log = inOrder(reports[role]);
  ORDERED.set(reports[role], { of: reports[role].length, log });
  return log;
}

interface Ordered {
  /** Of how many reports; nobody takes one out of a list. */
  readonly of: number;
  readonly log: readonly ReportBody[];
}

/** Whoever settles or prices a charge asks for it ten times. */
const ORDERED = new WeakMap<readonly ReportBody[], Ordered>();

function inOrder(reports: readonly ReportBody[]): readonly ReportBody[] {
  if (reports.every(({ sequence }, place) => sequence === place)) return [...reports];
  const bySequence = new Map<number, ReportBody | "contradiction">();
  for (const report of reports) {
    const known = bySequence.get(report.sequence);
    const isNew = known === undefined || (known !== "contradiction" && isSameReport(known, report));
    bySequence.set(report.sequence, isNew ? report : "contradiction");
  }
  const log: ReportBody[] = [];
  for (;;) {
    const next = bySequence.get(log.length);
    if (next === undefined || next === "contradiction") return log;
    log.push(next);
  }
}

/** One role's readings as energies since the start; they never fall, whatever was signed. */
export function sessionReadings(charge: ChargeFacts, role: Role): readonly SessionReading[] {
  const log = orderedReports(charge, role);
  const startMilliWh = charge.open.startMilliWh[role === "station" ? 0 : 1];
  const known = READINGS.get(log);
  if (known?.startMilliWh === startMilliWh) return known.readings;
  const readings: SessionReading[] = [];
  let highest = 0;
  for (const report of log) {
    for (const { index, registerMilliWh } of readingsOf(report)) {
      highest = Math.max(highest, sinceStart(charge.open, role, registerMilliWh));
      readings.push({ index, milliWh: highest });
    }
  }
  // A list of one's own making may still grow; the one that stands in `ORDERED` does not.
  if (log !== charge.reports[role]) READINGS.set(log, { startMilliWh, readings });
  return readings;
}

interface KnownReadings {
  readonly startMilliWh: number;
  readonly readings: readonly SessionReading[];
}

const READINGS = new WeakMap<readonly ReportBody[], KnownReadings>();

/** What one role signed last: its COMPLETE, else its last reading, else 0. */
export function signedMilliWh(charge: ChargeFacts, role: Role): number {
  const reported = sessionReadings(charge, role).at(-1)?.milliWh ?? 0;
  const complete = charge.completes[role];
  return complete === undefined ? reported : Math.max(reported, sinceStart(charge.open, role, complete.finalMilliWh));
}

/** Energy since the start register. A register below it, or beyond the safe integers, is bounded, not believed. */
export function sinceStart(open: OpenBody, role: Role, registerMilliWh: number): number {
  const start = open.startMilliWh[role === "station" ? 0 : 1];
  return Math.max(0, Math.min(registerMilliWh, Number.MAX_SAFE_INTEGER) - start);
}

function isSameReport(left: ReportBody, right: ReportBody): boolean {
  return (
    equalBytes(left.address, right.address) &&
    left.role === right.role &&
    left.firstReading === right.firstReading &&
    left.registerMilliWh.length === right.registerMilliWh.length &&
    left.registerMilliWh.every((step, place) => step === right.registerMilliWh[place]) &&
    equalBytes(left.previous, right.previous) &&
    left.seen?.[0] === right.seen?.[0] &&
    equalBytes(left.seen?.[1] ?? NOTHING, right.seen?.[1] ?? NOTHING) &&
    left.atMs === right.atMs &&
    left.flags === right.flags &&
    equalBytes(left.meterProof ?? NOTHING, right.meterProof ?? NOTHING)
  );
}

const NOTHING = new Uint8Array(0);
