/**
 * One side of a charge: from what the ledger holds of the transaction and what its own meter says, the next thing to
 * sign and whether power may flow. Both sides run this; only their wishes differ.
 *
 *   OPEN --both first reports--> ACTIVE --either completes--> COMPLETING --both complete--> result
 *
 * Under a tariff with a price for standing the two stay ACTIVE when the car has enough, say so in their reports, and
 * complete when the plug is pulled.
 *
 * Pure: asked once a second, and after a restart it goes on from the ledger, since nothing that matters is kept here
 * but the readings that are not reported yet.
 */
import { REPORTS_PER_SESSION_MAX } from "#core/limits.ts";
import type { RoleLog, Transaction } from "#core/ledger/state.ts";
import {
  otherRole,
  REPORT_FLAG,
  type CompleteBody,
  type CompletionReason,
  type ReportBody,
  type Role,
} from "./facts.ts";
import { isDeniedStanding } from "./denied-standing.ts";
import { enterIdle, idleBy, idleReadings, isSaidIdle, leaveIdle, paysForStanding, type Idle } from "./idle.ts";
import { asSteps, takeReading, type ReadingSeries, type Taken } from "./reading-series.ts";
import { stopRules, type PowerAdvice } from "./stop-rules.ts";

/** What a party keeps between two looks. */
export interface PartyState {
  readonly readings: ReadingSeries | undefined;
  readonly flags: number;
  /** Since when, in ms after the start, power has been off for a reason that may pass; undefined while it may flow. */
  readonly pausedSinceMs: number | undefined;
  /** Undefined before the first look: then the own last report says it. */
  readonly idle: Idle | undefined;
}

export const PARTY_START: PartyState = { readings: undefined, flags: 0, pausedSinceMs: undefined, idle: undefined };

export interface PartyView {
  readonly role: Role;
  /** As the ledger holds it, with the facts that wait for a block. */
  readonly transaction: Transaction;
  readonly elapsedMs: number;
  /** Own register: the last value that could be read, and how old it is. */
  readonly registerMilliWh: number;
  readonly registerAgeMs: number;
  /** Why this side wants to end, if it does. */
  readonly wish: CompletionReason | undefined;
  /** No current flows any more: the register will not move after the last reading. */
  readonly isStill: boolean;
  /** Something to speak of flows, by the newest that this side knows. */
  readonly takes: boolean;
  /** The plug is in the car, as this side sees it by itself; undefined where nothing tells. */
  readonly isPlugged: boolean | undefined;
  /** How long ago it last was, by a look of this process; undefined when none has seen it. */
  readonly pluggedAgeMs: number | undefined;
  readonly clockUnsure: boolean;
  /** The own meter has shown that the two hang on one cable (folder `binding`). */
  readonly isBound?: boolean;
}

export interface PartyStep {
  readonly state: PartyState;
  readonly report: ReportBody | undefined;
  readonly complete: CompleteBody | undefined;
  /** Nothing was signed but the contract, and this side does not want it any more. */
  readonly cancels: boolean;
  readonly power: PowerAdvice;
}

/** A register older than this no longer measures what flows. */
export const REGISTER_AGE_MS_MAX = 15_000;
/** How old a register may be, and how late it may be read, to be signed as the reading of its time. */
const READING_AGE_MS_MAX = 5_000;
export const READING_LATE_MS_MAX = 10_000;
/** Reports kept for what is still to be said when a charge ends: what is read, that power is off, the last register. */
const LAST_REPORTS = 8;
/** So long the other side's first report is waited for: a restart takes less. */
const START_MS_MAX = 240_000;
/** A pause that did not pass ends the charge. */
export const PAUSE_MS_MAX = 600_000;

export function stepParty(state: PartyState, view: PartyView): PartyStep {
  const { transaction, role } = view;
  if (transaction.completes[role] !== undefined || transaction.result !== undefined) {
    return { ...NOTHING_TO_SIGN, state, power: { kind: "stop", reason: "finished" } };
  }
  const log = transaction.logs[role];
  const before = state.idle ?? idleBy(log.reports.at(-1));
  const { idle, power } = lookAtRest(before, view);
  const pausedSinceMs = power.kind === "go" ? undefined : (state.pausedSinceMs ?? view.elapsedMs);
  const ending = endingReason(view, { power, pausedSinceMs, idle });
  if (ending !== undefined && log.nextSequence === 0) {
    // Who took the charge back instead of answering the other side's completion would leave it open for the whole
    // grace.
    const cancels = transaction.state === "OPEN";
    const complete = cancels ? undefined : completeOf(view, ending);
    return { ...NOTHING_TO_SIGN, complete, cancels, state, power: { kind: "stop", reason: ending } };
  }
  // A report says of all its readings whether they were taken at rest, so a turn begins a new one.
  const turns = state.readings !== undefined && idle.isIdle !== before.isIdle;
  const flags = flagsOf(view, power, turns ? before : idle);
  const taken = turns ? { closed: state.readings, open: undefined } : takeDue(state.readings, view, idle);
  const isUsedUp = log.nextSequence > REPORTS_PER_SESSION_MAX;
  if (ending !== undefined && isUsedUp) {
    const complete = mayComplete(view) ? completeOf(view, ending) : undefined;
    return {
      ...NOTHING_TO_SIGN,
      complete,
      state: { ...state, pausedSinceMs, idle },
      power: { kind: "stop", reason: ending },
    };
  }
  const due = taken.closed ?? (isDue(view, state, { flags, ending, idle }, taken.open) ? taken.open : undefined);
  const report = due === undefined ? undefined : reportOf(view, due, flags);
  const left = due === taken.open ? undefined : taken.open;
  const canComplete = ending !== undefined && report === undefined && left === undefined && mayComplete(view);
  return {
    state: { readings: left, flags: report === undefined ? state.flags : flags, pausedSinceMs, idle },
    report,
    complete: canComplete ? completeOf(view, ending, idle) : undefined,
    cancels: false,
    power: ending === undefined ? power : { kind: "stop", reason: ending },
  };
}

/** Whether the car stands on after its charge, and whether power may flow: the one depends on the other. */
function lookAtRest(before: Idle, view: PartyView): { readonly idle: Idle; readonly power: PowerAdvice } {
  const { transaction, role, elapsedMs, takes } = view;
  if (!paysForStanding(transaction.open.terms)) return { idle: before, power: adviceFor(view, before) };
  const isFresh = view.registerAgeMs <= REGISTER_AGE_MS_MAX;
  const hasTaken =
    registerFor(view, transaction.logs[role]) > transaction.open.startMilliWh[role === "station" ? 0 : 1];
  const look = { elapsedMs, takes, isFresh, hasTaken };
  const left = leaveIdle(before, { ...look, mayFlow: true });
  const power = adviceFor(view, left);
  const mayFlow = power.kind === "go" && !(role === "vehicle" && isPausedBy(transaction.logs.station));
  return { idle: enterIdle(left, { ...look, mayFlow }), power };
}

function isPausedBy({ reports }: RoleLog): boolean {
  return ((reports.at(-1)?.flags ?? 0) & REPORT_FLAG.PAUSED) !== 0;
}

function takeDue(open: ReadingSeries | undefined, view: PartyView, idle: Idle): Taken {
  const log = view.transaction.logs[view.role];
  const index = readingDue(view);
  const isWanted =
    index !== undefined && (!isResting(view, idle) || index % idleReadings(view.transaction.open.terms) === 0);
  return isWanted ? takeReading(open, log.nextReading, index, registerFor(view, log)) : { closed: undefined, open };
}

/**
 * Both have said that the energy has ended: fewer readings are enough. A vehicle that believes it while the station
 * delivers goes on as before: its cabin or its battery is being heated.
 */
function isResting({ transaction, role }: PartyView, { isIdle }: Idle): boolean {
  const { logs } = transaction;
  const isSaid = (log: RoleLog): boolean => isSaidIdle(log.reports.at(-1));
  return isIdle && isSaid(logs[role]) && (role === "station" || isSaid(logs.station));
}

/**
 * The reading whose time it is, if the register says what it was at that time. One that is old, or read long after,
 * would be signed for a moment to which it does not belong, and two honest sides would part over it; it is left out
 * instead.
 */
function readingDue({ elapsedMs, registerAgeMs, transaction, role }: PartyView): number | undefined {
  const intervalMs = 1000 * transaction.open.terms.readingIntervalSeconds;
  const index = Math.floor(elapsedMs / intervalMs);
  // Before the first reading nothing has flowed, so it cannot be late.
  const lateMs = transaction.logs[role].nextReading === 0 ? 0 : elapsedMs - index * intervalMs;
  return registerAgeMs <= READING_AGE_MS_MAX && lateMs <= READING_LATE_MS_MAX ? index : undefined;
}

const NOTHING_TO_SIGN = { report: undefined, complete: undefined, cancels: false } as const;

/** Nothing flows before both sides have signed their start registers (protocol 2.5.4). */
function adviceFor(view: PartyView, idle: Idle): PowerAdvice {
  const { transaction } = view;
  if (transaction.state === "OPEN") return { kind: "pause", reason: "start-registers" };
  if (transaction.state !== "ACTIVE") return { kind: "stop", reason: "finished" };
  // A car that stands on falls asleep, and its register stands with it; a meter has no such excuse.
  const mayBeSilent = view.role === "vehicle" && idle.isIdle;
  if (view.registerAgeMs > REGISTER_AGE_MS_MAX && !mayBeSilent) return { kind: "pause", reason: "meter-absent" };
  return stopRules({ ...view, idle });
}

function endingReason(
  view: PartyView,
  now: { readonly power: PowerAdvice; readonly pausedSinceMs: number | undefined; readonly idle: Idle },
): CompletionReason | undefined {
  const { power, pausedSinceMs, idle } = now;
  const { transaction, role, elapsedMs } = view;
  if (view.wish !== undefined) return view.wish;
  const peerComplete = transaction.completes[otherRole(role)];
  if (peerComplete !== undefined) {
    // Many cars do not tell their gateway that the plug is gone; the outlet knows it.
    return idle.isIdle && peerComplete.reason === "unplugged" ? "unplugged" : "finished";
  }
  if (power.kind === "stop") return power.reason;
  if (role === "vehicle" && isDeniedStanding(idle, transaction, elapsedMs)) return "finished";
  if (elapsedMs >= 1000 * transaction.open.terms.durationMaxSeconds) return "limit-reached";
  // A peer that makes power come and go makes reports, too, and there is a most of those. The last ones end the charge.
  if (transaction.logs[role].nextSequence >= REPORTS_PER_SESSION_MAX - LAST_REPORTS) return "limit-reached";
  // Where the vehicle itself sees the plug in, silence of the station is no departure.
  const isThere = idle.isIdle && view.isPlugged === true;
  if (isThere && power.kind === "pause" && power.reason === "report-overdue") return undefined;
  // Whoever has not begun by then is not there, and must not keep the outlet from who is.
  const pauseMsMax = power.kind === "pause" && power.reason === "start-registers" ? START_MS_MAX : PAUSE_MS_MAX;
  if (power.kind === "pause" && pausedSinceMs !== undefined && elapsedMs - pausedSinceMs > pauseMsMax) {
    return power.reason === "meter-absent" ? "meter-absent" : "peer-silent";
  }
  return undefined;
}

function flagsOf(view: PartyView, power: PowerAdvice, { isIdle }: Idle): number {
  return (
    (isIdle ? REPORT_FLAG.IDLE : 0) |
    (power.kind === "go" ? 0 : REPORT_FLAG.PAUSED) |
    (view.registerAgeMs > REGISTER_AGE_MS_MAX ? REPORT_FLAG.METER_ABSENT : 0) |
    (view.clockUnsure ? REPORT_FLAG.CLOCK_UNSURE : 0) |
    (view.isBound === true ? REPORT_FLAG.BOUND : 0)
  );
}

/** A batch is full, or something happened that the other side should know now. */
function isDue(
  view: PartyView,
  state: PartyState,
  now: { readonly flags: number; readonly ending: CompletionReason | undefined; readonly idle: Idle },
  open: ReadingSeries | undefined,
): boolean {
  if (open === undefined) return false;
  const { terms } = view.transaction.open;
  const isFirst = view.transaction.logs[view.role].nextSequence === 0;
  // That the two hang on one cable may wait for the report that is due anyway.
  const isNews = ((now.flags ^ state.flags) & ~REPORT_FLAG.BOUND) !== 0;
  const isFull = now.idle.isIdle || open.registersMilliWh.length >= terms.readingsPerReport;
  return isFirst || isFull || isNews || (now.ending !== undefined && mayComplete(view));
}

/** Registers are signed as they only grow; a meter that fell back is held at its last signed value. */
function registerFor(view: PartyView, log: RoleLog): number {
  return Math.max(view.registerMilliWh, log.lastRegisterMilliWh);
}

function reportOf(view: PartyView, series: ReadingSeries, flags: number): ReportBody {
  const { transaction, role } = view;
  const log = transaction.logs[role];
  const peer = transaction.logs[otherRole(role)];
  const seen = peer.nextSequence === 0 ? {} : { seen: [peer.nextSequence - 1, peer.head.slice(0, 16)] as const };
  return {
    address: transaction.address,
    role,
    sequence: log.nextSequence,
    firstReading: series.first,
    registerMilliWh: asSteps(series),
    previous: log.head,
    ...seen,
    atMs: Math.max(0, Math.floor(view.elapsedMs)),
    flags,
  };
}

/**
 * The station signs its last word when nothing flows any more, or when that cannot be learned. The vehicle cannot stop
 * the power by itself: its completion is what tells the station to.
 */
function mayComplete(view: PartyView): boolean {
  return view.role === "vehicle" || view.isStill || view.registerAgeMs > REGISTER_AGE_MS_MAX;
}

function completeOf(view: PartyView, reason: CompletionReason, idle?: Idle): CompleteBody {
  const { transaction, role } = view;
  const log = transaction.logs[role];
  return {
    address: transaction.address,
    role,
    finalMilliWh: registerFor(view, log),
    reports: log.nextSequence,
    head: log.head,
    reason,
    atMs:
      idle?.isIdle === true && reason === "unplugged" ? presentUntilMs(view) : Math.max(0, Math.floor(view.elapsedMs)),
  };
}

/**
 * Until when a car that stood on has been there. A station that finds the plug out after it was away itself does not
 * know, and claims no more than it has signed. A vehicle leaves it to the station: it may have slept all the time.
 */
function presentUntilMs({ role, transaction, elapsedMs, pluggedAgeMs }: PartyView): number {
  if (role === "vehicle") return Math.max(0, Math.floor(elapsedMs));
  const signedMs = 1000 * transaction.open.terms.readingIntervalSeconds * (transaction.logs.station.nextReading - 1);
  return Math.max(0, signedMs, Math.floor(elapsedMs - (pluggedAgeMs ?? elapsedMs)));
}
