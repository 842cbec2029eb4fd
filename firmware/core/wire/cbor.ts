/**
 * Deterministic CBOR (RFC 8949, section 4.2.1), the only encoding of anything signed.
 *
 * The subset: integers of at most 53 bits, byte strings, UTF-8 text, arrays, maps with unsigned integer keys, booleans
 * and null. No floats, no tags, no indefinite lengths. The decoder accepts exactly what the encoder writes, so every
 * accepted input has one encoding and may be identified by its bytes.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { MAJOR, type CborValue } from "./cbor-form.ts";
import { Reader, Refusal, type CborFault } from "./cbor-reader.ts";
import { Writer } from "./cbor-writer.ts";

export { isList, isMap, type CborMap, type CborValue } from "./cbor-form.ts";
export type { CborFault } from "./cbor-reader.ts";

/** One for all: writing an item calls nobody else, and its result is a copy. */
const WRITER = new Writer();

/** @throws a bug for a value outside the subset: a fraction, a negative key, too deep, too many items. */
export function encodeCbor(value: CborValue): Uint8Array {
  WRITER.begin();
  WRITER.item(value, 0);
  return WRITER.written();
}

/** What stands before a byte string of so many bytes. */
export function byteStringHead(length: number): Uint8Array {
  WRITER.begin();
  WRITER.head(MAJOR.bytes, length);
  return WRITER.written();
}

/** Bytes of the head of an item with that length. */
export function headBytes(length: number): number {
  if (length < 24) return 1;
  if (length < 0x100) return 2;
  if (length < 0x10000) return 3;
  return length < 0x100000000 ? 5 : 9;
}

/**
 * Decodes one item that fills the input, or says where the input leaves the canonical form. Shares no memory with it.
 */
export function decodeCbor(input: Uint8Array): Result<CborValue, CborFault> {
  return readAll(new Reader(input, false));
}

/**
 * The same, but byte strings are parts of the input and not copies: for whoever keeps the input anyway and wants to
 * look further into it. A copy of a few hundred bytes costs more than reading them.
 */
export function viewCbor(input: Uint8Array): Result<CborValue, CborFault> {
  return readAll(new Reader(input, true));
}

function readAll(reader: Reader): Result<CborValue, CborFault> {
  try {
    return ok(reader.only());
  } catch (refusal) {
    if (refusal instanceof Refusal) return fail(refusal.fault);
    throw refusal;
  }
}
