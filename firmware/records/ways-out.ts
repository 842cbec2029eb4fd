/** How a disputed or abandoned charge can still be ended, as its contract has it. */
import { objectionToSaying } from "#core/ledger/contract-program.ts";
import type { Transaction } from "#core/ledger/state.ts";

export interface WaysOut {
  /** Both sides can agree on an amount. */
  readonly agreement: boolean;
  /** The arbiter whom the terms name, if they do, can rule. */
  readonly ruling: boolean;
}

/** Nothing is known of the contract's program. */
export const NO_WAYS_OUT: WaysOut = { agreement: false, ruling: false };

export function waysOutOf(transaction: Transaction): WaysOut {
  return {
    agreement: objectionToSaying(transaction, "resolve", "vehicle") === undefined,
    ruling: objectionToSaying(transaction, "adjudicate", "arbiter") === undefined,
  };
}
