/** Why a fact may not stand, and the context in which that is asked. */
import { toHex } from "#base/bytes.ts";
import type { Capability } from "#core/identity/capability.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { DeviceRole } from "#core/identity/device-id.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { Block } from "./block.ts";
import type { Fact } from "./fact.ts";
import { knownHex } from "./known-hex.ts";

export type FactFault =
  /** It stands already; nothing is wrong. */
  | { readonly code: "FACT_KNOWN" }
  /** What it refers to is not here yet; it may be later. */
  | { readonly code: "FACT_REFERS_UNKNOWN"; readonly what: string; readonly key: string }
  | { readonly code: "FACT_BAD_SIGNATURE"; readonly signer: string }
  | { readonly code: "FACT_BAD_JOIN"; readonly reason: string }
  /** The region has no enrolment authority, so nobody's word can be this one. */
  | { readonly code: "FACT_NO_AUTHORITY" }
  /** Not the key that was promised by its hash. */
  | { readonly code: "FACT_NOT_PROMISED"; readonly did: string; readonly number: number }
  /** Signed with a key that another had replaced by then. */
  | { readonly code: "FACT_KEY_REPLACED"; readonly did: string; readonly number: number }
  /** No certificate that is known here gives the right at the time; another may come. */
  | { readonly code: "FACT_NOT_CERTIFIED"; readonly did: string; readonly right: Capability }
  /** The authority has ended what this device may do. */
  | { readonly code: "FACT_REVOKED"; readonly did: string }
  | { readonly code: "FACT_WRONG_NETWORK"; readonly network: string }
  | { readonly code: "FACT_WRONG_ROLE"; readonly did: string; readonly expected: DeviceRole }
  | { readonly code: "FACT_BAD_TERMS"; readonly reason: string }
  /** A program that does not hold, or asks for what the ledger has not. */
  | { readonly code: "FACT_BAD_CODE"; readonly reason: string }
  | { readonly code: "FACT_REFERENCE_NOT_HERE"; readonly serial: number }
  | { readonly code: "FACT_WRONG_STATE"; readonly state: string }
  /** The program of the contract forbids it, although the ledger would not mind. */
  | { readonly code: "FACT_NOT_ALLOWED"; readonly command: string }
  /** After this second of block time a charge that is over stays as it is. */
  | { readonly code: "FACT_TOO_LATE"; readonly lastAt: number }
  /** The terms of that charge name nobody who may judge it. */
  | { readonly code: "FACT_NO_ARBITER"; readonly address: string }
  | { readonly code: "FACT_OUT_OF_SEQUENCE"; readonly found: number; readonly expected: number }
  /** Signed by the same role for the same place, but another one stands there. */
  | { readonly code: "FACT_CONFLICTS"; readonly with: string }
  | { readonly code: "FACT_REGISTER_FELL"; readonly from: number; readonly to: number }
  /** A piece of evidence that shows nothing, or more than one charge needs. */
  | { readonly code: "FACT_BAD_EVIDENCE"; readonly reason: string }
  /** The region's genesis names nobody who may change its rules. */
  | { readonly code: "FACT_NO_GOVERNORS" }
  /** More governors have to sign it. */
  | { readonly code: "FACT_TOO_FEW_SIGNATURES"; readonly found: number; readonly needed: number }
  /** The others have to have the time to hear of it; epochs. */
  | { readonly code: "FACT_TOO_SOON"; readonly epoch: number; readonly least: number }
  | { readonly code: "FACT_BAD_PARAMS"; readonly reason: string }
  | { readonly code: "FACT_BAD_RECONFIG"; readonly reason: string }
  /** It builds on another block than the one that is final here, or on an older one. */
  | { readonly code: "FACT_CONTRADICTS_FINAL"; readonly serial: number; readonly final: number }
  /** So many facts wait already; the sender will publish it again. */
  | { readonly code: "FACT_NO_ROOM"; readonly waiting: number };

export interface ApplyContext {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
  /** Block time, unix seconds. */
  readonly now: number;
  readonly verified: VerifiedFacts;
}

/**
 * Facts and blocks whose signatures were found good before, so that they are checked once, with the keys that they were
 * good by: on another branch, or after a rotation, the same fact may have to be signed with others.
 */
export type VerifiedFacts = WeakMap<Fact | Block, string>;

/** How keys are named there. */
export function keyNames(publicKeys: readonly Uint8Array[]): string {
  return publicKeys.map(knownHex).join(" ");
}

/** Whether the fact carries the signature of each key, in that order. */
export function isSignedBy(fact: Fact, publicKeys: readonly Uint8Array[], context: ApplyContext): boolean {
  const keys = keyNames(publicKeys);
  if (context.verified.get(fact) === keys) return true;
  const message = toBeSigned(context.network, PURPOSE[fact.kind], fact.payload);
  const good = fact.signatures.every((signature, place) => {
    const publicKey = publicKeys[place];
    return publicKey !== undefined && context.crypto.verify(publicKey, message, signature);
  });
  if (good) context.verified.set(fact, keys);
  return good;
}

/** Whether a fact of one signature was signed with one of the keys. */
export function isSignedByAny(fact: Fact, publicKeys: readonly Uint8Array[], context: ApplyContext): boolean {
  const known = context.verified.get(fact);
  if (known !== undefined && publicKeys.some((key) => knownHex(key) === known)) return true;
  return publicKeys.some((key) => isSignedBy(fact, [key], context));
}

/** What is refused here and now, and may stand when something else has come. */
export function mayComeToStand({ code }: FactFault): boolean {
  return code === "FACT_REFERS_UNKNOWN" || code === "FACT_NOT_CERTIFIED";
}

interface Refusal {
  readonly ok: false;
  readonly fault: FactFault;
}

export function refuse(fault: FactFault): Refusal {
  return { ok: false, fault };
}

export const KNOWN = refuse({ code: "FACT_KNOWN" });

export function refersUnknown(what: string, key: Uint8Array): Refusal {
  return refuse({ code: "FACT_REFERS_UNKNOWN", what, key: toHex(key) });
}

export function badTerms(reason: string): Refusal {
  return refuse({ code: "FACT_BAD_TERMS", reason });
}

export function conflicts(what: string, role: DeviceRole): Refusal {
  return refuse({ code: "FACT_CONFLICTS", with: `${what} of the ${role}` });
}
