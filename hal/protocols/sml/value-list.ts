/** GetList.Res, the message with the readings (SML 1.04, section 5), and its entries. */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { decimalText } from "../decimal.ts";
import { fullObisCode, OBIS_CODE_BYTES } from "../dlms/obis-code.ts";
import { printableText } from "../ascii.ts";
import { unitName } from "../dlms/units.ts";
import type { TelegramValue } from "../telegram.ts";
import { isSentUnsigned } from "./device-quirks.ts";
import { integerOf, isNone, type SmlItem } from "./tlv.ts";

export interface SmlList {
  /** Identification of the meter, in hex: as DIN 43863-5 orders it (`0a01`, then the maker), or a text of its own. */
  readonly serverId: string;
  /** Seconds that the meter counts from its start, or from 1970 if it knows the time; null when it does not say. */
  readonly sensorTimeS: number | null;
  readonly values: readonly TelegramValue[];
}

/** The list, or in one sentence why it is none. */
export function readValueList(body: SmlItem): Result<SmlList, string> {
  if (body.kind !== "list" || body.elements.length !== LIST_ELEMENTS) return fail("a response that is not a list of 7");
  const [, server, , sensorTime, entries] = body.elements;
  if (server?.kind !== "octets") return fail("a response without server id");
  if (entries?.kind !== "list") return fail("a response without list of values");
  const serverId = toHex(server.bytes);
  const values: TelegramValue[] = [];
  for (const entry of entries.elements) {
    const value = readEntry(entry, serverId);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return ok({ serverId, sensorTimeS: readTime(sensorTime), values });
}

const LIST_ELEMENTS = 7;
const ENTRY_ELEMENTS = 7;

/**
 * Name, status, time, unit, scaler, value, signature. Status, time and signature are stepped over, whatever their form:
 * Holley's meters send a bare number where a time is a choice.
 */
function readEntry(entry: SmlItem, serverId: string): Result<TelegramValue, string> {
  if (entry.kind !== "list" || entry.elements.length !== ENTRY_ELEMENTS) return fail("a value that is not a list of 7");
  const [name, , , unit, scaler, value] = entry.elements;
  if (name?.kind !== "octets") return fail("a value without name");
  const unitCode = readSmall(unit, "unsigned");
  const exponent = readSmall(scaler, "signed");
  if (unitCode === undefined || exponent === undefined) return fail("a value whose unit or scaler is no number");
  const code = name.bytes.length === OBIS_CODE_BYTES ? fullObisCode(name.bytes) : toHex(name.bytes);
  return value === undefined ? fail("a value is missing") : readValue(value, { code, unitCode, exponent, serverId });
}

interface ValueContext {
  readonly code: string;
  readonly unitCode: number;
  readonly exponent: number;
  readonly serverId: string;
}

/**
 * Octets that are printable ASCII throughout are a text, others are hex; no value at all is no octets. Units belong to
 * numbers: some meters send one with every text.
 */
function readValue(item: SmlItem, context: ValueContext): Result<TelegramValue, string> {
  const { code, unitCode, exponent, serverId } = context;
  switch (item.kind) {
    case "integer": {
      const isSigned = item.isSigned && !isSentUnsigned({ serverId, code, bytes: item.bytes.length });
      const digits = integerOf({ isSigned, bytes: item.bytes });
      return ok({ code, value: decimalText(digits, exponent), kind: "number", unit: unitName(unitCode) });
    }
    case "octets": {
      const text = printableText(item.bytes);
      return ok({ code, value: text ?? toHex(item.bytes), kind: text === undefined ? "octets" : "text", unit: null });
    }
    case "boolean":
      return ok({ code, value: item.value ? "true" : "false", kind: "text", unit: null });
    case "list": {
      // SML 1.05 has lists as values, of which there is one: a time.
      const seconds = readTime(item.elements[1]);
      return seconds === null
        ? fail("a value of unknown form")
        : ok({ code, value: `${seconds}`, kind: "time", unit: "s" });
    }
    case "end":
      return fail("an end mark in place of a value");
  }
}

/** 0 where it is left out; undefined where it is no such number. */
function readSmall(item: SmlItem | undefined, sign: "signed" | "unsigned"): number | undefined {
  if (isNone(item)) return 0;
  if (item?.kind !== "integer" || item.isSigned !== (sign === "signed") || item.bytes.length !== 1) return undefined;
  return Number(integerOf(item));
}

/** A choice of seconds' index, timestamp, or local time with its offsets; or the bare number that Holley sends. */
function readTime(item: SmlItem | undefined): number | null {
  if (item?.kind === "integer" && !item.isSigned && item.bytes.length <= TIME_BYTES_MAX) return Number(integerOf(item));
  if (item?.kind !== "list" || item.elements.length < 2) return null;
  const [, seconds] = item.elements;
  return readTime(seconds?.kind === "list" ? seconds.elements[0] : seconds);
}

const TIME_BYTES_MAX = 4;
