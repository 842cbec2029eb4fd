/** OBIS codes (IEC 62056-61) as text. On the wire a code is six bytes A to F. */

export const OBIS_CODE_BYTES = 6;

/** `1-0:1.8.0*255`, as SML meters are written about. */
export function fullObisCode(code: Uint8Array): string {
  return `${shortOf(code)}*${code[5] ?? 0}`;
}

/** `1-0:1.8.0`: F is written only where it is not 255, "the present value". */
export function obisCode(code: Uint8Array): string {
  return code[5] === PRESENT ? shortOf(code) : fullObisCode(code);
}

const PRESENT = 255;

function shortOf(code: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = code;
  return `${a}-${b}:${c}.${d}.${e}`;
}
