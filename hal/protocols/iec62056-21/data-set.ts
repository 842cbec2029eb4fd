/** Data sets `address(value*unit)` as D0 and P1 write them. IEC 62056-21, 6.3.10 and the syntax diagrams of 6.5. */
import type { TelegramValue } from "../telegram.ts";

export interface DataSet {
  /** As sent; empty for a further value of the set before. */
  readonly address: string;
  /** What stands between the brackets. */
  readonly raw: string;
}

/**
 * The data sets of one line, or undefined when it is not a line of data sets. A second pair of brackets without an
 * address in front is a further value of the same set.
 */
export function readDataSets(line: string): readonly DataSet[] | undefined {
  const sets: DataSet[] = [];
  let end = 0;
  for (const match of line.matchAll(/([^()]*)\(([^()]*)\)/gy)) {
    sets.push({ address: match[1] ?? "", raw: match[2] ?? "" });
    end = match.index + match[0].length;
  }
  return end === line.length && sets.length > 0 ? sets : undefined;
}

/**
 * Whether a value can be what a meter has sent, where no sum says so: printable, without the characters that IEC
 * 62056-21 keeps for itself, and a number wherever there is a unit.
 */
export function isPlausibleValue(raw: string, isUnit: (unit: string) => boolean): boolean {
  if (!/^[ -~]*$/.test(raw) || /[()!]/.test(raw)) return false;
  // Some meters have a slash in a unit all the same.
  if (!raw.includes("*")) return !raw.includes("/");
  return raw.split("&").every((part) => {
    const [, , , unit] = QUANTITY.exec(part) ?? [];
    return unit !== undefined && isUnit(unit);
  });
}

/**
 * The values of one pair of brackets. There is one, but for heat meters that put several into one pair
 * (`088*C&082*C`). Without a unit it is a number only if it has a decimal point: `0002` may be a count, a tariff, a
 * serial number or a time.
 */
export function toValues(code: string, raw: string, form: NumberForm): readonly TelegramValue[] {
  const parts = raw.split("&");
  return (parts.every((part) => QUANTITY.test(part)) ? parts : [raw]).map((part) => toValue(code, part, form));
}

/** How numbers are written in the result: with all digits as sent, or without the zeros that only fill up. */
export type NumberForm = "as sent" | "without filling zeros";

function toValue(code: string, raw: string, form: NumberForm): TelegramValue {
  const quantity = QUANTITY.exec(raw);
  if (quantity !== null) {
    const [, sign = "", digits = "", unit = ""] = quantity;
    const value = form === "as sent" ? sign + digits : sign + digits.replace(/^0+(?=\d)/, "");
    return { code, value, kind: "number", unit };
  }
  if (/^\d{12}[SW]$/.test(raw)) return { code, value: raw, kind: "time", unit: null };
  return { code, value: raw, kind: /^[+-]?\d+\.\d+$/.test(raw) ? "number" : "text", unit: null };
}

const QUANTITY = /^([+-]?)(\d+(?:\.\d+)?)\*([^*&]+)$/;
