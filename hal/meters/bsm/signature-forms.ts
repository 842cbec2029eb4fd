/** Keys and signatures as the meter gives them, and as P-256 verification takes them. */
import { concatBytes, equalBytes } from "#base/bytes.ts";

/** SubjectPublicKeyInfo (RFC 5480, section 2) of a P-256 key up to its point, of which 64 bytes follow. */
const KEY_HEAD = Uint8Array.of(
  ...[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48],
  ...[0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04],
);
const COORDINATE_BYTES = 32;

/** The compressed point (SEC 1, section 2.3.3). Undefined for anything but a P-256 key in this one form. */
export function compressedKey(key: Uint8Array): Uint8Array | undefined {
  if (key.length !== KEY_HEAD.length + 2 * COORDINATE_BYTES) return undefined;
  if (!equalBytes(key.subarray(0, KEY_HEAD.length), KEY_HEAD)) return undefined;
  const x = key.subarray(KEY_HEAD.length, KEY_HEAD.length + COORDINATE_BYTES);
  const isOdd = ((key.at(-1) ?? 0) & 1) === 1;
  return concatBytes(Uint8Array.of(isOdd ? 0x03 : 0x02), x);
}

/**
 * r then s of an Ecdsa-Sig-Value in DER (RFC 3279, section 2.2.3), each 32 bytes. The meter signs with either of the
 * two s that are valid; (r, n - s) holds exactly when (r, s) does, so the smaller one is given. Undefined for other
 * bytes than that one form: also for a length too much or a number that is too large or negative.
 */
export function plainSignature(der: Uint8Array): Uint8Array | undefined {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  const s = r === undefined ? undefined : integerAt(der, r.end);
  if (r === undefined || s === undefined || s.end !== der.length) return undefined;
  const isInRange = [r.value, s.value].every((value) => value > 0n && value < ORDER);
  if (!isInRange) return undefined;
  return concatBytes(bytesOf(r.value), bytesOf(s.value > ORDER / 2n ? ORDER - s.value : s.value));
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** Of the group of P-256 (SP 800-186, section 3.2.1.3). */
const ORDER = 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n;

interface DerInteger {
  readonly value: bigint;
  readonly end: number;
}

/** Positive and written in the shortest way: DER has no other. */
function integerAt(der: Uint8Array, at: number): DerInteger | undefined {
  const length = der[at + 1];
  const end = at + 2 + (length ?? 0);
  if (der[at] !== INTEGER || length === undefined || length === 0 || end > der.length) return undefined;
  const [first = 0, second = 0] = der.subarray(at + 2, end);
  if (first >= 0x80 || (first === 0 && length > 1 && second < 0x80)) return undefined;
  const value = der.subarray(at + 2, end).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { value, end };
}

function bytesOf(value: bigint): Uint8Array {
  const shift = (index: number): bigint => BigInt(8 * (COORDINATE_BYTES - 1 - index));
  return Uint8Array.from({ length: COORDINATE_BYTES }, (_, index) => Number((value >> shift(index)) & 0xffn));
}
