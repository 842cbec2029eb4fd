/** Until when what can be said about a charge, by block time in unix seconds. */
import { deadline } from "./contract-program.ts";
import type { Transaction } from "./state.ts";

/** After its end a disputed or abandoned charge can still be settled for so long (protocol 2.6, healing window). */
const HEALING_SECONDS = 30 * 86_400;

/** From the second after it, a side that has not completed has fallen silent. */
export function graceEndsAt(transaction: Transaction): number {
  const { completingSince } = transaction;
  const endsAt = endOf(transaction);
  const latest = Math.min(endsAt, completingSince ?? Infinity) + transaction.open.terms.graceSeconds;
  return deadline(transaction, "grace", { endsAt, completingSince }, latest);
}

/** The last second in which a charge that is over can still be completed late, agreed on or judged. */
export function disputableUntil(transaction: Transaction): number {
  const { completingSince } = transaction;
  const endsAt = endOf(transaction);
  const latest = endsAt + transaction.open.terms.graceSeconds + HEALING_SECONDS;
  return deadline(transaction, "healing", { endsAt, completingSince }, latest);
}

/** By which a charge has ended, whatever start its parties have signed. */
function endOf({ open, openedAt }: Transaction): number {
  return Math.min(open.notAfter, openedAt + open.terms.durationMaxSeconds);
}
