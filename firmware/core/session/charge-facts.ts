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
  const bySequence = new Map<number, ReportBody | "contradiction">();
  for (const report of charge.reports[role]) {
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
  let highest = 0;
  return orderedReports(charge, role)
    .flatMap((report) => readingsOf(report))
    .map(({ index, registerMilliWh }) => {
      highest = Math.max(highest, sinceStart(charge.open, role, registerMilliWh));
      return { index, milliWh: highest };
    });
}

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
