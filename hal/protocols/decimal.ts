/**
 * Numbers of meters as exact decimal text: an integer and a power of ten, never a float, with no digit lost and none
 * invented. `250.0` says that the meter resolves tenths; `1.6786E+7` says that it resolves thousands. The form is
 * to-scientific-string of the General Decimal Arithmetic Specification, so other decimal libraries read and write it.
 */
export interface Decimal {
  readonly digits: bigint;
  /** The value is digits x 10^exponent. */
  readonly exponent: number;
}

export function decimalText(digits: bigint, exponent: number): string {
  const sign = digits < 0n ? "-" : "";
  const figures = (digits < 0n ? -digits : digits).toString();
  const adjusted = exponent + figures.length - 1;
  if (exponent > 0 || adjusted < PLAIN_EXPONENT_MIN) return sign + scientific(figures, adjusted);
  if (exponent === 0) return sign + figures;
  const padded = figures.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** The number that such a text says, or undefined when it is none. Plain decimals are of this form as well. */
export function readDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", power = "0"] = match;
  const digits = BigInt(whole + fraction);
  return { digits: sign === "-" ? -digits : digits, exponent: Number(power) - fraction.length };
}

/** The specification's threshold: smaller numbers would be mostly zeros. */
const PLAIN_EXPONENT_MIN = -6;

function scientific(figures: string, adjusted: number): string {
  const fraction = figures.length > 1 ? `.${figures.slice(1)}` : "";
  return `${figures.slice(0, 1)}${fraction}E${adjusted < 0 ? "-" : "+"}${Math.abs(adjusted)}`;
}
