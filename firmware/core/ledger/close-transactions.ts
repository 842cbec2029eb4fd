/**
 * Closes the transactions whose time has come: both sides have completed, both have cancelled, or the grace is over by
 * block time. How they end is `settle`, a function of the facts alone.
 */
import type { Price } from "#core/contract/price.ts";
import { RESULTS_PER_BLOCK_MAX } from "#core/limits.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { settle, type Settlement } from "#core/session/settle.ts";
import type { ResultBody } from "./block.ts";
import { recordResult } from "./reputation.ts";
import type { LedgerState, Transaction } from "./state.ts";

/** After its end a disputed or abandoned charge can still be settled for so long (protocol 2.6, healing window). */
const HEALING_SECONDS = 30 * 86_400;

/** Writes the results that are due at `now` into the state's top layer; in the order of their addresses. */
export function closeTransactions(state: LedgerState, now: number): readonly ResultBody[] {
  const results: ResultBody[] = [];
  for (const key of [...state.unsettled].sort()) {
    const transaction = state.transactions.get(key);
    if (transaction === undefined || results.length >= RESULTS_PER_BLOCK_MAX) continue;
    const result = dueResult(transaction, now);
    if (result !== undefined) {
      recordResult(state, transaction, { result, now });
      state.transactions.set(key, closed(transaction, result));
      results.push(result);
    }
    if (isOver(result ?? transaction.result, transaction, now)) state.unsettled.delete(key);
  }
  return results;
}

/** Whether a block sealed at `now` would have results to write, although no fact waits. */
export function hasDueTransactions(state: LedgerState, now: number): boolean {
  return [...state.unsettled].some((key) => {
    const transaction = state.transactions.get(key);
    return transaction !== undefined && dueResult(transaction, now) !== undefined;
  });
}

/** What is known of a charge, as `settle` reads it. */
export function chargeFactsOf(transaction: Transaction): ChargeFacts {
  return {
    open: transaction.open,
    reports: { station: transaction.logs.station.reports, vehicle: transaction.logs.vehicle.reports },
    completes: transaction.completes,
    cancelled: transaction.cancelled,
  };
}

function dueResult(transaction: Transaction, now: number): ResultBody | undefined {
  const charge = chargeFactsOf(transaction);
  const before = transaction.result;
  const settlement = settle(charge, before !== undefined || isGraceOver(transaction, now));
  const { state } = settlement;
  if (state === "OPEN" || state === "ACTIVE" || state === "COMPLETING") return undefined;
  // A late completion is consent when it matches; when it does not, nothing changes (protocol 2.6).
  if (before !== undefined && state !== "SETTLED") return undefined;
  return resultOf(transaction, settlement, state, chargeCost(charge, settlement.billedMilliWh));
}

function resultOf(
  transaction: Transaction,
  settlement: Settlement,
  state: ResultBody["state"],
  price: Price,
): ResultBody {
  const { judgement, silent } = settlement;
  return {
    address: transaction.address,
    state,
    stationMilliWh: settlement.stationMilliWh,
    vehicleMilliWh: settlement.vehicleMilliWh,
    billedMilliWh: settlement.billedMilliWh,
    contestedMilliWh: settlement.contestedMilliWh,
    amount: price.minorUnits,
    verdict: judgement?.verdict ?? "NONE",
    differencePpm: judgement?.differencePpm ?? 0,
    rejectionLimitPpm: judgement?.rejectionLimitPpm ?? 0,
    silent: (silent.includes("station") ? 1 : 0) | (silent.includes("vehicle") ? 2 : 0),
    revision: (transaction.result?.revision ?? 0) + 1,
  };
}

function isGraceOver(transaction: Transaction, now: number): boolean {
  const { graceSeconds } = transaction.open.terms;
  const since = Math.min(endOf(transaction), transaction.completingSince ?? Infinity);
  return now > since + graceSeconds;
}

/** By which a charge has ended, whatever start its parties have signed. */
function endOf({ open, openedAt }: Transaction): number {
  return Math.min(open.notAfter, openedAt + open.terms.durationMaxSeconds);
}

/** A settled charge needs its readings no more; a disputed one keeps them as long as it may be settled. */
function closed(transaction: Transaction, result: ResultBody): Transaction {
  const isFinished = result.state === "SETTLED" || result.state === "CANCELLED";
  const { station, vehicle } = transaction.logs;
  const logs = { station: { ...station, reports: [] }, vehicle: { ...vehicle, reports: [] } };
  return { ...transaction, result, state: result.state, logs: isFinished ? logs : transaction.logs };
}

function isOver(result: ResultBody | undefined, transaction: Transaction, now: number): boolean {
  if (result === undefined) return false;
  const isFinished = result.state === "SETTLED" || result.state === "CANCELLED";
  return isFinished || now > endOf(transaction) + transaction.open.terms.graceSeconds + HEALING_SECONDS;
}
