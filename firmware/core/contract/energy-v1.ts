/**
 * The contract code that runs at the transaction address of a charge: the lifecycle of one delivery of energy, version
 * 1. Its rules are the READMEs of `session/` and `ledger/`; TERMS name it by the hash of this name, so a contract can
 * never be read by other rules than the ones that were signed.
 */
import type { Cryptography } from "#core/identity/cryptography.ts";
import { encodeCbor } from "#core/wire/cbor.ts";

export function energyV1CodeHash(crypto: Cryptography): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/code", "energy-v1", 1]));
}
