/**
 * Base45 (RFC 9285): bytes as the 45 characters that a QR code packs at 5.5 bits each, three characters for two bytes.
 * An encoded text never ends in a space, so it survives being trimmed.
 */
import { fail, ok, type Result } from "#base/result.ts";

export interface Base45Fault {
  readonly code: "BASE45_BAD_TEXT";
  /** Where in the text. */
  readonly place: number;
}

export function encodeBase45(bytes: Uint8Array): string {
  let text = "";
  for (let place = 0; place < bytes.length; place += 2) {
    const [first = 0, second] = bytes.subarray(place, place + 2);
    text += second === undefined ? digits(first, 2) : digits(first * 256 + second, 3);
  }
  return text;
}

/** Refuses other characters, a group that is too large for its bytes, and a length that no bytes have. */
export function decodeBase45(text: string): Result<Uint8Array, Base45Fault> {
  const bytes: number[] = [];
  for (let place = 0; place < text.length; place += 3) {
    const group = Array.from(text.slice(place, place + 3), (character) => ALPHABET.indexOf(character));
    const wrong = group.indexOf(-1);
    if (wrong !== -1) return fail({ code: "BASE45_BAD_TEXT", place: place + wrong });
    const value = group.reduceRight((sum, digit) => sum * 45 + digit, 0);
    const most = group.length === 3 ? 0xffff : 0xff;
    if (group.length === 1 || value > most) return fail({ code: "BASE45_BAD_TEXT", place });
    if (group.length === 3) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return ok(Uint8Array.from(bytes));
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** The least significant digit comes first. */
function digits(value: number, count: number): string {
  let [text, rest] = ["", value];
  for (let place = 0; place < count; place += 1) {
    text += ALPHABET.charAt(rest % 45);
    rest = Math.floor(rest / 45);
  }
  return text;
}
