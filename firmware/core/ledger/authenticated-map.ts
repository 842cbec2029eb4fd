/**
 * A table of the ledger's state, of which every past version can be kept and whose whole content has one hash.
 *
 * It is a trie over the half bytes of the keys. Its paths are copied when they are written, so that each block's state
 * is a layer over its parent's, branches share what they have in common, and abandoning one costs nothing. Its form
 * depends on what is in it and on nothing else, so the hash does not know in which order things came; hashes are
 * computed when somebody asks and kept, so a root costs what has changed since the last one.
 *
 *     hash of nothing          32 zero bytes
 *     hash of one entry        H(0x00 || key || H(value))       wherever it stands
 *     hash of several entries  H(0x01 || hash of those whose next half byte is 0 || … || … is 15)
 */
import { assert } from "#base/assert.ts";
import { concatBytes } from "#base/bytes.ts";
import type { Hash } from "./merkle-tree.ts";
import { packBytes, unpackBytes } from "./packed-bytes.ts";

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
  pack?(key: string, value: Value): Packed<Value> | undefined;
}

export interface Packed<Value> {
  unpack(key: string): Value;
  encode(): Uint8Array;
}

export class AuthenticatedMap<Value> {
  readonly form: TableForm<Value>;
  #root: Slot<Value> = undefined;
  #size = 0;

  constructor(form: TableForm<Value>) {
    this.form = form;
  }

  get size(): number {
    return this.#size;
  }

  /** A new layer on top of this one; what is set in one of them is not seen in the other. */
  layer(): AuthenticatedMap<Value> {
    const upper = new AuthenticatedMap(this.form);
    upper.#root = this.#root;
    upper.#size = this.#size;
    return upper;
  }

  /** A table of the same form with nothing in it. */
  emptied(): AuthenticatedMap<Value> {
    return new AuthenticatedMap(this.form);
  }

  get(key: string): Value | undefined {
    return this.#find(key)?.value;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  set(key: string, value: Value): void {
    if (!this.has(key)) this.#size += 1;
    this.#root = this.#put(this.#root, 0, new Leaf(key, value, this.form.expiresAt?.(value) ?? Infinity));
  }

  /** The same with an entry as another state had it; `value` may be packed already. */
  setEncoded(key: string, { encoded, value, expiresAt }: EncodedEntry<Value>, hash: Hash): void {
    const leaf = new Leaf<Value>(key, undefined, expiresAt);
    leaf.hold(value);
    leaf.hash = packBytes(leafHash(this.form.keyBytes(key), encoded, hash));
    if (!this.has(key)) this.#size += 1;
    this.#root = this.#put(this.#root, 0, leaf);
  }

  delete(key: string): void {
    if (!this.has(key)) return;
    this.#size -= 1;
    this.#root = this.#without(this.#root, 0, key);
  }

  /** All of them, in the order of the keys; a value that is packed is unpacked, so keep no more than is needed. */
  *walk(): Generator<readonly [key: string, value: Value]> {
    for (const leaf of leavesIn(this.#root)) yield [leaf.key, leaf.value];
  }

  *keys(): Generator<string> {
    for (const { key } of leavesIn(this.#root)) yield key;
  }

  /** The keys that begin with these half bytes and whose entries may be dropped by then. */
  expiredUnder(digits: readonly number[], now: number): readonly string[] {
    let slot = this.#root;
    for (const digit of digits) if (slot instanceof Branch) slot = slot.slots[digit];
    const expired = [...leavesIn(slot)].filter(({ expiresAt }) => now > expiresAt).map(({ key }) => key);
    return expired.filter((key) => digits.every((digit, level) => this.form.digitAt(key, level) === digit));
  }

  /** All entries, in the order of the keys. */
  entries(): ReadonlyMap<string, Value> {
    return new Map(this.walk());
  }

  /** The hash of the whole content. */
  root(hash: Hash): Uint8Array {
    return this.#hashOf(this.#root, hash);
  }

  /** What has to be done to a former version to get this one: `encoded` is undefined for what is no longer there. */
  *changesSince(former: AuthenticatedMap<Value>): Generator<Change> {
    yield* this.#compare(former.#root, this.#root, 0);
  }

  #find(key: string): Leaf<Value> | undefined {
    let slot = this.#root;
    for (let level = 0; slot instanceof Branch; level += 1) slot = slot.slots[this.form.digitAt(key, level)];
    return slot?.key === key ? slot : undefined;
  }

  /** The slot with the leaf in it, instead of the one with its key; what was there is not changed. */
  #put(slot: Slot<Value>, level: number, leaf: Leaf<Value>): Filled<Value> {
    if (slot === undefined || (slot instanceof Leaf && slot.key === leaf.key)) return leaf;
    const digit = this.form.digitAt(leaf.key, level);
    if (slot instanceof Branch)
      return new Branch(slot.slots.with(digit, this.#put(slot.slots[digit], level + 1, leaf)));
    const slots: readonly Slot<Value>[] = NO_SLOTS;
    const apart = slots.with(this.form.digitAt(slot.key, level), slot);
    return new Branch(apart.with(digit, this.#put(apart[digit], level + 1, leaf)));
  }

  /** A branch is never left with a single entry below it: the form must not tell what was there once. */
  #without(slot: Slot<Value>, level: number, key: string): Slot<Value> {
    if (!(slot instanceof Branch)) return slot?.key === key ? undefined : slot;
    const digit = this.form.digitAt(key, level);
    const slots = slot.slots.with(digit, this.#without(slot.slots[digit], level + 1, key));
    const [only, ...others] = slots.filter((each) => each !== undefined);
    return only instanceof Leaf && others.length === 0 ? only : new Branch(slots);
  }

  #hashOf(slot: Slot<Value>, hash: Hash): Uint8Array {
    if (slot === undefined) return NOTHING;
    if (slot.hash !== undefined) return unpackBytes(slot.hash);
    const found = slot instanceof Branch ? this.#branchHash(slot, hash) : this.#leafHash(slot, hash);
    slot.hash = packBytes(found);
    return found;
  }

  #branchHash({ slots }: Branch<Value>, hash: Hash): Uint8Array {
    const message = new Uint8Array(1 + slots.length * NOTHING.length);
    message[0] = BRANCH;
    for (const [digit, slot] of slots.entries()) message.set(this.#hashOf(slot, hash), 1 + digit * NOTHING.length);
    return hash(message);
  }

  #leafHash(leaf: Leaf<Value>, hash: Hash): Uint8Array {
    const { key, value } = leaf;
    const { form } = this;
    const packed = form.pack?.(key, value);
    if (packed !== undefined) leaf.hold({ packed });
    return leafHash(form.keyBytes(key), packed?.encode() ?? form.encode(key, value), hash);
  }

  *#compare(before: Slot<Value>, after: Slot<Value>, level: number): Generator<Change> {
    if (before === after) return;
    if (before instanceof Branch || after instanceof Branch) {
      for (const digit of NO_SLOTS.keys()) {
        const [older, newer] = [this.#slotBelow(before, level, digit), this.#slotBelow(after, level, digit)];
        yield* this.#compare(older, newer, level + 1);
      }
      return;
    }
    if (before !== undefined && before.key !== after?.key) yield { key: before.key, encoded: undefined };
    if (after !== undefined) yield { key: after.key, encoded: after.encode(this.form) };
  }

  /** What a slot has for a digit; a leaf stands as well for the branch that it would be in. */
  #slotBelow(slot: Slot<Value>, level: number, digit: number): Slot<Value> {
    if (slot instanceof Branch) return slot.slots[digit];
    return slot !== undefined && this.form.digitAt(slot.key, level) === digit ? slot : undefined;
  }
}

export interface Change {
  readonly key: string;
  readonly encoded: Uint8Array | undefined;
}

export interface EncodedEntry<Value> {
  readonly encoded: Uint8Array;
  readonly value: Held<Value>;
  readonly expiresAt: number;
}

export type Held<Value> = { readonly plain: Value } | { readonly packed: Packed<Value> };

class Leaf<Value> {
  readonly key: string;
  readonly expiresAt: number;
  /** As text, which is a fifth of the memory. */
  hash: string | undefined = undefined;
  #held: Value | Packed<Value> | undefined;
  #isPacked = false;

  constructor(key: string, value: Value | undefined, expiresAt: number) {
    this.key = key;
    this.expiresAt = expiresAt;
    this.#held = value;
  }

  get value(): Value {
    const held = this.#held;
    assert(held !== undefined, "an entry has a value");
    return this.#isPacked ? (held as Packed<Value>).unpack(this.key) : (held as Value);
  }

  encode(form: TableForm<Value>): Uint8Array {
    return this.#isPacked ? (this.#held as Packed<Value>).encode() : form.encode(this.key, this.value);
  }

  hold(held: Held<Value>): void {
    this.#isPacked = "packed" in held;
    this.#held = "packed" in held ? held.packed : held.plain;
  }
}

class Branch<Value> {
  readonly slots: readonly Slot<Value>[];
  /** As text, which is a fifth of the memory. */
  hash: string | undefined = undefined;

  constructor(slots: readonly Slot<Value>[]) {
    this.slots = slots;
  }
}

type Filled<Value> = Leaf<Value> | Branch<Value>;
type Slot<Value> = Filled<Value> | undefined;

const LEAF = Uint8Array.of(0);
const BRANCH = 1;
const NOTHING = new Uint8Array(32);
const NO_SLOTS: readonly Slot<never>[] = Array.from({ length: 16 }, () => undefined);

function leafHash(key: Uint8Array, encoded: Uint8Array, hash: Hash): Uint8Array {
  return hash(concatBytes(LEAF, key, hash(encoded)));
}

function* leavesIn<Value>(slot: Slot<Value>): Generator<Leaf<Value>> {
  if (slot instanceof Leaf) yield slot;
  else if (slot !== undefined) for (const below of slot.slots) yield* leavesIn(below);
}
