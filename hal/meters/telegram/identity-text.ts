/** Serial numbers as they stand on the meter, from what it sends for them. */
import { fromHex, toHex } from "#base/bytes.ts";
import type { TelegramValue } from "#hal/protocols/telegram.ts";
import type { CodedValues } from "./coded-values.ts";

/** Of the first code that says something; undefined when none does. */
export function textIn(values: CodedValues, codes: readonly string[], isHexText: boolean): string | undefined {
  for (const code of codes) {
    const found = values.find(code);
    const text = found.kind === "one" ? textOf(found.value, isHexText) : undefined;
    if (text !== undefined && text !== "") return text;
  }
  return undefined;
}

/**
 * Of octets in hex: an identification by DIN 43863-5, `0a01454d480000a1bd34`, as it is printed (1 EMH 00 10599732,
 * without the spaces); a text as text; other octets as hex.
 */
export function octetsText(hex: string): string {
  const bytes = fromHex(hex.toLowerCase());
  if (bytes === undefined || bytes.length === 0) return hex;
  return meterNumber(bytes) ?? printable(bytes) ?? hex.toLowerCase();
}

function textOf({ value, kind }: TelegramValue, isHexText: boolean): string | undefined {
  if (kind === "octets") return octetsText(value);
  const text = value.trim();
  if (kind === "time") return undefined;
  const bytes = isHexText ? fromHex(text.toLowerCase()) : undefined;
  return (bytes === undefined ? undefined : printable(bytes)) ?? text;
}

/** DIN 43863-5: medium, three letters of the maker, block in hex, eight digits; in front how long it is, or 09. */
function meterNumber(bytes: Uint8Array): string | undefined {
  const [length, medium, ...rest] = bytes;
  if (bytes.length !== METER_NUMBER_BYTES || (length !== 0x0a && length !== 0x09) || medium === undefined) {
    return undefined;
  }
  const maker = String.fromCharCode(...rest.slice(0, 3));
  const number = Number.parseInt(toHex(Uint8Array.from(rest.slice(4))), 16);
  if (medium > 9 || !/^[A-Z]{3}$/.test(maker) || number > METER_NUMBER_MAX) return undefined;
  return `${medium}${maker}${toHex(Uint8Array.of(rest[3] ?? 0))}${String(number).padStart(8, "0")}`.toUpperCase();
}

const METER_NUMBER_BYTES = 10;
const METER_NUMBER_MAX = 99_999_999;

function printable(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes).replace(/[\0 ]+$/, "");
  return /^[!-~][ -~]*$/.test(text) ? text : undefined;
}
