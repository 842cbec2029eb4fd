/** Exact amounts as decimal digits, for other programs: no unit, no thousands, a point. */
import { roundTo } from "#core/tariff/exact-amount.ts";

/** A whole number of 10^-`decimals`, such as 12345 with 3: `12.345`. */
export function decimalDigits(value: bigint, decimals: number): string {
  const sign = value < 0n ? "-" : "";
  const text = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  return decimals === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

/** A fraction, rounded half to even to so many decimals. */
export function fractionDigits(dividend: bigint, divisor: bigint, decimals: number): string {
  return decimalDigits(roundTo(dividend * 10n ** BigInt(decimals), divisor, "half-even"), decimals);
}

/** Without zeros at the end, but not fewer decimals than `decimalsMin`. */
export function trimDigits(digits: string, decimalsMin = 0): string {
  const [whole = "", fraction = ""] = digits.split(".");
  const kept = fraction.replace(/0+$/, "").padEnd(decimalsMin, "0");
  return kept === "" ? whole : `${whole}.${kept}`;
}
