/** A decimal number as a person writes it, as a whole number of its smallest unit: exactly, or not at all. */

/** `7.5` with 2 digits is 750; undefined for what is no such number, has more decimals, or is out of all proportion. */
export function scaled(text: unknown, digits: number): number | undefined {
  const [, whole = "", fraction = ""] = (typeof text === "string" ? DECIMAL.exec(text) : null) ?? [];
  if (whole === "" || fraction.length > digits) return undefined;
  return Number(whole) * 10 ** digits + Number(fraction.padEnd(digits, "0"));
}

/** Nine digits before the point and six behind it stay below 2^53. */
const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/;
