/** The cryptography of the core on node:crypto (OpenSSL): what gateways verify with. */
import { createECDH, createHmac, createPublicKey, hash, verify, type ECDH, type KeyObject } from "node:crypto";
import { assert } from "#base/assert.ts";
import { concatBytes } from "#base/bytes.ts";
import {
  AEAD_KEY_BYTES,
  HASH_BYTES,
  SECRET_KEY_BYTES,
  SIGNATURE_BYTES,
  type Cryptography,
} from "#core/identity/cryptography.ts";
import { openChacha, sealChacha } from "./node-chacha.ts";
import { isCompressedPoint, isLowS, toDer } from "./p256-form.ts";

export class NodeCryptography implements Cryptography {
  readonly #keys = new PublicKeyCache();

  sha256(message: Uint8Array): Uint8Array {
    // A Buffer of so few bytes costs more than hashing does: as text the whole takes half the time (measured).
    const digest = hash("sha256", message, "binary");
    const bytes = new Uint8Array(HASH_BYTES);
    for (let place = 0; place < HASH_BYTES; place += 1) bytes[place] = digest.charCodeAt(place);
    return bytes;
  }

  /** A bare KeyObject and DER: on Node 24 any options object beside the key costs a third of the speed (measured). */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== SIGNATURE_BYTES || !isLowS(signature)) return false;
    const key = this.#keys.get(publicKey);
    return key !== undefined && verify("sha256", message, key, toDer(signature));
  }

  publicKeyOf(secretKey: Uint8Array): Uint8Array | undefined {
    const pair = pairOf(secretKey);
    return pair === undefined ? undefined : new Uint8Array(pair.getPublicKey(null, "compressed"));
  }

  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
    const pair = isCompressedPoint(publicKey) ? pairOf(secretKey) : undefined;
    if (pair === undefined) return undefined;
    return orUndefined(() => new Uint8Array(pair.computeSecret(publicKey)));
  }

  hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
    return new Uint8Array(createHmac("sha256", key).update(message).digest());
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

/** SubjectPublicKeyInfo of a compressed P-256 point up to the point itself (RFC 5480, section 2). */
const SPKI_PREFIX = Uint8Array.from(Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"));

/** Keys of one generation. A key object is some kilobytes; a region has a few hundred gateways and its vehicles. */
const KEYS_PER_GENERATION_MAX = 1024;

/**
 * Parsed public keys by their bytes: building one for every verification would halve the speed. Two generations stand
 * for least-recently-used: when the young one is full it becomes the old one, and what nobody asked for since is gone.
 */
class PublicKeyCache {
  #young = new Map<string, KeyObject>();
  #old = new Map<string, KeyObject>();

  get(publicKey: Uint8Array): KeyObject | undefined {
    if (!isCompressedPoint(publicKey)) return undefined;
    const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength).toString("latin1");
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const key = this.#old.get(name) ?? importPoint(publicKey);
    if (key !== undefined) this.#keep(name, key);
    return key;
  }

  #keep(name: string, key: KeyObject): void {
    if (this.#young.size >= KEYS_PER_GENERATION_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, key);
  }
}

function importPoint(publicKey: Uint8Array): KeyObject | undefined {
  const key = Buffer.from(concatBytes(SPKI_PREFIX, publicKey));
  return orUndefined(() => createPublicKey({ key, format: "der", type: "spki" }));
}

function pairOf(secretKey: Uint8Array): ECDH | undefined {
  if (secretKey.length !== SECRET_KEY_BYTES) return undefined;
  const pair = createECDH("prime256v1");
  return orUndefined(() => {
    pair.setPrivateKey(secretKey);
    return pair;
  });
}

/** OpenSSL throws for bytes that are no key; here they are just no key. */
function orUndefined<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
