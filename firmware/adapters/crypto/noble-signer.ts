/**
 * Signs with RFC 6979: the nonce is a function of key and message, so a broken random source cannot give the key away
 * and the same message has the same signature on every start.
 */
import { p256 } from "@noble/curves/nist.js";
import { assert } from "#base/assert.ts";
import type { Signer } from "#core/identity/cryptography.ts";

export class NobleSigner implements Signer {
  readonly publicKey: Uint8Array;
  readonly #secretKey: Uint8Array;

  /** @throws a bug for a secret that is not 32 bytes, 0, or not below the group order. */
  constructor(secretKey: Uint8Array) {
    assert(isSecretKey(secretKey), "a secret key is a number from 1 to below the group order");
    this.#secretKey = Uint8Array.from(secretKey);
    this.publicKey = p256.getPublicKey(this.#secretKey, true);
  }

  sign(message: Uint8Array): Uint8Array {
    return p256.sign(message, this.#secretKey, { lowS: true, prehash: true });
  }
}

/** Whether the bytes are a secret key: 32 of them, a number from 1 to below the group order. */
export function isSecretKey(bytes: Uint8Array): boolean {
  return p256.utils.isValidSecretKey(bytes);
}
