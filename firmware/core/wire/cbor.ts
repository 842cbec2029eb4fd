/**
 * Deterministic CBOR (RFC 8949, section 4.2.1), the only encoding of anything signed.
 *
 * The subset: integers of at most 53 bits, byte strings, UTF-8 text, arrays, maps with unsigned integer keys, booleans
 * and null. No floats, no tags, no indefinite lengths. The decoder accepts exactly what the encoder writes, so every
 * accepted input has one encoding and may be identified by its bytes.
 */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from "#core/limits.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

export type CborValue = number | Uint8Array | string | boolean | null | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<number, CborValue>;

export interface CborFault {
  readonly code: "CBOR_NOT_CANONICAL";
  /** Where the refused item starts; the length of the input when it ends too early. */
  readonly offset: number;
  readonly reason: string;
}

/** @throws a bug for a value outside the subset: a fraction, a negative key, too deep, too many items. */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new Writer();
  writer.item(value, 0);
  return writer.written();
}

/**
 * Decodes one item that fills the input, or says where the input leaves the canonical form. Shares no memory with it.
 */
export function decodeCbor(input: Uint8Array): Result<CborValue, CborFault> {
  const reader = new Reader(input);
  try {
    return ok(reader.only());
  } catch (refusal) {
    if (refusal instanceof Refusal) return fail(refusal.fault);
    throw refusal;
  }
}

export function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

export function isMap(value: CborValue): value is CborMap {
  return value instanceof Map;
}

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #items = 0;

  written(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  item(value: CborValue, depth: number): void {
    this.#items += 1;
    assert(depth <= CBOR_DEPTH_MAX, `nested deeper than ${CBOR_DEPTH_MAX}`);
    assert(this.#items <= CBOR_ITEMS_MAX, `more than ${CBOR_ITEMS_MAX} items`);
    if (value === null) this.#byte(NULL);
    else if (typeof value === "boolean") this.#byte(value ? TRUE : FALSE);
    else if (typeof value === "number") this.#integer(value);
    else if (typeof value === "string") this.#string(MAJOR.text, encodeUtf8(value));
    else if (value instanceof Uint8Array) this.#string(MAJOR.bytes, value);
    else if (isMap(value)) this.#map(value, depth);
    else this.#array(value, depth);
  }

  #integer(value: number): void {
    assert(Number.isSafeInteger(value), `${value} is no integer of 53 bits`);
    if (value >= 0) this.#head(MAJOR.unsigned, value);
    else this.#head(MAJOR.negative, -1 - value);
  }

  #string(major: number, content: Uint8Array): void {
    this.#head(major, content.length);
    this.#reserve(content.length);
    this.#bytes.set(content, this.#length);
    this.#length += content.length;
  }

  #array(items: readonly CborValue[], depth: number): void {
    this.#head(MAJOR.array, items.length);
    for (const item of items) this.item(item, depth + 1);
  }

  /** Section 4.2.1 sorts by the bytes of the encoded keys; for unsigned integers that is the order of their values. */
  #map(map: CborMap, depth: number): void {
    this.#head(MAJOR.map, map.size);
    for (const [key, value] of [...map].sort(([left], [right]) => left - right)) {
      assert(key >= 0, `key ${key} is negative`);
      this.item(key, depth + 1);
      this.item(value, depth + 1);
    }
  }

  /** The shortest head that holds the argument: section 4.2.1, "preferred serialization". */
  #head(major: number, argument: number): void {
    const type = major << 5;
    const after = this.#length + 1;
    if (argument < 24) this.#byte(type | argument);
    else if (argument < 0x100) this.#byte(type | 24, 1).setUint8(after, argument);
    else if (argument < 0x10000) this.#byte(type | 25, 2).setUint16(after, argument);
    else if (argument < 0x100000000) this.#byte(type | 26, 4).setUint32(after, argument);
    else this.#byte(type | 27, 8).setBigUint64(after, BigInt(argument));
  }

  /** Writes one byte and leaves room for `following` more, to be filled through the view. */
  #byte(byte: number, following = 0): DataView {
    this.#reserve(1 + following);
    this.#bytes[this.#length] = byte;
    this.#length += 1 + following;
    return this.#view;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

class Refusal extends Error {
  readonly fault: CborFault;
  constructor(offset: number, reason: string) {
    super(reason);
    this.fault = { code: "CBOR_NOT_CANONICAL", offset, reason };
  }
}

class Reader {
  readonly #input: Uint8Array;
  readonly #view: DataView;
  #offset = 0;
  /** Where the item that is being read starts. */
  #start = 0;
  #items = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
    this.#view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  }

  /** The one item that the input is. */
  only(): CborValue {
    const value = this.#item(0);
    if (this.#offset !== this.#input.length) throw new Refusal(this.#offset, "bytes after the item");
    return value;
  }

  #item(depth: number): CborValue {
    this.#start = this.#offset;
    this.#items += 1;
    if (depth > CBOR_DEPTH_MAX) throw this.#refusal(`nested deeper than ${CBOR_DEPTH_MAX}`);
    if (this.#items > CBOR_ITEMS_MAX) throw this.#refusal(`more than ${CBOR_ITEMS_MAX} items`);
    const initial = this.#take(1)[0] ?? 0;
    const major = initial >>> 5;
    if (major === MAJOR.simple) return this.#simple(initial);
    if (major === MAJOR.tag) throw this.#refusal("tags are not used");
    const argument = this.#argument(initial & 0x1f);
    if (major === MAJOR.unsigned) return argument;
    if (major === MAJOR.negative) return this.#negative(argument);
    // A plain Uint8Array whatever the input is: a slice of a Buffer would be a Buffer on somebody else's memory.
    if (major === MAJOR.bytes) return new Uint8Array(this.#take(argument));
    if (major === MAJOR.text) return this.#text(argument);
    return major === MAJOR.array ? this.#array(argument, depth) : this.#map(argument, depth);
  }

  #simple(initial: number): CborValue {
    if (initial === NULL) return null;
    if (initial === TRUE) return true;
    if (initial === FALSE) return false;
    throw this.#refusal("floats and other simple values are not used");
  }

  #argument(low: number): number {
    if (low < 24) return low;
    if (low > 27) throw this.#refusal("indefinite or reserved length");
    const width = 1 << (low - 24);
    const at = this.#offset;
    this.#take(width);
    const argument = this.#unsignedAt(at, width);
    if (argument < (width === 1 ? 24 : 2 ** (4 * width))) throw this.#refusal("not the shortest form");
    // A number of 64 bits is rounded on its way here, but never from above 2^53 to below it.
    if (!Number.isSafeInteger(argument)) throw this.#refusal("integer wider than 53 bits");
    return argument;
  }

  #unsignedAt(at: number, width: number): number {
    if (width === 1) return this.#view.getUint8(at);
    if (width === 2) return this.#view.getUint16(at);
    return width === 4 ? this.#view.getUint32(at) : Number(this.#view.getBigUint64(at));
  }

  #negative(argument: number): number {
    if (!Number.isSafeInteger(-1 - argument)) throw this.#refusal("integer wider than 53 bits");
    return -1 - argument;
  }

  #text(length: number): string {
    const text = decodeUtf8(this.#take(length));
    if (text === undefined) throw this.#refusal("text is not UTF-8");
    return text;
  }

  /** Every item takes a byte at least, so a length beyond the rest is refused before anything is allocated for it. */
  #array(length: number, depth: number): CborValue[] {
    this.#expect(length);
    const items: CborValue[] = [];
    for (let index = 0; index < length; index += 1) items.push(this.#item(depth + 1));
    return items;
  }

  #map(size: number, depth: number): CborMap {
    this.#expect(2 * size);
    const map = new Map<number, CborValue>();
    let previous = -1;
    for (let index = 0; index < size; index += 1) {
      const key = this.#key(depth);
      if (key <= previous) throw this.#refusal(key === previous ? "key given twice" : "keys out of order");
      previous = key;
      map.set(key, this.#item(depth + 1));
    }
    return map;
  }

  /** Looks at the type first: a container must not be read to its end to learn that it is no key. */
  #key(depth: number): number {
    const initial = this.#input[this.#offset];
    if (initial !== undefined && initial >>> 5 !== MAJOR.unsigned) {
      throw new Refusal(this.#offset, "keys are unsigned integers");
    }
    return Number(this.#item(depth + 1));
  }

  #take(length: number): Uint8Array {
    this.#expect(length);
    this.#offset += length;
    return this.#input.subarray(this.#offset - length, this.#offset);
  }

  #expect(length: number): void {
    if (length > this.#input.length - this.#offset) throw new Refusal(this.#input.length, "input ends too early");
  }

  #refusal(reason: string): Refusal {
    return new Refusal(this.#start, reason);
  }
}
