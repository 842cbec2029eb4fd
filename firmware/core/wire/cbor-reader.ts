/** Reads deterministic CBOR and refuses every other form, with the place where it begins. */
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from "#core/limits.ts";
import { FALSE, MAJOR, NULL, TOO_DEEP, TOO_MANY, TRUE, type CborMap, type CborValue } from "./cbor-form.ts";
import { decodeUtf8 } from "./utf8.ts";

export interface CborFault {
  readonly code: "CBOR_NOT_CANONICAL";
  /** Where the refused item starts; the length of the input when it ends too early. */
  readonly offset: number;
  readonly reason: string;
}

export class Refusal extends Error {
  readonly fault: CborFault;
  constructor(offset: number, reason: string) {
    super(reason);
    this.fault = { code: "CBOR_NOT_CANONICAL", offset, reason };
  }
}

export class Reader {
  readonly #input: Uint8Array;
  readonly #isShared: boolean;
  #offset = 0;
  /** Where the item that is being read starts. */
  #start = 0;
  #items = 0;

  constructor(input: Uint8Array, isShared: boolean) {
    this.#isShared = isShared;
    // A plain Uint8Array whatever the input is: a slice of a Buffer would be a Buffer on somebody else's memory.
    const { buffer, byteOffset, byteLength } = input;
    this.#input = input.constructor === Uint8Array ? input : new Uint8Array(buffer, byteOffset, byteLength);
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
    if (depth > CBOR_DEPTH_MAX) throw this.#refusal(TOO_DEEP);
    if (this.#items > CBOR_ITEMS_MAX) throw this.#refusal(TOO_MANY);
    const initial = this.#byte();
    const major = initial >>> 5;
    if (major === MAJOR.simple) return this.#simple(initial);
    if (major === MAJOR.tag) throw this.#refusal("tags are not used");
    const argument = this.#argument(initial & 0x1f);
    if (major === MAJOR.unsigned) return argument;
    if (major === MAJOR.negative) return this.#negative(argument);
    if (major === MAJOR.bytes) return this.#bytes(argument);
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
    this.#expect(width);
    // Eight bytes may be rounded on their way here, but never from above 2^53 to below it.
    let argument = 0;
    for (let place = 0; place < width; place += 1) argument = argument * 256 + this.#byte();
    if (argument < (width === 1 ? 24 : 2 ** (4 * width))) throw this.#refusal("not the shortest form");
    if (!Number.isSafeInteger(argument)) throw this.#refusal("integer wider than 53 bits");
    return argument;
  }

  #negative(argument: number): number {
    if (!Number.isSafeInteger(-1 - argument)) throw this.#refusal("integer wider than 53 bits");
    return -1 - argument;
  }

  #bytes(length: number): Uint8Array {
    this.#expect(length);
    const [from, to] = [this.#offset, this.#offset + length];
    this.#offset = to;
    return this.#isShared ? this.#input.subarray(from, to) : this.#input.slice(from, to);
  }

  #text(length: number): string {
    const text = decodeUtf8(this.#bytes(length));
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

  #byte(): number {
    const byte = this.#input[this.#offset];
    if (byte === undefined) throw new Refusal(this.#input.length, "input ends too early");
    this.#offset += 1;
    return byte;
  }

  #expect(length: number): void {
    if (length > this.#input.length - this.#offset) throw new Refusal(this.#input.length, "input ends too early");
  }

  #refusal(reason: string): Refusal {
    return new Refusal(this.#start, reason);
  }
}
