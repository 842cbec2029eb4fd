/** ChaCha20-Poly1305 (RFC 8439) of @noble/ciphers, with the nonce as an argument. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { AEAD_TAG_BYTES } from "#core/identity/cryptography.ts";
import type { ChachaKey } from "./node-chacha.ts";

/** Ciphertext, then the tag. */
export function sealChacha({ key, nonce }: ChachaKey, additional: Uint8Array, plain: Uint8Array): Uint8Array {
  return chacha20poly1305(key, nonce, additional).encrypt(plain);
}

export function openChacha(
  { key, nonce }: ChachaKey,
  additional: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < AEAD_TAG_BYTES) return undefined;
  const cipher = chacha20poly1305(key, nonce, additional);
  try {
    return cipher.decrypt(sealed);
  } catch {
    return undefined;
  }
}
