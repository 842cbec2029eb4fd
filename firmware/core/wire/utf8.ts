/**
 * UTF-8 by hand (RFC 3629): this layer has no TextEncoder, the texts of signed objects are short, and the decoder must
 * refuse what the platform's own one repairs.
 */
import { assert } from "#base/assert.ts";

/** @throws a bug for half a surrogate pair, which has no UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    assert(!isSurrogate(point), "text has half a surrogate pair");
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >>> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >>> 12), tail(point >>> 6), tail(point));
    else bytes.push(0xf0 | (point >>> 18), tail(point >>> 12), tail(point >>> 6), tail(point));
  }
  return Uint8Array.from(bytes);
}

/** Undefined for anything that the encoder above would not have written: overlong forms, surrogates, stray bytes. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let index = 0; index < bytes.length;) {
    const first = bytes[index] ?? 0;
    const length = lengthOf(first);
    if (length === 0 || index + length > bytes.length) return undefined;
    let point = length === 1 ? first : first & (0x7f >>> length);
    for (let next = 1; next < length; next += 1) {
      const byte = bytes[index + next] ?? 0;
      if (byte >>> 6 !== 2) return undefined;
      point = (point << 6) | (byte & 0x3f);
    }
    if (point < (LEAST[length] ?? 0) || point > 0x10ffff || isSurrogate(point)) return undefined;
    text += String.fromCodePoint(point);
    index += length;
  }
  return text;
}

/** The least code point that needs so many bytes: anything below is an overlong form. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000] as const;

/** Bytes of the character that starts with this one; 0 when no character does. */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first >>> 5 === 0b110) return 2;
  if (first >>> 4 === 0b1110) return 3;
  return first >>> 3 === 0b11110 ? 4 : 0;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}
