/**
 * The charge that this gateway is bound by and has not had its last word on: what a restart, or a lost answer, left
 * open.
 */
import { toHex } from "#base/bytes.ts";
import { isTrading, type LedgerState, type Transaction } from "#core/ledger/state.ts";
import type { Role } from "#core/session/facts.ts";

/** The newest one; undefined when there is none. */
export function openChargeOf(state: LedgerState, did: Uint8Array, role: Role): Transaction | undefined {
  const own = toHex(did);
  return [...state.unsettled]
    .map((key) => state.transactions.get(key))
    .filter((transaction): transaction is Transaction => transaction !== undefined && isTrading(transaction))
    .filter(({ open, completes, cancelled }) => {
      return toHex(open[role]) === own && completes[role] === undefined && cancelled[role] !== true;
    })
    .sort((left, right) => right.open.startedAt - left.open.startedAt)[0];
}
