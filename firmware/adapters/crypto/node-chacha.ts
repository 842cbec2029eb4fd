/** ChaCha20-Poly1305 (RFC 8439) of node:crypto, with the nonce as an argument. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "#base/bytes.ts";
import { AEAD_TAG_BYTES } from "#core/identity/cryptography.ts";

const ALGORITHM = "chacha20-poly1305";
const OPTIONS = { authTagLength: AEAD_TAG_BYTES } as const;

/** Key and nonce of an AEAD call: 32 and 12 bytes. */
export interface ChachaKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Ciphertext, then the tag. */
export function sealChacha({ key, nonce }: ChachaKey, additional: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
  cipher.setAAD(additional, { plaintextLength: plain.length });
  return concatBytes(cipher.update(plain), cipher.final(), cipher.getAuthTag());
}

/** Nothing of the plain text is given out before the tag was found good. */
export function openChacha(
  { key, nonce }: ChachaKey,
  additional: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const length = sealed.length - AEAD_TAG_BYTES;
  if (length < 0) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
  decipher.setAAD(additional, { plaintextLength: length });
  decipher.setAuthTag(sealed.subarray(length));
  const plain = decipher.update(sealed.subarray(0, length));
  try {
    return concatBytes(plain, decipher.final());
  } catch {
    return undefined;
  }
}
