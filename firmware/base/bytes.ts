/** Byte strings as the whole project handles them: `Uint8Array`, compared by value, shown as lower-case hex. */

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}

/** Lexicographic order of the bytes; a prefix comes first. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * A hash or key in one step: text that grows piece by piece takes three times the memory of its characters for as long
 * as anybody keeps it, and longer to be looked up.
 */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length <= AT_ONCE) return digitsOf(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += digitsOf(bytes.subarray(at, at + AT_ONCE));
  return text;
}

/** As many as a call may have arguments, and more than a key or signature has. */
const AT_ONCE = 256;

function digitsOf(bytes: Uint8Array): string {
  const codes = new Array<number>(2 * bytes.length);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    codes[2 * at] = CODES[byte >> 4] ?? 0;
    codes[2 * at + 1] = CODES[byte & 0xf] ?? 0;
  }
  return String.fromCharCode(...codes);
}

const CODES = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));

/** A whole number in so many capital digits at least, as identifiers and codes of devices are written. */
export function hexDigits(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** The bytes of a hex text, or undefined when it is not one. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    const high = DIGITS[text.charCodeAt(2 * index)] ?? NO_DIGIT;
    const low = DIGITS[text.charCodeAt(2 * index + 1)] ?? NO_DIGIT;
    if (high === NO_DIGIT || low === NO_DIGIT) return undefined;
    bytes[index] = 16 * high + low;
  }
  return bytes;
}

const NO_DIGIT = 0xff;
/** The value of each character, by its code. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return value < 0 ? NO_DIGIT : value;
});
