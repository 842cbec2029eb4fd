/**
 * Whether a REPORT, a COMPLETE or a CANCEL may stand. Each belongs to one side's own log, and what stands in the
 * other's log never decides about it: so the two logs may reach a chain in any order.
 */
import { equalBytes } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { completeBody, readingsOf } from "#core/session/facts.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { objectionToSaying } from "./contract-program.ts";
import { conflicts, KNOWN, refersUnknown, refuse, type ApplyContext, type FactFault } from "./fact-fault.ts";
import type { CancelFact, CompleteFact, ReportFact } from "./fact.ts";
import { isTrading, type LedgerState, type RoleLog, type Transaction } from "./state.ts";
import { isOpenAgain, isVoided } from "./voided-words.ts";
import { changeTransaction, isSignedBySide, objectionToTime, transactionAt } from "./transaction-change.ts";

export function applyReport(state: LedgerState, fact: ReportFact, context: ApplyContext): Result<void, FactFault> {
  const report = fact.body;
  const found = transactionAt(state, report.address);
  if (!found.ok) return found;
  const transaction = found.value;
  const { role, sequence } = report;
  const log = transaction.logs[role];
  if (log.reports[sequence] !== undefined) return isSameReport(log, fact) ? KNOWN : conflicts("report", role);
  if (isVoided(transaction, role, fact.id)) return conflicts("word that evidence upholds", role);
  const isReopened = isOpenAgain(transaction, role);
  const forbidden = objectionToSaying(
    isReopened ? { ...transaction, state: "COMPLETING" } : transaction,
    "report",
    role,
  );
  if (forbidden?.code === "FACT_WRONG_STATE") return refuse(forbidden);
  const late = isReopened ? objectionToTime(state, transaction, context.now) : undefined;
  if (late !== undefined) return refuse(late);
  if (transaction.cancelled[role] === true) return conflicts("cancellation", role);
  if (forbidden !== undefined) return refuse(forbidden);
  if (sequence > log.nextSequence) return refersUnknown("report", report.previous);
  if (!equalBytes(report.previous, log.head)) return conflicts("report before", role);
  // A gateway that was away has no readings of that time: the next report may begin later, never earlier.
  if (report.firstReading < log.nextReading) {
    return refuse({ code: "FACT_OUT_OF_SEQUENCE", found: report.firstReading, expected: log.nextReading });
  }
  const readings = readingsOf(report);
  const first = readings[0]?.registerMilliWh ?? 0;
  const last = readings.at(-1)?.registerMilliWh ?? 0;
  if (first < log.lastRegisterMilliWh || !Number.isSafeInteger(last)) {
    return refuse({ code: "FACT_REGISTER_FELL", from: log.lastRegisterMilliWh, to: first });
  }
  if (!isCovered(transaction, fact, last)) return conflicts("completion", role);
  if (!isSignedBySide(state, transaction, fact, context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: role });
  const extended: RoleLog = {
    reports: [...log.reports, report],
    nextSequence: sequence + 1,
    head: fact.id,
    lastRegisterMilliWh: last,
    nextReading: report.firstReading + readings.length,
  };
  const logs = { ...transaction.logs, [role]: extended };
  const begun = logs.station.nextSequence > 0 && logs.vehicle.nextSequence > 0;
  changeTransaction(state, {
    ...transaction,
    logs,
    state: transaction.state === "OPEN" && begun ? "ACTIVE" : transaction.state,
  });
  return ok(undefined);
}

export function applyComplete(state: LedgerState, fact: CompleteFact, context: ApplyContext): Result<void, FactFault> {
  const complete = fact.body;
  const found = transactionAt(state, complete.address);
  if (!found.ok) return found;
  const transaction = found.value;
  const { role } = complete;
  const known = transaction.completes[role];
  if (known !== undefined) {
    return equalBytes(encodeShape(completeBody, known), fact.payload) ? KNOWN : conflicts("completion", role);
  }
  if (isVoided(transaction, role, fact.id)) return conflicts("word that evidence upholds", role);
  // A side that had fallen silent may still complete: protocol 2.6, note on late completions. That the charge was
  // agreed on or judged in the meantime makes no difference, or it would make one which of them came first.
  const forbidden = objectionToSaying(transaction, "complete", role);
  if (forbidden?.code === "FACT_WRONG_STATE") return refuse(forbidden);
  const objection = objectionToTime(state, transaction, context.now);
  if (objection !== undefined) return refuse(objection);
  if (transaction.cancelled[role] === true) return conflicts("cancellation", role);
  if (forbidden !== undefined) return refuse(forbidden);
  const log = transaction.logs[role];
  if (complete.finalMilliWh < log.lastRegisterMilliWh) {
    return refuse({ code: "FACT_REGISTER_FELL", from: log.lastRegisterMilliWh, to: complete.finalMilliWh });
  }
  if (complete.reports < log.nextSequence) return conflicts("report", role);
  if (complete.reports === log.nextSequence && !equalBytes(complete.head, log.head)) return conflicts("head", role);
  if (!isSignedBySide(state, transaction, fact, context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: role });
  changeTransaction(state, {
    ...transaction,
    completes: { ...transaction.completes, [role]: complete },
    completingSince: transaction.completingSince ?? context.now,
    state: isTrading(transaction) ? "COMPLETING" : transaction.state,
  });
  return ok(undefined);
}

/** One side takes the charge back instead of reporting: it may sign the one or the other. */
export function applyCancel(state: LedgerState, fact: CancelFact, context: ApplyContext): Result<void, FactFault> {
  const { address, role } = fact.body;
  const found = transactionAt(state, address);
  if (!found.ok) return found;
  const transaction = found.value;
  if (transaction.cancelled[role] === true) return KNOWN;
  if (isVoided(transaction, role, fact.id)) return conflicts("word that evidence upholds", role);
  const forbidden = objectionToSaying(transaction, "cancel", role);
  if (forbidden?.code === "FACT_WRONG_STATE") return refuse(forbidden);
  if (transaction.logs[role].nextSequence > 0) return conflicts("report", role);
  if (transaction.completes[role] !== undefined) return conflicts("completion", role);
  if (forbidden !== undefined) return refuse(forbidden);
  if (!isSignedBySide(state, transaction, fact, context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: role });
  changeTransaction(state, { ...transaction, cancelled: { ...transaction.cancelled, [role]: true } });
  return ok(undefined);
}

/**
 * Whether the log with this report is still one that the side's own COMPLETE, if it came first, can be the end of. The
 * same is asked of a COMPLETE that comes after its reports: either order refuses the same pair.
 */
function isCovered({ completes }: Transaction, { id, body }: ReportFact, lastMilliWh: number): boolean {
  const complete = completes[body.role];
  if (complete === undefined) return true;
  const isLast = body.sequence + 1 === complete.reports;
  return (
    body.sequence < complete.reports &&
    lastMilliWh <= complete.finalMilliWh &&
    (!isLast || equalBytes(id, complete.head))
  );
}

/** The id of report n is what report n + 1, or the log's head, names. */
function isSameReport(log: RoleLog, { id, body }: ReportFact): boolean {
  return equalBytes(log.reports[body.sequence + 1]?.previous ?? log.head, id);
}
