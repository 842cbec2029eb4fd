/**
 * A charge that is over, as it is kept for years: without its readings, and with one copy of what it has in common with
 * others and with itself. Says the same in a third of the memory.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { terms as termsShape, type Terms } from "#core/contract/terms.ts";
import type { CompleteBody, Role } from "#core/session/facts.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { LedgerState, RoleLog, Transaction } from "./state.ts";

export function settledForm(transaction: Transaction, state: LedgerState): Transaction {
  const { address, open, logs, completes, result } = transaction;
  const party = (did: Uint8Array): Uint8Array => state.members.get(toHex(did))?.did ?? did;
  const log = (role: Role): RoleLog => ({ ...logs[role], reports: [] });
  const complete = (role: Role): Partial<Record<Role, CompleteBody>> => {
    const said = completes[role];
    return said === undefined ? {} : { [role]: { ...said, address, head: shared(said.head, logs[role].head) } };
  };
  return {
    ...transaction,
    open: {
      ...open,
      station: party(open.station),
      vehicle: party(open.vehicle),
      terms: sharedTerms(open.terms),
      reference: [open.reference[0], shared(open.reference[1], state.genesisId)],
    },
    logs: { station: log("station"), vehicle: log("vehicle") },
    completes: { ...complete("station"), ...complete("vehicle") },
    ...(result === undefined ? {} : { result: { ...result, address } }),
  };
}

function shared(bytes: Uint8Array, known: Uint8Array): Uint8Array {
  return equalBytes(bytes, known) ? known : bytes;
}

/** A station's tariff changes a few times a day, and a region has some hundred stations. */
const TERMS_MAX = 512;
/** By their encoding: terms that are equal are one object. */
const TERMS = new Map<string, Terms>();

function sharedTerms(given: Terms): Terms {
  const key = toHex(encodeShape(termsShape, given));
  const known = TERMS.get(key) ?? given;
  TERMS.delete(key);
  TERMS.set(key, known);
  const [oldest] = TERMS.keys();
  if (TERMS.size > TERMS_MAX && oldest !== undefined) TERMS.delete(oldest);
  return known;
}
