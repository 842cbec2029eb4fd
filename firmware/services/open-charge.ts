/**
 * The charge that this gateway is bound by and has not had its last word on: what a restart, or a lost answer, left
 * open.
 */
import { equalBytes } from "#base/bytes.ts";
import { isTrading, type LedgerState, type Transaction } from "#core/ledger/state.ts";
import type { Role } from "#core/session/facts.ts";

/** The newest one; undefined when there is none. */
export function openChargeOf(state: LedgerState, did: Uint8Array, role: Role): Transaction | undefined {
  let newest: Transaction | undefined;
  // Asked each second: without a list of all that everybody charges and disputes.
  for (const key of state.unsettled) {
    const transaction = state.transactions.get(key);
    if (transaction === undefined || !equalBytes(transaction.open[role], did) || !isTrading(transaction)) continue;
    const { open, completes, cancelled } = transaction;
    if (completes[role] !== undefined || cancelled[role] === true) continue;
    if (newest === undefined || open.startedAt > newest.open.startedAt) newest = transaction;
  }
  return newest;
}
