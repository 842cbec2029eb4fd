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

/** Four bytes at a time: text that grows by two characters is slow to make, and slow for whoever looks it up. */
export function toHex(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 4);
  let text = "";
  for (let at = 0; at < whole; at += 4) text += fourInHex(bytes, at);
  for (let at = whole; at < bytes.length; at += 1) text += String.fromCharCode(high(bytes, at), low(bytes, at));
  return text;
}

function fourInHex(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    high(bytes, at),
    low(bytes, at),
    high(bytes, at + 1),
    low(bytes, at + 1),
    high(bytes, at + 2),
    low(bytes, at + 2),
    high(bytes, at + 3),
    low(bytes, at + 3),
  );
}

/** The code of a byte's first digit. */
function high(bytes: Uint8Array, at: number): number {
  return CODES[(bytes[at] ?? 0) >> 4] ?? 0;
}

/** The code of its second. */
function low(bytes: Uint8Array, at: number): number {
  return CODES[(bytes[at] ?? 0) & 0xf] ?? 0;
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
