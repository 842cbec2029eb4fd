/** Whose word a fact is. */
import { toHex } from "#base/bytes.ts";
import type { Fact } from "./fact.ts";
import type { LedgerState } from "./state.ts";

/** Device ids, in hex, of those who signed the fact; empty when what it refers to is not known here. */
export function signersOf(state: LedgerState, fact: Fact): readonly string[] {
  switch (fact.kind) {
    case "JOIN":
      return [];
    case "OPEN":
      return [toHex(fact.body.vehicle), toHex(fact.body.station)];
    case "REPORT":
    case "COMPLETE":
    case "CANCEL": {
      const transaction = state.transactions.get(toHex(fact.body.address));
      return transaction === undefined ? [] : [toHex(transaction.open[fact.body.role])];
    }
  }
}
