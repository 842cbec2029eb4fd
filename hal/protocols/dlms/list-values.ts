/** Elements of a pushed list as values of a telegram. */
import type { TelegramValue } from "../telegram.ts";
import { toHex } from "#base/bytes.ts";
import { AXDR_ENUM, AXDR_INTEGER, type AxdrData } from "./axdr.ts";
import { decimalText } from "../decimal.ts";
import { printableText } from "../ascii.ts";
import { unitName } from "./units.ts";

/** What a register's scaler_unit says (COSEM class 3, attribute 3): the value counts 10^exponent of the unit. */
export interface ScalerUnit {
  readonly exponent: number;
  readonly unit: string | null;
}

export const UNSCALED: ScalerUnit = { exponent: 0, unit: null };

/**
 * The value; undefined for lists, which are no value. Texts are what the meter declares as text, if it can be printed;
 * octet strings stay hex even where they look like text, and so does time. An element without data has no octets.
 */
export function listValue(code: string, data: AxdrData, scale: ScalerUnit = UNSCALED): TelegramValue | undefined {
  switch (data.kind) {
    case "number":
      return {
        code,
        value: decimalText(data.digits, data.exponent + scale.exponent),
        kind: "number",
        unit: scale.unit,
      };
    case "boolean":
      return { code, value: data.value ? "true" : "false", kind: "text", unit: null };
    case "none":
      return { code, value: "", kind: "octets", unit: null };
    case "octets":
      return { code, value: toHex(data.bytes), kind: "octets", unit: null };
    case "text": {
      const text = printableText(data.bytes);
      return text === undefined
        ? { code, value: toHex(data.bytes), kind: "octets", unit: null }
        : { code, value: text, kind: "text", unit: null };
    }
    case "list":
      return undefined;
  }
}

/** A structure of scaler (integer) and unit (enum), or undefined. */
export function readScalerUnit(data: AxdrData | undefined): ScalerUnit | undefined {
  if (data?.kind !== "list" || data.elements.length !== 2) return undefined;
  const [scaler, unit] = data.elements;
  if (scaler?.kind !== "number" || scaler.tag !== AXDR_INTEGER) return undefined;
  if (unit?.kind !== "number" || unit.tag !== AXDR_ENUM) return undefined;
  return { exponent: Number(scaler.digits), unit: unitName(Number(unit.digits)) };
}
