/** Whose word a fact is. */
import { toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { Fact } from "./fact.ts";
import type { LedgerState } from "./state.ts";

/** Device ids, in hex, of those who signed the fact; empty when what it refers to is not known here. */
export function signersOf(state: LedgerState, fact: Fact): readonly string[] {
  switch (fact.kind) {
    case "JOIN":
      return [];
    case "CODE":
      return [toHex(fact.body.member)];
    case "OPEN":
      return [toHex(fact.body.vehicle), toHex(fact.body.station)];
    case "REPORT":
    case "COMPLETE":
    case "CANCEL":
    case "RESOLVE": {
      const transaction = state.transactions.get(toHex(fact.body.address));
      return transaction === undefined ? [] : [toHex(transaction.open[fact.body.role])];
    }
    case "ADJUDICATE": {
      const arbiter = state.transactions.get(toHex(fact.body.address))?.open.terms.arbiter ?? null;
      return arbiter === null ? [] : [toHex(arbiter)];
    }
  }
}

interface Network {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
}

/** Whether those whose word it is have signed the fact; not asked of a JOIN, which carries its own key. */
export function isSignedByItsSigners(state: LedgerState, fact: Fact, { crypto, network }: Network): boolean {
  const signers = signersOf(state, fact);
  const message = toBeSigned(network, PURPOSE[fact.kind], fact.payload);
  const isSigned = (signature: Uint8Array, place: number): boolean => {
    const member = state.members.get(signers[place] ?? "");
    return member !== undefined && crypto.verify(member.publicKey, message, signature);
  };
  return fact.signatures.length === signers.length && fact.signatures.every(isSigned);
}
