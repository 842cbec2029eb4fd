/**
 * When a side lets no more power flow (protocol 2.7). Each side runs this on every reading and on every report of the
 * other side; whoever follows it never has more at risk than the exposure X and what flows in one reading interval.
 *
 * A pause ends by itself when its reason is gone: reports go on meanwhile, so a healed link resumes the charge. A stop
 * is final for the charge.
 */
import { EXPOSURE_UNLIMITED_MILLI_WH, type Terms } from "#core/contract/terms.ts";
import { agreedPart, type AgreedPart } from "./agreed-part.ts";
import { sessionReadings, sinceStart, type ChargeFacts, type SessionReading } from "./charge-facts.ts";
import { leastAtStation } from "./energy-bound.ts";
import { isSaidIdle, idleReadings, type Idle } from "./idle.ts";
import { otherRole, type CompletionReason, type OpenBody, type ReportBody, type Role } from "./facts.ts";

/** g: so long a report may be late. */
const REPORT_OVERDUE_MS = 90_000;

/** The first two come from here; the others from whoever knows the meter and the ledger. */
export type PauseReason =
  | "credit-exhausted"
  | "report-overdue"
  /** The start registers are not signed by both yet. */
  | "start-registers"
  | "meter-absent"
  /** More was signed than the ledger holds: wait until it has been given back. */
  | "ledger-behind";

export type PowerAdvice =
  | { readonly kind: "go" }
  | { readonly kind: "pause"; readonly reason: PauseReason }
  | { readonly kind: "stop"; readonly reason: CompletionReason };

/** A charge as one side sees it: both logs as far as it holds them, and its own register by now. */
export interface ChargeView {
  readonly role: Role;
  readonly transaction: {
    readonly open: OpenBody;
    readonly logs: Readonly<Record<Role, { readonly reports: readonly ReportBody[] }>>;
  };
  readonly registerMilliWh: number;
  /** Since the start of the session. */
  readonly elapsedMs: number;
  /** Whether the car stands on after its charge, as this side sees it. */
  readonly idle: Pick<Idle, "isIdle" | "resumedAtMs">;
}

export function stopRules(view: ChargeView): PowerAdvice {
  const { role, transaction, elapsedMs, idle } = view;
  const { open, logs } = transaction;
  const { newest, agreed } = signedSoFar(transaction);
  const peer = newest[otherRole(role)];
  const { resumedAtMs = Number.NEGATIVE_INFINITY } = idle;
  const nextMs = dueAfter(open.terms, peer, isSaidIdle(logs[otherRole(role)].reports.at(-1)));
  // Whoever slept while nothing flowed gets the time of one report to notice that something does.
  const dueMs = Math.max(nextMs, resumedAtMs + reportMs(open.terms));
  // Nothing flows, so nothing is at risk, and a car that sleeps says nothing.
  const isAwaited = role === "vehicle" || !idle.isIdle;
  return decidePower(role, {
    terms: open.terms,
    ownMilliWh: sinceStart(open, role, view.registerMilliWh),
    peerMilliWh: peer?.milliWh ?? 0,
    agreed,
    overdueMs: isAwaited ? elapsedMs - dueMs : 0,
    elapsedMs,
  });
}

interface SignedSoFar {
  readonly newest: Readonly<Record<Role, SessionReading | undefined>>;
  readonly agreed: AgreedPart;
}

/**
 * Each side looks each second, and a long charge has many readings. What both have signed changes only with a report,
 * and a transaction with other facts is another object.
 */
const SIGNED_SO_FAR = new WeakMap<ChargeView["transaction"], SignedSoFar>();

function signedSoFar(transaction: ChargeView["transaction"]): SignedSoFar {
  const known = SIGNED_SO_FAR.get(transaction);
  if (known !== undefined) return known;
  const { open, logs } = transaction;
  const reports = { station: logs.station.reports, vehicle: logs.vehicle.reports };
  const charge: ChargeFacts = { open, reports, completes: {}, cancelled: {} };
  const readings = { station: sessionReadings(charge, "station"), vehicle: sessionReadings(charge, "vehicle") };
  const found: SignedSoFar = {
    newest: { station: readings.station.at(-1), vehicle: readings.vehicle.at(-1) },
    agreed: agreedPart(open.terms, readings.station, readings.vehicle),
  };
  SIGNED_SO_FAR.set(transaction, found);
  return found;
}

export interface PowerFigures {
  readonly terms: Terms;
  /** Own energy by now, mWh since the start, signed or not. */
  readonly ownMilliWh: number;
  /** What the other side signed last, mWh since the start; 0 before its first report. */
  readonly peerMilliWh: number;
  /** The common readings of both sides. */
  readonly agreed: Pick<AgreedPart, "milliWh" | "hasParted">;
  /** How long the other side's next report has been due; 0 or less while it is not. */
  readonly overdueMs: number;
  readonly elapsedMs: number;
}

/** The rules in numbers; the gravest one that applies. */
export function decidePower(role: Role, figures: PowerFigures): PowerAdvice {
  const { terms, agreed, overdueMs } = figures;
  // Who has signed that there is no limit compares at the end: what is reported on the way is only recorded.
  const isLimited = terms.exposureMilliWh !== EXPOSURE_UNLIMITED_MILLI_WH;
  if (isLimited && agreed.hasParted) return { kind: "stop", reason: "disagreement" };
  if (isLimitReached(role, figures)) return { kind: "stop", reason: "limit-reached" };
  if (!isLimited) return { kind: "go" };
  if (exposure(role, figures) > terms.exposureMilliWh) return { kind: "pause", reason: "credit-exhausted" };
  return overdueMs >= REPORT_OVERDUE_MS ? { kind: "pause", reason: "report-overdue" } : { kind: "go" };
}

/**
 * What this side has at risk, mWh at the station's measuring point.
 *
 * The station: what it gave beyond the undisputed minimum of 2.8. (Beyond hi of what the vehicle signed would be less
 * strict by the width of the loss band, which grows with the energy: 5 kWh at 70 kWh through an on-board charger.)
 *
 * The vehicle: what it certainly took beyond what the station signed. Energy that nobody has put on record may appear
 * in the record later, at any amount.
 */
export function exposure(
  role: Role,
  figures: Pick<PowerFigures, "terms" | "ownMilliWh" | "peerMilliWh" | "agreed">,
): number {
  const { terms, ownMilliWh, peerMilliWh, agreed } = figures;
  if (role === "vehicle") return Math.max(0, leastAtStation(terms, ownMilliWh) - peerMilliWh);
  const sure = Math.min(ownMilliWh, leastAtStation(terms, peerMilliWh));
  return Math.max(0, ownMilliWh - Math.max(agreed.milliWh, sure));
}

/**
 * A report holds at most b readings, so the one after reading k must hold reading k + b at the latest; a side that
 * stands on takes one at each so many.
 */
function dueAfter(terms: Terms, last: SessionReading | undefined, isIdle: boolean): number {
  const step = isIdle ? idleReadings(terms) : terms.readingsPerReport;
  const next = last === undefined ? 0 : last.index + step;
  return next * terms.readingIntervalSeconds * 1000;
}

function reportMs({ readingsPerReport, readingIntervalSeconds }: Terms): number {
  return readingsPerReport * readingIntervalSeconds * 1000;
}

/**
 * The vehicle sees the limit at the least that the station can have given, or where the station has signed it: it never
 * stops before the station, and pays for no more than it has signed itself.
 */
function isLimitReached(role: Role, { terms, ownMilliWh, peerMilliWh, elapsedMs }: PowerFigures): boolean {
  const atStation = role === "station" ? ownMilliWh : Math.max(peerMilliWh, leastAtStation(terms, ownMilliWh));
  return atStation >= terms.energyMaxMilliWh || elapsedMs >= terms.durationMaxSeconds * 1000;
}
