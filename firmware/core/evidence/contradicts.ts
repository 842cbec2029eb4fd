/**
 * Which two things an honest signer never signs both of. Nothing here asks what time it is or what is missing: nobody
 * is ever proven wrong by being late or silent. Both are told apart by their ids, so that one statement with two
 * signatures is one statement.
 */
import { equalBytes } from "#base/bytes.ts";
import type { CertificateBody } from "#core/identity/certificate.ts";
import type { RotateBody } from "#core/identity/membership-facts.ts";
import type { HeaderBody } from "#core/ledger/block.ts";
import { readingsOf, REPORT_FLAG, type OpenBody, type ReportBody } from "#core/session/facts.ts";
import type { ShownComplete, ShownReport, ShownWord } from "./shown-object.ts";

/** E1: the slot is on a miner's flash before it signs. */
export function headersContradict(left: HeaderBody, right: HeaderBody): boolean {
  return equalBytes(left.miner, right.miner) && left.slot === right.slot;
}

/** E3: one number, two reports. */
export function reportsContradict(left: ReportBody, right: ReportBody): boolean {
  return isSameSide(left, right) && left.sequence === right.sequence;
}

/**
 * E4: a last word beside another last word, or beside a report that it says there is none of. A cancellation says that
 * nothing was reported; a completion how many reports there are, which is the last, and what none of them exceeds.
 */
export function wordsContradict(left: ShownWord, right: ShownWord): boolean {
  if (!isSameSide(left.body, right.body)) return false;
  if (left.name === "REPORT" && right.name === "REPORT") return false;
  if (left.name === "COMPLETE" && right.name === "REPORT") return isLeftOut(right, left);
  if (left.name === "REPORT" && right.name === "COMPLETE") return isLeftOut(left, right);
  return true;
}

function isLeftOut({ body: report, id }: ShownReport, { body: complete }: ShownComplete): boolean {
  if (report.sequence >= complete.reports) return true;
  if (report.sequence === complete.reports - 1 && !equalBytes(id, complete.head)) return true;
  return (readingsOf(report).at(-1)?.registerMilliWh ?? 0) > complete.finalMilliWh;
}

function isSameSide(left: ShownWord["body"], right: ShownWord["body"]): boolean {
  return equalBytes(left.address, right.address) && left.role === right.role;
}

/** E5, as far as the two reports say it themselves. */
export function placesContradict(left: ReportBody, right: ReportBody): boolean {
  const isSure = [left, right].every(
    ({ role, flags }) => role === "vehicle" && (flags & REPORT_FLAG.CLOCK_UNSURE) === 0,
  );
  return isSure && !equalBytes(left.address, right.address);
}

/** A report, and the contract that says when its readings were. */
export interface TimedReport {
  readonly report: ReportBody;
  readonly open: OpenBody;
}

/**
 * E5: a vehicle has one inlet. The register rose at both stations in one and the same stretch of time. That two
 * contracts could both still run proves nothing: a car that was full in an hour is elsewhere in the next.
 */
export function flowsOverlap(left: TimedReport, right: TimedReport): boolean {
  if (!equalBytes(left.open.vehicle, right.open.vehicle) || equalBytes(left.open.station, right.open.station)) {
    return false;
  }
  const [one, other] = [flowOf(left), flowOf(right)];
  return one !== undefined && other !== undefined && one.from < other.to && other.from < one.to;
}

/** From the reading before the register first rose to the one at which it last had, unix seconds. */
function flowOf({ report, open }: TimedReport): { readonly from: number; readonly to: number } | undefined {
  const rises = report.registerMilliWh.flatMap((step, place) => (place > 0 && step > 0 ? [place] : []));
  const [first, last] = [rises[0], rises.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const at = (place: number): number =>
    open.startedAt + (report.firstReading + place) * open.terms.readingIntervalSeconds;
  return { from: at(first - 1), to: at(last) };
}

/**
 * E6: for one second the office has said of one device that it belongs to two. Its role is in its id, and rights and
 * meters may be renewed before they end; but history and seats are counted by organisation.
 */
export function certificatesContradict(left: CertificateBody, right: CertificateBody): boolean {
  return (
    equalBytes(left.inception, right.inception) &&
    left.organisation !== right.organisation &&
    left.notBefore <= right.notAfter &&
    right.notBefore <= left.notAfter
  );
}

/** E7: one number, two next keys, or two who gave leave. */
export function rotationsContradict(left: RotateBody, right: RotateBody): boolean {
  return equalBytes(left.device, right.device) && left.number === right.number;
}
