/** Whose word a fact is. */
import { toHex } from "#base/bytes.ts";
import { isDecided } from "#core/governance/governors.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeJoin } from "#core/identity/join.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Fact } from "./fact.ts";
import { joinRegionOf, keysOf } from "./membership.ts";
import type { LedgerState } from "./state.ts";

/** Device ids, in hex, of those whose word the fact is; empty when what it refers to is not known here. */
export function signersOf(state: LedgerState, fact: Fact): readonly string[] {
  switch (fact.kind) {
    case "JOIN":
    case "REVOKE":
    case "PARAMS":
    case "RECONFIG":
      return [];
    case "ROTATE":
      return [toHex(fact.body.device)];
    case "CODE":
    case "EVIDENCE":
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

/**
 * Whether those whose word it is have signed the fact, each with some key that it has or had; not asked of a JOIN,
 * which carries its own key.
 */
export function isSignedByItsSigners(state: LedgerState, fact: Fact, { crypto, network }: Network): boolean {
  const message = toBeSigned(network, PURPOSE[fact.kind], fact.payload);
  if (fact.kind === "PARAMS" || fact.kind === "RECONFIG") {
    return isDecided(crypto, state.genesis.governors, message, fact.signatures);
  }
  const keys = keysBehind(state, fact);
  return (
    fact.signatures.length === keys.length &&
    fact.signatures.every((signature, place) =>
      keys[place]?.some((publicKey) => crypto.verify(publicKey, message, signature)),
    )
  );
}

/** The same of any fact: a JOIN is held against the keys that it brings itself, or those of the office. */
export function isGenuine(state: LedgerState, fact: Fact, context: Network): boolean {
  if (fact.kind !== "JOIN") return isSignedByItsSigners(state, fact, context);
  const envelope = encodeSigned(fact.payload, fact.signatures);
  return decodeJoin(envelope, context.crypto, joinRegionOf(state, context.network)).ok;
}

/** For each signature of a fact the keys of which one must have made it. */
export function keysBehind(state: LedgerState, fact: Fact): readonly (readonly Uint8Array[])[] {
  const enrolmentKeys = state.genesis.membership?.enrolmentKeys ?? [];
  if (fact.kind === "REVOKE") return [enrolmentKeys];
  if (fact.kind !== "ROTATE") return signersOf(state, fact).map((did) => keysOf(state, did));
  const own = keysOf(state, toHex(fact.body.device)).slice(fact.body.number - 1, fact.body.number);
  return [fact.body.by === "owner" ? own : enrolmentKeys, [fact.body.publicKey]];
}
