/** Writes deterministic CBOR (RFC 8949, section 4.2.1) into memory that it keeps from item to item. */
import { assert } from "#base/assert.ts";
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from "#core/limits.ts";
import { FALSE, isMap, MAJOR, NULL, TOO_DEEP, TOO_MANY, TRUE, type CborMap, type CborValue } from "./cbor-form.ts";
import { encodeUtf8 } from "./utf8.ts";

/** What was needed for one large item is not kept for ever. */
const KEPT_BYTES_MAX = 65_536;

export class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #items = 0;

  begin(): void {
    this.#length = 0;
    this.#items = 0;
  }

  written(): Uint8Array {
    const written = this.#bytes.slice(0, this.#length);
    if (this.#bytes.length > KEPT_BYTES_MAX) {
      this.#bytes = new Uint8Array(256);
      this.#view = new DataView(this.#bytes.buffer);
    }
    return written;
  }

  item(value: CborValue, depth: number): void {
    this.#items += 1;
    assert(depth <= CBOR_DEPTH_MAX, TOO_DEEP);
    assert(this.#items <= CBOR_ITEMS_MAX, TOO_MANY);
    if (value === null) this.#byte(NULL);
    else if (typeof value === "boolean") this.#byte(value ? TRUE : FALSE);
    else if (typeof value === "number") this.#integer(value);
    else if (typeof value === "string") this.#string(MAJOR.text, encodeUtf8(value));
    else if (value instanceof Uint8Array) this.#string(MAJOR.bytes, value);
    else if (isMap(value)) this.#map(value, depth);
    else this.#array(value, depth);
  }

  #integer(value: number): void {
    if (!Number.isSafeInteger(value)) assert(false, `${value} is no integer of 53 bits`);
    if (value >= 0) this.head(MAJOR.unsigned, value);
    else this.head(MAJOR.negative, -1 - value);
  }

  #string(major: number, content: Uint8Array): void {
    this.head(major, content.length);
    this.#reserve(content.length);
    this.#bytes.set(content, this.#length);
    this.#length += content.length;
  }

  #array(items: readonly CborValue[], depth: number): void {
    this.head(MAJOR.array, items.length);
    for (const item of items) this.item(item, depth + 1);
  }

  /** Section 4.2.1 sorts by the bytes of the encoded keys; for unsigned integers that is the order of their values. */
  #map(map: CborMap, depth: number): void {
    this.head(MAJOR.map, map.size);
    for (const [key, value] of inOrder(map)) {
      if (key < 0) assert(false, `key ${key} is negative`);
      this.item(key, depth + 1);
      this.item(value, depth + 1);
    }
  }

  /** The shortest head that holds the argument: section 4.2.1, "preferred serialization". */
  head(major: number, argument: number): void {
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

/** Shapes list their keys in order already. */
function inOrder(map: CborMap): Iterable<readonly [number, CborValue]> {
  let previous = -Infinity;
  for (const key of map.keys()) {
    if (key < previous) return [...map].sort(([left], [right]) => left - right);
    previous = key;
  }
  return map;
}
