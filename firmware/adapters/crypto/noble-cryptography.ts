/** The cryptography of the core in plain JavaScript: the reference that the fast one is held against. */
import { p256 } from "@noble/curves/nist.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { assert } from "#base/assert.ts";
import { AEAD_KEY_BYTES, SIGNATURE_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { openChacha, sealChacha } from "./noble-chacha.ts";
import { isCompressedPoint } from "./p256-form.ts";

export class NobleCryptography implements Cryptography {
  sha256(message: Uint8Array): Uint8Array {
    return sha256(message);
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== SIGNATURE_BYTES || !isCompressedPoint(publicKey)) return false;
    return orUndefined(() => p256.verify(signature, message, publicKey, { lowS: true, prehash: true })) ?? false;
  }

  publicKeyOf(secretKey: Uint8Array): Uint8Array | undefined {
    return p256.utils.isValidSecretKey(secretKey) ? p256.getPublicKey(secretKey, true) : undefined;
  }

  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
    if (!p256.utils.isValidSecretKey(secretKey) || !isCompressedPoint(publicKey)) return undefined;
    // The compressed shared point without its first byte, which tells the sign of y, is x.
    return orUndefined(() => p256.getSharedSecret(secretKey, publicKey, true).slice(1));
  }

  hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
    return hmac(sha256, key, message);
  }

  seal(key: Uint8Array, additional: Uint8Array, plain: Uint8Array): Uint8Array {
    assert(key.length === AEAD_KEY_BYTES, `a key has ${AEAD_KEY_BYTES} bytes`);
    return sealChacha({ key, nonce: ZERO_NONCE }, additional, plain);
  }

  open(key: Uint8Array, additional: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    assert(key.length === AEAD_KEY_BYTES, `a key has ${AEAD_KEY_BYTES} bytes`);
    return openChacha({ key, nonce: ZERO_NONCE }, additional, sealed);
  }
}

const ZERO_NONCE = new Uint8Array(12);

/** The library throws for bytes that are no point; here they are just no point. */
function orUndefined<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
