/** Energies, money, times and ids as people read them. The same everywhere, whatever language the machine is set to. */
import { divideHalfEven } from "#core/metering/whole-numbers.ts";
import { toHex } from "#base/bytes.ts";
import { civilOfUnixMs, dateText } from "./civil-time.ts";

/** `12.345 kWh`; with a smaller unit below, three decimals are rounded half to even. */
export function kwhText(milliWh: number): string {
  const watthours = divideHalfEven(BigInt(Math.abs(milliWh)), MILLI_WH_PER_WH);
  return `${milliWh < 0 ? "-" : ""}${decimalText(watthours, 3)} kWh`;
}

/** `4.32 EUR`, from the minor units of the currency. */
export function moneyText(minorUnits: number, currencyDigits: number, currency: string): string {
  return `${decimalText(BigInt(minorUnits), currencyDigits)} ${currency}`;
}

/** A price of millionths of the unit: `0.35 EUR`. */
export function priceText(microUnits: number, currencyDigits: number, currency: string): string {
  return `${trimZeros(decimalText(BigInt(microUnits), 6), currencyDigits)} ${currency}`;
}

/** `-0.42 %`, from parts per million; cut off, so that a difference below a limit never looks like one at it. */
export function percentText(partsPerMillion: number): string {
  const hundredths = BigInt(Math.trunc(Math.abs(partsPerMillion) / 100));
  return `${partsPerMillion < 0 && hundredths > 0n ? "-" : ""}${decimalText(hundredths, 2)} %`;
}

/** `2026-11-22 12:03:04Z`, from unix seconds. */
export function utcText(unixSeconds: number): string {
  const { date } = civilOfUnixMs(Math.floor(unixSeconds) * 1000);
  return `${dateText(date)} ${clockText(unixSeconds)}`;
}

/** `12:03:04Z`, from unix seconds. */
export function clockText(unixSeconds: number): string {
  const second = Math.floor(unixSeconds) - Math.floor(unixSeconds / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  return `${durationText(second)}Z`;
}

/** `04:00:00`, from seconds. */
export function durationText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(Math.floor(seconds) % 60, 2)}`;
}

/** The first 12 digits of an address, of a block's id or of a fact's. */
export function shortId(id: Uint8Array): string {
  return toHex(id.subarray(0, 6));
}

const MILLI_WH_PER_WH = 1000n;
const SECONDS_PER_DAY = 86_400;

function decimalText(value: bigint, decimals: number): string {
  if (decimals === 0) return value.toString();
  const text = value.toString().padStart(decimals + 1, "0");
  return `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

function trimZeros(text: string, decimalsMin: number): string {
  const [whole = "", fraction = ""] = text.split(".");
  const kept = fraction.replace(/0+$/, "").padEnd(decimalsMin, "0");
  return kept === "" ? whole : `${whole}.${kept}`;
}

function digits(value: number, length: number): string {
  return value.toString().padStart(length, "0");
}
