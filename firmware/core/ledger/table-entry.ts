/** One entry of a table of the state, and how the keys and values of a table are written. */
import { assert } from "#base/assert.ts";
import { joinedText, packBytes, unpackBytes } from "./packed-bytes.ts";

/** How the keys and values of a table are written. All keys of a table have one length. */
export interface TableForm<Value> {
  /** Half byte of the key, from the front. */
  digitAt(key: string, level: number): number;
  keyBytes(key: string): Uint8Array;
  /** Undefined for bytes that are no key of this table. */
  keyOf(bytes: Uint8Array): string | undefined;
  /** What of the value the hash is about. */
  encode(key: string, value: Value): Uint8Array;
  /** From when on, in unix seconds, the entry may be dropped; never without it. Asked for once a value is set. */
  expiresAt?(value: Value): number;
  /** Another form of the value that takes less memory, for one that is hardly asked for again. */
  pack?(key: string, value: Value): NewlyPacked<Value> | undefined;
}

/** A value as text, and what knows how to read it: one for many values. */
export interface Packed<Value> {
  readonly content: string;
  readonly reader: PackedReader<Value>;
}

/** The same with what `encode` would give, which has to be known for it. */
export interface NewlyPacked<Value> extends Packed<Value> {
  readonly encoded: Uint8Array;
}

export interface PackedReader<Value> {
  readonly keyOf: (bytes: Uint8Array) => string | undefined;
  readonly keyLength: number;
  unpack(key: string, content: string): Value;
  encode(content: string, expiresAt: number): Uint8Array;
}

export interface EncodedEntry<Value> {
  readonly encoded: Uint8Array;
  readonly value: Held<Value>;
  readonly expiresAt: number;
}

export type Held<Value> = { readonly plain: Value } | { readonly packed: Packed<Value> };

/**
 * An entry. There may be a hundred thousand of those that are packed, so all of such a one is a single text: key, hash,
 * content.
 */
export class Leaf<Value> {
  #key: string;
  /** As text, which is a fifth of the memory. */
  #hash: string | undefined = undefined;
  #held: Value | string | undefined;
  #reader: PackedReader<Value> | undefined = undefined;
  readonly #expiresAt: number;

  constructor(key: string, value: Value | undefined, expiresAt: number) {
    this.#key = key;
    this.#held = value;
    // A small integer stands in the object itself.
    this.#expiresAt = expiresAt === Infinity ? NEVER : expiresAt;
  }

  get key(): string {
    if (this.#reader === undefined) return this.#key;
    const key = this.#reader.keyOf(unpackBytes(this.#text.slice(0, this.#reader.keyLength)));
    assert(key !== undefined, "a packed entry has its key");
    return key;
  }

  get hash(): string | undefined {
    if (this.#reader === undefined) return this.#hash;
    const { keyLength } = this.#reader;
    return this.#text.slice(keyLength, keyLength + NOTHING.length);
  }

  noteHash(hash: string): void {
    assert(this.#reader === undefined, "a packed entry does not change");
    this.#hash = hash;
  }

  get expiresAt(): number {
    return this.#expiresAt === NEVER ? Infinity : this.#expiresAt;
  }

  get value(): Value {
    if (this.#reader !== undefined) return this.#reader.unpack(this.key, this.#content);
    const held = this.#held;
    assert(held !== undefined, "an entry has a value");
    return held as Value;
  }

  encode(form: TableForm<Value>): Uint8Array {
    if (this.#reader !== undefined) return this.#reader.encode(this.#content, this.expiresAt);
    return form.encode(this.key, this.value);
  }

  /** The hash is known by then. */
  pack(keyBytes: Uint8Array, { content, reader }: Packed<Value>): void {
    const hash = this.#hash;
    assert(hash !== undefined && keyBytes.length === reader.keyLength, "an entry is packed when its hash is known");
    this.#held = joinedText(packBytes(keyBytes), hash, content);
    this.#reader = reader;
    this.#key = "";
    this.#hash = undefined;
  }

  get #text(): string {
    const held = this.#held;
    assert(typeof held === "string", "a packed entry is text");
    return held;
  }

  get #content(): string {
    return this.#text.slice((this.#reader?.keyLength ?? 0) + NOTHING.length);
  }
}

const NEVER = -1;

/** The hash of no entries. */
export const NOTHING = new Uint8Array(32);
