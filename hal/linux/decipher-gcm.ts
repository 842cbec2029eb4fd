/** AES-128-GCM as DLMS security suite 0 uses it, with Node's own cryptography. */
import { createDecipheriv } from "node:crypto";
import { concatBytes } from "#base/bytes.ts";
import type { SealedBytes } from "#hal/protocols/dlms/ciphering.ts";

/** Undefined when the tag does not fit. Without a tag nothing is verified, as the caller has asked for. */
export function decipherGcm({ key, nonce, additional, ciphertext, tag }: SealedBytes): Uint8Array | undefined {
  const decipher = createDecipheriv("aes-128-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additional);
  const plain = decipher.update(ciphertext);
  if (tag.length === 0) return new Uint8Array(plain);
  decipher.setAuthTag(tag);
  try {
    return concatBytes(plain, decipher.final());
  } catch {
    return undefined;
  }
}

const TAG_BYTES = 12;
