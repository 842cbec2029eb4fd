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
import { concatBytes } from "#base/bytes.ts";
import type { Hash } from "./merkle-tree.ts";
import { packBytes, unpackBytes, writeText } from "./packed-bytes.ts";
import { Leaf, NOTHING, type EncodedEntry, type TableForm } from "./table-entry.ts";

export { NOTHING, type EncodedEntry, type Packed, type PackedReader, type TableForm } from "./table-entry.ts";

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
    const leaf = new Leaf<Value>(key, "plain" in value ? value.plain : undefined, expiresAt);
    const keyBytes = this.form.keyBytes(key);
    leaf.noteHash(packBytes(leafHash(keyBytes, encoded, hash)));
    if ("packed" in value) leaf.pack(keyBytes, value.packed);
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

  /** The same as a list that is made once for all versions with the same content: for tables that hardly change. */
  list(): readonly (readonly [key: string, value: Value])[] {
    const root = this.#root;
    if (root === undefined) return [];
    const known = LISTS.get(root) as readonly (readonly [string, Value])[] | undefined;
    const entries = known ?? [...this.walk()];
    LISTS.set(root, entries);
    return entries;
  }

  /** The hash of the whole content. */
  root(hash: Hash): Uint8Array {
    return this.#hashOf(this.#root, hash);
  }

  /** What is under some half bytes: its entries where they are no more than so many bytes, else what is below it. */
  look(digits: readonly number[], bytesMax: number, hash: Hash): TableNode {
    let slot = this.#root;
    for (const digit of digits) if (slot instanceof Branch) slot = slot.slots[digit];
    const entries: [Uint8Array, Uint8Array][] = [];
    let bytes = 0;
    for (const leaf of leavesIn(slot)) {
      if (digits.some((digit, level) => this.form.digitAt(leaf.key, level) !== digit)) continue;
      const entry: [Uint8Array, Uint8Array] = [this.form.keyBytes(leaf.key), leaf.encode(this.form)];
      bytes += entry[0].length + entry[1].length + ENTRY_HEAD_BYTES;
      if (bytes > bytesMax && slot instanceof Branch) {
        return { kind: "branch", hashes: slot.slots.map((each) => this.#hashOf(each, hash)) };
      }
      entries.push(entry);
    }
    return { kind: "entries", entries };
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
    if (slot instanceof Leaf) return this.#leafHash(slot, hash);
    const found = this.#branchHash(slot, hash);
    slot.hash = packBytes(found);
    return found;
  }

  #branchHash({ slots }: Branch<Value>, hash: Hash): Uint8Array {
    // Those below come first: the message is written into the same place for every branch.
    for (const slot of slots) if (slot !== undefined && slot.hash === undefined) this.#hashOf(slot, hash);
    BRANCH_MESSAGE.fill(0, 1);
    for (let digit = 0; digit < slots.length; digit += 1) {
      const text = slots[digit]?.hash;
      if (text !== undefined) writeText(BRANCH_MESSAGE, text, 1 + digit * NOTHING.length);
    }
    return hash(BRANCH_MESSAGE);
  }

  #leafHash(leaf: Leaf<Value>, hash: Hash): Uint8Array {
    const { key, value } = leaf;
    const { form } = this;
    const packed = form.pack?.(key, value);
    const encoded = packed?.encoded ?? form.encode(key, value);
    const keyBytes = form.keyBytes(key);
    const found = leafHash(keyBytes, encoded, hash);
    leaf.noteHash(packBytes(found));
    if (packed !== undefined) leaf.pack(keyBytes, packed);
    return found;
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

/** A part of a table, as somebody else can hold it against the hash of the part. */
export type TableNode =
  | { readonly kind: "entries"; readonly entries: readonly (readonly [key: Uint8Array, encoded: Uint8Array])[] }
  | { readonly kind: "branch"; readonly hashes: readonly Uint8Array[] };

/** Of entry, key and value in CBOR. */
const ENTRY_HEAD_BYTES = 10;

export interface Change {
  readonly key: string;
  readonly encoded: Uint8Array | undefined;
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

/** By the root of the tree. */
const LISTS = new WeakMap<object, readonly unknown[]>();
const LEAF = Uint8Array.of(0);
export const BRANCH = 1;
const BRANCH_MESSAGE = new Uint8Array(1 + 16 * NOTHING.length);
BRANCH_MESSAGE[0] = BRANCH;
const NO_SLOTS: readonly Slot<never>[] = Array.from({ length: 16 }, () => undefined);

export function leafHash(key: Uint8Array, encoded: Uint8Array, hash: Hash): Uint8Array {
  return hash(concatBytes(LEAF, key, hash(encoded)));
}

function* leavesIn<Value>(slot: Slot<Value>): Generator<Leaf<Value>> {
  if (slot instanceof Leaf) yield slot;
  else if (slot !== undefined) for (const below of slot.slots) yield* leavesIn(below);
}
