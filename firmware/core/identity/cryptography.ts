/**
 * The cryptography that the core asks for: P-256, SHA-256, HKDF-SHA256 and ChaCha20-Poly1305. Everything here is a
 * function of its arguments; randomness comes in by argument and private identity keys never pass through.
 */

/** Bytes of each thing, by its name. */
export const HASH_BYTES = 32;
/** Compressed point, SEC 1 section 2.3.3. */
export const PUBLIC_KEY_BYTES = 33;
/** r then s, each 32 bytes big-endian (RFC 9053, section 2.1). */
export const SIGNATURE_BYTES = 64;
export const SECRET_KEY_BYTES = 32;
export const AEAD_KEY_BYTES = 32;
export const AEAD_TAG_BYTES = 16;

export interface Cryptography {
  sha256(message: Uint8Array): Uint8Array;

  /**
   * ECDSA P-256 over SHA-256 of the message. False for anything but a valid signature whose s is in the lower half of
   * the group order; never throws, whatever the bytes.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;

  /** The compressed public key of a 32-byte secret; undefined when the secret is 0 or not below the group order. */
  publicKeyOf(secretKey: Uint8Array): Uint8Array | undefined;

  /**
   * x of the shared point (NIST SP 800-56A, 5.7.1.2); undefined when the public key is no compressed point of the curve
   * or the secret is 0 or not below the group order.
   */
  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

  hmac(key: Uint8Array, message: Uint8Array): Uint8Array;

  /** Ciphertext followed by its tag; the nonce is 12 zero bytes because each key seals one message only. */
  seal(key: Uint8Array, additional: Uint8Array, plain: Uint8Array): Uint8Array;

  /** The plain text, or undefined when key, additional data or ciphertext do not belong together. */
  open(key: Uint8Array, additional: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** Signs with the gateway's own identity key, which stays where it is kept. */
export interface Signer {
  readonly publicKey: Uint8Array;
  /** r then s, s in the lower half. */
  sign(message: Uint8Array): Uint8Array;
}
