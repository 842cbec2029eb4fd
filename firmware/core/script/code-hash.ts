/** The name of a program: contracts are signed over it, so that a charge can never be judged by other rules. */
import type { Cryptography } from "#core/identity/cryptography.ts";
import { encodeCbor } from "#core/wire/cbor.ts";

/** SHA-256 of `["TALLY1/code", program bytes]` in CBOR. */
export function codeHash(crypto: Pick<Cryptography, "sha256">, program: Uint8Array): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/code", program]));
}
