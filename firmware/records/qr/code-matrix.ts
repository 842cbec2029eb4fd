/** A text as the dark and light squares of a QR code (ISO/IEC 18004), without its quiet zone. */
import { encode } from "uqr";

/** Light squares that have to stay free around a code, on each side (ISO/IEC 18004, 9.1). */
export const QUIET_MODULES = 4;

/**
 * The most characters for which a code is drawn: beyond them its squares are smaller than 0.4 mm at the width that a
 * page gives it, and phones begin to fail.
 */
export const CODE_CHARACTERS_MAX = 3200;

/**
 * Rows from the top, dark is true; undefined for a text that is too long for a code that a phone reads. Of the longer
 * ones less is repeated against stains and creases, so that their squares stay large.
 */
export function codeMatrix(text: string): readonly (readonly boolean[])[] | undefined {
  if (text.length > CODE_CHARACTERS_MAX) return undefined;
  const sturdy = encode(text, { ecc: "M", border: 0 });
  return sturdy.size <= STURDY_MODULES_MAX ? sturdy.data : encode(text, { ecc: "L", border: 0 }).data;
}

const STURDY_MODULES_MAX = 129;
