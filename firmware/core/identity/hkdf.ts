/** HKDF with SHA-256 (RFC 5869) over the hmac of the port. */
import { assert } from "#base/assert.ts";
import { concatBytes } from "#base/bytes.ts";
import { HASH_BYTES, type Cryptography } from "./cryptography.ts";

/** Section 2.3: the counter of the blocks is one byte. */
export const HKDF_BYTES_MAX = 255 * HASH_BYTES;

/** Section 2.2. Without a salt the section asks for a key of zeros, which hmac makes of an empty one as well. */
export function hkdfExtract(crypto: Cryptography, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array {
  return crypto.hmac(salt, keyMaterial);
}

/**
 * Section 2.3: `length` bytes for the use that `info` names.
 *
 * @throws a bug for more than `HKDF_BYTES_MAX` bytes, or for a pseudorandom key that is no hash.
 */
export function hkdfExpand(
  crypto: Cryptography,
  pseudorandomKey: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  assert(pseudorandomKey.length === HASH_BYTES, `a pseudorandom key has ${HASH_BYTES} bytes`);
  assert(Number.isInteger(length) && length >= 0 && length <= HKDF_BYTES_MAX, `HKDF cannot give ${length} bytes`);
  const output = new Uint8Array(length);
  let block = new Uint8Array(0);
  for (let offset = 0, counter = 1; offset < length; offset += HASH_BYTES, counter += 1) {
    block = new Uint8Array(crypto.hmac(pseudorandomKey, concatBytes(block, info, Uint8Array.of(counter))));
    output.set(block.subarray(0, length - offset), offset);
  }
  return output;
}
