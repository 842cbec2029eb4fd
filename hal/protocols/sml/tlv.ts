/**
 * SML's type-length-value encoding (SML 1.04, section 6): every item begins with a byte of type (bits 6..4) and length
 * (bits 3..0). Bit 7 says that four more bits of length follow in the next byte. A length counts the item with its
 * type-length bytes, of a list it counts the elements.
 */
import { fail, ok, type Result } from "#base/result.ts";

export type SmlItem =
  /** Nothing is in there where a value is optional. */
  | { readonly kind: "octets"; readonly bytes: Uint8Array }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** 1 to 8 bytes, high byte first: numbers come without their leading bytes, also three or five. */
  | { readonly kind: "integer"; readonly isSigned: boolean; readonly bytes: Uint8Array }
  | { readonly kind: "list"; readonly elements: readonly SmlItem[] }
  /** The last element of a message. */
  | { readonly kind: "end" };

export interface SmlCursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** A time in an entry of a list in a response in a message is seven deep; trees of parameters may be deeper. */
const SML_DEPTH_MAX = 16;

/** The item at the cursor, or in one sentence why there is none. */
export function readItem(cursor: SmlCursor, depth = 0): Result<SmlItem, string> {
  const head = readHead(cursor);
  if (!head.ok) return head;
  const { type, length, headBytes } = head.value;
  if (type === TYPES.octets && length === 0 && headBytes === 1) return ok({ kind: "end" });
  if (type === TYPES.list) return readList(cursor, length, depth);
  const valueBytes = length - headBytes;
  if (valueBytes < 0) return fail("an item that is shorter than its own head");
  if (valueBytes > cursor.bytes.length - cursor.at) return fail(`an item of ${valueBytes} bytes is cut off`);
  cursor.at += valueBytes;
  return readValue(type, cursor.bytes.subarray(cursor.at - valueBytes, cursor.at));
}

/** The number, as signed as it is declared. */
export function integerOf(item: { readonly isSigned: boolean; readonly bytes: Uint8Array }): bigint {
  const unsigned = item.bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return item.isSigned ? BigInt.asIntN(8 * item.bytes.length, unsigned) : unsigned;
}

/** What stands where an optional item is left out. */
export function isNone(item: SmlItem | undefined): boolean {
  return item?.kind === "octets" && item.bytes.length === 0;
}

const TYPES = { octets: 0, boolean: 4, signed: 5, unsigned: 6, list: 7 } as const;
const MORE = 0x80;
/** Four times four bits count further than a telegram is long. */
const HEAD_BYTES_MAX = 4;
const INTEGER_BYTES_MAX = 8;

interface Head {
  readonly type: number;
  readonly length: number;
  readonly headBytes: number;
}

function readHead(cursor: SmlCursor): Result<Head, string> {
  const first = cursor.bytes[cursor.at];
  if (first === undefined) return fail("an item is missing");
  let last = first;
  let length = first & 0x0f;
  let headBytes = 1;
  while ((last & MORE) !== 0) {
    const next = cursor.bytes[cursor.at + headBytes];
    if (next === undefined) return fail("the head of an item is cut off");
    // The bits of the type are zero in what follows the first byte.
    if ((next & 0x70) !== 0 || headBytes === HEAD_BYTES_MAX) return fail("a length that goes on wrongly");
    length = (length << 4) | (next & 0x0f);
    headBytes += 1;
    last = next;
  }
  cursor.at += headBytes;
  return ok({ type: (first >> 4) & 0x07, length, headBytes });
}

function readList(cursor: SmlCursor, count: number, depth: number): Result<SmlItem, string> {
  if (depth >= SML_DEPTH_MAX) return fail(`lists are nested deeper than ${SML_DEPTH_MAX}`);
  // An element has at least one byte.
  if (count > cursor.bytes.length - cursor.at) return fail(`a list of ${count} elements is cut off`);
  const elements: SmlItem[] = [];
  while (elements.length < count) {
    const element = readItem(cursor, depth + 1);
    if (!element.ok) return element;
    elements.push(element.value);
  }
  return ok({ kind: "list", elements });
}

function readValue(type: number, bytes: Uint8Array): Result<SmlItem, string> {
  switch (type) {
    case TYPES.octets:
      return ok({ kind: "octets", bytes });
    case TYPES.boolean:
      return bytes.length === 1 ? ok({ kind: "boolean", value: bytes[0] !== 0 }) : fail("a boolean of several bytes");
    case TYPES.signed:
    case TYPES.unsigned:
      return bytes.length >= 1 && bytes.length <= INTEGER_BYTES_MAX
        ? ok({ kind: "integer", isSigned: type === TYPES.signed, bytes })
        : fail(`an integer of ${bytes.length} bytes`);
    default:
      return fail(`an item of type ${type}, which SML does not have`);
  }
}
