/** The forms in which P-256 keys and signatures travel, as far as both adapters must look into them. */
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from "#core/identity/cryptography.ts";

/** Whether the bytes have the form of a compressed point (SEC 1, section 2.3.3); not whether it is on the curve. */
export function isCompressedPoint(publicKey: Uint8Array): boolean {
  return publicKey.length === PUBLIC_KEY_BYTES && (publicKey[0] === 0x02 || publicKey[0] === 0x03);
}

/**
 * Whether s of an r||s signature is at most half the group order. With (r, s) also (r, n - s) is a valid signature;
 * only one of the two may count, or anybody could change the bytes of a record that somebody else signed.
 */
export function isLowS(signature: Uint8Array): boolean {
  for (let index = 0; index < HALF_ORDER.length; index += 1) {
    const difference = (signature[HALF_ORDER.length + index] ?? 0) - (HALF_ORDER[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** The DER form of an r||s signature: SEQUENCE { INTEGER r, INTEGER s } (RFC 3279, section 2.2.3). */
export function toDer(signature: Uint8Array): Uint8Array {
  const half = SIGNATURE_BYTES / 2;
  const rStart = firstOfInteger(signature, 0, half);
  const sStart = firstOfInteger(signature, half, SIGNATURE_BYTES);
  const rPad = padOf(signature, rStart);
  const sPad = padOf(signature, sStart);
  const rLength = half - rStart + rPad;
  const sLength = SIGNATURE_BYTES - sStart + sPad;
  const der = new Uint8Array(6 + rLength + sLength);
  der[0] = 0x30;
  der[1] = 4 + rLength + sLength;
  der[2] = INTEGER;
  der[3] = rLength;
  der.set(signature.subarray(rStart, half), 4 + rPad);
  der[4 + rLength] = INTEGER;
  der[5 + rLength] = sLength;
  der.set(signature.subarray(sStart), 6 + rLength + sPad);
  return der;
}

const INTEGER = 0x02;

/** Half the order of the group, rounded down: the greatest s that counts (FIPS 186-5; n of SP 800-186, 3.2.1.3). */
const HALF_ORDER = Uint8Array.from([
  0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
  0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
]);

/** DER writes no leading zeros, but a zero itself has one byte. */
function firstOfInteger(bytes: Uint8Array, start: number, end: number): number {
  let first = start;
  while (first < end - 1 && bytes[first] === 0) first += 1;
  return first;
}

/** DER integers have a sign: a set high bit needs a zero byte before it. */
function padOf(bytes: Uint8Array, first: number): number {
  return (bytes[first] ?? 0) >= 0x80 ? 1 : 0;
}
