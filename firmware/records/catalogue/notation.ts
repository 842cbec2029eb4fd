/**
 * How a language writes numbers, money and times. Everything is exact: whole numbers in, decimal digits out, never a
 * binary fraction and never the machine's own settings. Numbers and units are kept together by a no-break space.
 */
import { divideHalfEven } from "#core/metering/whole-numbers.ts";
import { civilOfUnixMs } from "../civil-time.ts";

export interface Notation {
  readonly decimalPoint: "." | ",";
  /** Between groups of three digits. */
  readonly groupMark: "," | ".";
  /** Where the currency stands: `€4.32` or `4,32 €`. */
  readonly currencyPlace: "before" | "after";
  readonly date: (day: number, month: number, year: number) => string;
}

/** Between a number and its unit. */
export const NO_BREAK = "\u00a0";

/** A currency as it stands in the terms. */
export interface Currency {
  /** ISO 4217. */
  readonly code: string;
  /** Digits of its minor unit. */
  readonly digits: number;
}

/** `1,234.50` from a whole number of 10⁻ᵈ; `least` digits stay after the point even when they are 0. */
export function decimalText(notation: Notation, value: bigint, decimals: number, least = decimals): string {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits
    .slice(digits.length - decimals)
    .replace(/0+$/, "")
    .padEnd(least, "0");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, notation.groupMark);
  const sign = value < 0n ? MINUS : "";
  return `${sign}${grouped}${fraction === "" ? "" : `${notation.decimalPoint}${fraction}`}`;
}

/** `57.42 kWh`, rounded half to even to so many decimals. */
export function energyText(notation: Notation, milliWh: number, decimals = 3): string {
  const step = 10n ** BigInt(6 - decimals);
  return `${decimalText(notation, divideHalfEven(BigInt(milliWh), step), decimals)}${NO_BREAK}kWh`;
}

/** `11.0 kW`. */
export function powerText(notation: Notation, watts: number): string {
  return `${decimalText(notation, divideHalfEven(BigInt(watts), 100n), 1)}${NO_BREAK}kW`;
}

/** `1.96 %`, cut off, so that a difference below a limit never looks like one at it. */
export function shareText(notation: Notation, partsPerMillion: number, decimals = 2): string {
  const step = 10 ** (4 - decimals);
  const parts = BigInt(Math.trunc(partsPerMillion / step));
  return `${decimalText(notation, parts, decimals)}${NO_BREAK}%`;
}

/** `89.7 %`, rounded half to even; from 0 on. */
export function roundedShareText(notation: Notation, partsPerMillion: number, decimals = 1): string {
  const parts = divideHalfEven(BigInt(partsPerMillion), 10n ** BigInt(4 - decimals));
  return `${decimalText(notation, parts, decimals)}${NO_BREAK}%`;
}

/** `88–95 %`, or `99.1–100 %`: no more decimals than both need. */
export function bandText(notation: Notation, leastPpm: number, mostPpm: number): string {
  const texts = [leastPpm, mostPpm].map((ppm) => decimalText(notation, BigInt(Math.trunc(ppm / 1000)), 1, 0));
  return `${texts.join("–")}${NO_BREAK}%`;
}

/** An amount of 10⁻ᵈ of the currency unit: `€4.32`, `4,32 €`, `CHF 4.32`. */
export function moneyText(
  notation: Notation,
  { code }: Currency,
  amount: { readonly value: bigint; readonly decimals: number; readonly least?: number },
): string {
  const { value, decimals, least = decimals } = amount;
  const number = decimalText(notation, value < 0n ? -value : value, decimals, least);
  const symbol = SYMBOLS.get(code);
  const sign = value < 0n ? MINUS : "";
  if (notation.currencyPlace === "after") return `${sign}${number}${NO_BREAK}${symbol ?? code}`;
  return symbol === undefined ? `${sign}${code}${NO_BREAK}${number}` : `${sign}${symbol}${number}`;
}

/** An amount of minor units. */
export function minorText(notation: Notation, currency: Currency, minorUnits: number): string {
  return moneyText(notation, currency, { value: BigInt(minorUnits), decimals: currency.digits });
}

/** `22 Nov 2026` of an instant whose clock is so many seconds ahead of UTC. */
export function dateText(notation: Notation, unixSeconds: number, aheadSeconds = 0): string {
  const [year, month, day] = civilOfUnixMs((Math.floor(unixSeconds) + aheadSeconds) * 1000).date;
  return notation.date(day, month, year);
}

/** `13:03:04`, on the same clock. */
export function clockText(unixSeconds: number, aheadSeconds = 0): string {
  const second = Math.floor(unixSeconds) + aheadSeconds;
  return hoursText(second - Math.floor(second / SECONDS_PER_DAY) * SECONDS_PER_DAY);
}

/** `1:05:09`, a length of time, from seconds. */
export function lengthText(seconds: number): string {
  const text = hoursText(seconds);
  return text.startsWith("0") ? text.slice(1) : text;
}

/** U+2013 stands in every font's encoding, the true minus sign does not. */
const MINUS = "–";
const SECONDS_PER_DAY = 86_400;

/** Symbols that mean one currency only, and that the standard fonts of a PDF have. */
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["EUR", "€"],
  ["GBP", "£"],
]);

function hoursText(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => part.toString().padStart(2, "0")).join(":");
}
