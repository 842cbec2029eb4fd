/**
 * Closes the transactions whose time has come: both sides have completed, both have cancelled, or the grace is over by
 * block time. How they end is `settle`, a function of the facts alone. What is said about a charge afterwards, and that
 * nobody may say anything about it any more, are further revisions of its result.
 */
import { RESULTS_PER_BLOCK_MAX } from "#core/limits.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { settle, type Settlement } from "#core/session/settle.ts";
import type { ResultBody } from "./block.ts";
import { recordResult } from "./reputation.ts";
import { settledForm } from "./settled-form.ts";
import type { LedgerState, Transaction } from "./state.ts";
import { disputableUntil, graceEndsAt } from "./time-limits.ts";
import { isCorrectable } from "./voided-words.ts";

/** Writes the results that are due at `now` into the state's top layer; in the order of their addresses. */
export function closeTransactions(state: LedgerState, now: number): readonly ResultBody[] {
  const results: ResultBody[] = [];
  for (const key of [...state.unsettled].sort()) {
    const transaction = state.transactions.get(key);
    if (transaction === undefined || results.length >= RESULTS_PER_BLOCK_MAX) continue;
    const result = dueResult(transaction, now);
    if (result !== undefined) {
      recordResult(state, transaction, { result, now });
      results.push(result);
    }
    const looked = lookedAt(transaction, result);
    const isFinished = isOver(looked, now);
    if (isFinished) state.unsettled.delete(key);
    if (isFinished || looked !== transaction) state.transactions.set(key, isFinished ? settledForm(looked) : looked);
  }
  forgetClosed(state, now);
  return results;
}

/**
 * Drops what is closed and could not be opened again. Each block looks at a 256th of the charges, so that it costs
 * little: those whose address begins with the lowest byte of the block's serial.
 */
function forgetClosed(state: LedgerState, now: number): void {
  const serial = state.serial + 1;
  const bucket = [(serial >> 4) % 16, serial % 16];
  for (const key of state.transactions.expiredUnder(bucket, now)) state.transactions.delete(key);
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
  const { open, code, completes, cancelled, proposals, ruling } = transaction;
  const reports = { station: transaction.logs.station.reports, vehicle: transaction.logs.vehicle.reports };
  return { open, code, reports, completes, cancelled, proposals, ruling };
}

function dueResult(transaction: Transaction, now: number): ResultBody | undefined {
  const { result } = transaction;
  if (result === undefined) return firstResult(transaction, now);
  const changed = transaction.hasNews ? revisedResult(transaction, result) : undefined;
  return changed ?? (now > disputableUntil(transaction) ? lapsedResult(result) : undefined);
}

/**
 * An open charge is looked at each second and with every block, and a long one has many readings. What follows from its
 * facts changes only with them, and a transaction with other facts is another object.
 */
const FIRST_RESULTS = new WeakMap<Transaction, Map<boolean, ResultBody | undefined>>();

function firstResult(transaction: Transaction, now: number): ResultBody | undefined {
  const graceOver = now > graceEndsAt(transaction);
  if (!graceOver && isGoingOn(transaction)) return undefined;
  const known = FIRST_RESULTS.get(transaction) ?? new Map<boolean, ResultBody | undefined>();
  if (known.has(graceOver)) return known.get(graceOver);
  const result = resultOf(transaction, settle(chargeFactsOf(transaction), graceOver));
  FIRST_RESULTS.set(transaction, known.set(graceOver, result));
  return result;
}

/** Nobody has said a last word: whatever the contract is, it has not ended (`bounded-outcome.ts`). */
function isGoingOn({ completes, cancelled, proposals, ruling }: Transaction): boolean {
  const said = [completes, cancelled].some(({ station, vehicle }) => station !== undefined || vehicle !== undefined);
  return !said && proposals.station.length + proposals.vehicle.length === 0 && ruling === undefined;
}

/**
 * What is said after the end can only settle the charge: a late completion that matches, what both agree on, what the
 * arbiter decides. A late completion that does not match changes nothing (protocol 2.6). But where one side has been
 * shown to contradict itself, the result is what follows from the words that stand now.
 */
function revisedResult(transaction: Transaction, before: ResultBody): ResultBody | undefined {
  const settlement = settle(chargeFactsOf(transaction), true);
  const isReread = isCorrectable(transaction) && before.revision <= REREAD_REVISIONS_MAX;
  // A log that is empty until the word that was upheld comes to stand is no log that never began.
  if (settlement.state !== "SETTLED" && !(isReread && settlement.state !== "CANCELLED")) return undefined;
  // Its readings are no longer here, so that nothing but what both have signed may be read from its facts.
  if (isMatched(before) && settlement.ending !== "mutual") return undefined;
  const after = resultOf(transaction, settlement);
  return after === undefined || isSameResult(before, after) ? undefined : after;
}

/** Each block can bring another word of a log that evidence has opened again, and a result has a number of one byte. */
const REREAD_REVISIONS_MAX = 64;

/** Nobody has settled it in time: what was contested is not owed (protocol 2.8: it lapses in the vehicle's favour). */
function lapsedResult(before: ResultBody): ResultBody | undefined {
  if (before.ending === "lapse" || (before.state !== "DISPUTED" && before.state !== "ABANDONED")) return undefined;
  return { ...before, contestedMilliWh: 0, ending: "lapse", revision: before.revision + 1 };
}

function resultOf(transaction: Transaction, settlement: Settlement): ResultBody | undefined {
  const { judgement, silent, state, ending, fault, agreedAmount, billedMilliWh } = settlement;
  if (ending === null || state === "OPEN" || state === "ACTIVE" || state === "COMPLETING") return undefined;
  return {
    address: transaction.address,
    state,
    stationMilliWh: settlement.stationMilliWh,
    vehicleMilliWh: settlement.vehicleMilliWh,
    billedMilliWh,
    contestedMilliWh: settlement.contestedMilliWh,
    amount: agreedAmount ?? chargeCost(chargeFactsOf(transaction), billedMilliWh).minorUnits,
    verdict: judgement?.verdict ?? "NONE",
    differencePpm: judgement?.differencePpm ?? 0,
    rejectionLimitPpm: judgement?.rejectionLimitPpm ?? 0,
    silent: (silent.includes("station") ? 1 : 0) | (silent.includes("vehicle") ? 2 : 0),
    revision: (transaction.result?.revision ?? 0) + 1,
    ending,
    fault,
  };
}

function isSameResult(before: ResultBody, after: ResultBody): boolean {
  const names = Object.keys(after) as (keyof ResultBody)[];
  return names.every((name) => name === "address" || name === "revision" || before[name] === after[name]);
}

/** The transaction after it was looked at; the same one when nothing about it is new. */
function lookedAt(transaction: Transaction, result: ResultBody | undefined): Transaction {
  if (result !== undefined) return { ...transaction, result, state: result.state, hasNews: false };
  return transaction.result !== undefined && transaction.hasNews ? { ...transaction, hasNews: false } : transaction;
}

/** Whether nothing that may still come can change the result, but for what both agree on. */
function isOver(transaction: Transaction, now: number): boolean {
  const { result } = transaction;
  if (result === undefined) return false;
  if (result.state === "CANCELLED" || result.ending === "lapse" || isMatched(result)) return true;
  return result.state === "SETTLED" && now > disputableUntil(transaction);
}

function isMatched({ state, ending }: ResultBody): boolean {
  return state === "SETTLED" && ending === "comparison";
}
