/** What all facts about one charge have in common: finding it, when it is too late for them, and writing it back. */
import { toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { keyNumberIn, type Role } from "#core/session/facts.ts";
import { isSignedByAny, refersUnknown, type ApplyContext, type FactFault } from "./fact-fault.ts";
import type { Fact } from "./fact.ts";
import { knownHex } from "./known-hex.ts";
import { keysSince } from "./membership.ts";
import { isTrading, type LedgerState, type Transaction } from "./state.ts";
import { disputableUntil } from "./time-limits.ts";

export function transactionAt(state: LedgerState, address: Uint8Array): Result<Transaction, FactFault> {
  const transaction = state.transactions.get(toHex(address));
  return transaction === undefined ? refersUnknown("transaction", address) : ok(transaction);
}

/** Writes a transaction that a fact has changed into the state's top layer. */
export function changeTransaction(state: LedgerState, transaction: Transaction): void {
  state.transactions.set(knownHex(transaction.address), { ...transaction, hasNews: true });
}

/**
 * The same for a fact that makes the charge be looked at, also one that was closed: `unsettled` and `isClosed` agree.
 */
export function lookAgainAt(state: LedgerState, transaction: Transaction): void {
  const reopened: { -readonly [Key in keyof Transaction]: Transaction[Key] } = { ...transaction };
  delete reopened.isClosed;
  changeTransaction(state, reopened);
  state.unsettled.add(knownHex(transaction.address));
}

/**
 * Why a charge that is over can no longer change. `now` is unix seconds; a clock that stands behind the newest block is
 * not believed.
 */
export function objectionToTime(state: LedgerState, transaction: Transaction, now: number): FactFault | undefined {
  const lastAt = disputableUntil(transaction);
  if (isTrading(transaction) || Math.max(now, state.sealedAt) <= lastAt) return undefined;
  return { code: "FACT_TOO_LATE", lastAt };
}

/** Whether that side of the charge has signed the fact: with the key that OPEN binds it by, or a later one. */
export function isSignedBySide(
  state: LedgerState,
  { open }: Transaction,
  fact: Fact & { readonly body: { readonly role: Role } },
  context: ApplyContext,
): boolean {
  const { role } = fact.body;
  const signer = state.members.get(knownHex(open[role]));
  return signer !== undefined && isSignedByAny(fact, keysSince(signer, keyNumberIn(open, role)), context);
}
