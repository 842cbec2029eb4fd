/**
 * A-XDR data as DLMS sends it (types: DLMS UA Blue Book, 4.1.5; encoding: IEC 61334-6): a tag, perhaps a length, the
 * contents.
 * Lengths and counts are checked against the bytes that are there before anything is made of them.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { floatDecimal } from "./float-decimal.ts";

export type AxdrData =
  | { readonly kind: "none" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** Value = digits x 10^exponent; the exponent is not 0 only where a float was sent. */
  | { readonly kind: "number"; readonly tag: number; readonly digits: bigint; readonly exponent: number }
  /** Octet and bit strings, dates and times. */
  | { readonly kind: "octets"; readonly bytes: Uint8Array }
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "list"; readonly elements: readonly AxdrData[] };

export interface AxdrDocument {
  readonly data: AxdrData;
  /** The bytes ended inside the outermost list: its last elements are missing. */
  readonly isShort: boolean;
}

/** `ended`: more bytes would be needed. `broken`: no bytes behind could mend it. */
export interface AxdrFault {
  readonly code: "ended" | "broken";
  readonly reason: string;
}

export const AXDR_DOUBLE_LONG_UNSIGNED = 0x06;
export const AXDR_INTEGER = 0x0f;
export const AXDR_LONG_UNSIGNED = 0x12;
export const AXDR_ENUM = 0x16;

/** Pushed lists are three deep; what nests further is not one. */
const AXDR_DEPTH_MAX = 8;

/** All of these bytes as one item. */
export function decodeAxdr(bytes: Uint8Array): Result<AxdrDocument, AxdrFault> {
  const cursor: Cursor = { bytes, at: 0 };
  const document = isList(bytes[0]) ? readOutermost(cursor) : readWhole(cursor);
  if (!document.ok || cursor.at === bytes.length) return document;
  return broken(`${bytes.length - cursor.at} bytes follow the data`);
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

type Read<Value> = Result<Value, AxdrFault>;

function readWhole(cursor: Cursor): Read<AxdrDocument> {
  const data = readData(cursor, 0);
  return data.ok ? ok({ data: data.value, isShort: false }) : data;
}

function readOutermost(cursor: Cursor): Read<AxdrDocument> {
  cursor.at += 1;
  const count = readLength(cursor);
  if (!count.ok) return count;
  const elements: AxdrData[] = [];
  while (elements.length < count.value) {
    const element = readData(cursor, 1);
    if (!element.ok && element.fault.code === "broken") return element;
    if (!element.ok) {
      cursor.at = cursor.bytes.length;
      return ok({ data: { kind: "list", elements }, isShort: true });
    }
    elements.push(element.value);
  }
  return ok({ data: { kind: "list", elements }, isShort: false });
}

function readData(cursor: Cursor, depth: number): Read<AxdrData> {
  const tag = cursor.bytes[cursor.at];
  if (tag === undefined) return ended("an element is missing");
  cursor.at += 1;
  if (isList(tag)) return readList(cursor, depth);
  const integer = INTEGERS[tag];
  if (integer !== undefined) return readInteger(cursor, tag, integer);
  const fixedBytes = FIXED_OCTETS[tag];
  if (fixedBytes !== undefined) return readOctets(cursor, fixedBytes, "octets");
  switch (tag) {
    case TAGS.none:
      return ok({ kind: "none" });
    case TAGS.boolean:
      return readBoolean(cursor);
    case TAGS.octetString:
      return readString(cursor, "octets");
    case TAGS.visibleString:
    case TAGS.utf8String:
      return readString(cursor, "text");
    case TAGS.bitString:
      return readBits(cursor);
    case TAGS.float32:
    case TAGS.float64:
      return readFloat(cursor, tag);
    default:
      return broken(`data of type 0x${tag.toString(16).padStart(2, "0")}, which is not read here`);
  }
}

function readList(cursor: Cursor, depth: number): Read<AxdrData> {
  if (depth >= AXDR_DEPTH_MAX) return broken(`lists are nested deeper than ${AXDR_DEPTH_MAX}`);
  const count = readLength(cursor);
  if (!count.ok) return count;
  // An element has at least its tag.
  if (count.value > cursor.bytes.length - cursor.at) return ended(`a list of ${count.value} elements is cut off`);
  const elements: AxdrData[] = [];
  while (elements.length < count.value) {
    const element = readData(cursor, depth + 1);
    if (!element.ok) return element;
    elements.push(element.value);
  }
  return ok({ kind: "list", elements });
}

function readInteger(cursor: Cursor, tag: number, form: IntegerForm): Read<AxdrData> {
  const bytes = take(cursor, form.bytes);
  if (bytes === undefined) return ended("a number is cut off");
  const unsigned = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const digits = form.isSigned ? BigInt.asIntN(8 * form.bytes, unsigned) : unsigned;
  return ok({ kind: "number", tag, digits, exponent: 0 });
}

function readFloat(cursor: Cursor, tag: number): Read<AxdrData> {
  const bytes = take(cursor, tag === TAGS.float32 ? 4 : 8);
  if (bytes === undefined) return ended("a number is cut off");
  const decimal = floatDecimal(bytes);
  return ok(decimal === undefined ? { kind: "none" } : { kind: "number", tag, ...decimal });
}

function readBoolean(cursor: Cursor): Read<AxdrData> {
  const bytes = take(cursor, 1);
  return bytes === undefined ? ended("a boolean is cut off") : ok({ kind: "boolean", value: bytes[0] !== 0 });
}

function readBits(cursor: Cursor): Read<AxdrData> {
  const bits = readLength(cursor);
  return bits.ok ? readOctets(cursor, Math.ceil(bits.value / 8), "octets") : bits;
}

function readString(cursor: Cursor, kind: "octets" | "text"): Read<AxdrData> {
  const length = readLength(cursor);
  return length.ok ? readOctets(cursor, length.value, kind) : length;
}

function readOctets(cursor: Cursor, length: number, kind: "octets" | "text"): Read<AxdrData> {
  const bytes = take(cursor, length);
  return bytes === undefined ? ended(`a string of ${length} bytes is cut off`) : ok({ kind, bytes });
}

/** As IEC 61334-6 writes lengths: one byte up to 127, else the number of bytes that hold the length. */
export function readLength(cursor: { readonly bytes: Uint8Array; at: number }): Read<number> {
  const first = take(cursor, 1)?.[0];
  if (first === undefined) return ended("a length is missing");
  if (first < 0x80) return ok(first);
  if (first === 0x80 || first > 0x84) return broken(`a length of ${first - 0x80} bytes`);
  const bytes = take(cursor, first - 0x80);
  if (bytes === undefined) return ended("a length is cut off");
  return ok(bytes.reduce((length, byte) => length * 256 + byte, 0));
}

function take(cursor: Cursor, length: number): Uint8Array | undefined {
  if (length > cursor.bytes.length - cursor.at) return undefined;
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

function isList(tag: number | undefined): boolean {
  return tag === TAGS.array || tag === TAGS.structure;
}

function ended(reason: string): { readonly ok: false; readonly fault: AxdrFault } {
  return fail({ code: "ended", reason });
}

function broken(reason: string): { readonly ok: false; readonly fault: AxdrFault } {
  return fail({ code: "broken", reason });
}

const TAGS = {
  none: 0x00,
  array: 0x01,
  structure: 0x02,
  boolean: 0x03,
  bitString: 0x04,
  octetString: 0x09,
  visibleString: 0x0a,
  utf8String: 0x0c,
  float32: 0x17,
  float64: 0x18,
} as const;

interface IntegerForm {
  readonly bytes: number;
  readonly isSigned: boolean;
}

const INTEGERS: Readonly<Record<number, IntegerForm>> = {
  0x05: { bytes: 4, isSigned: true },
  0x06: { bytes: 4, isSigned: false },
  0x0d: { bytes: 1, isSigned: true }, // bcd
  0x0f: { bytes: 1, isSigned: true },
  0x10: { bytes: 2, isSigned: true },
  0x11: { bytes: 1, isSigned: false },
  0x12: { bytes: 2, isSigned: false },
  0x14: { bytes: 8, isSigned: true },
  0x15: { bytes: 8, isSigned: false },
  0x16: { bytes: 1, isSigned: false },
};

/** Date-time, date and time. */
const FIXED_OCTETS: Readonly<Record<number, number>> = { 0x19: 12, 0x1a: 5, 0x1b: 4 };
