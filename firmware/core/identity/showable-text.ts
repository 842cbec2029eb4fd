/** Text that strangers choose and people are shown. */
import { text, where, type Shape } from "#core/wire/schema.ts";

/** Bytes of an organisation's name. */
export const ORGANISATION_BYTES_MAX = 32;

/** Text of at most `max` bytes that people will be shown. */
export function showableText(max: number): Shape<string> {
  return where(text(max), isShowable, "text without hidden characters");
}

/**
 * Whether a text can be shown without moving what stands around it: no control characters, no line or paragraph
 * separators, no marks that turn the writing direction. The ranges are listed because a class such as `\p{Cf}` changes
 * with the Unicode version, and a fact must be judged alike on every gateway.
 */
function isShowable(name: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(name);
}
