/**
 * A map of which every past version can be kept: each block's state is a layer over its parent's, so that branches
 * share what they have in common and abandoning one costs nothing.
 *
 * A hash trie whose paths are copied when they are written. A lookup costs the same on the ten thousandth layer as on
 * the first, and a layer holds only what it changed.
 */
export class LayeredMap<Value> {
  #root: Slot<Value> = undefined;
  #size = 0;

  static empty<Value>(): LayeredMap<Value> {
    return new LayeredMap<Value>();
  }

  /** A new layer on top of this one; what is set in one of them is not seen in the other. */
  layer(): LayeredMap<Value> {
    const upper = new LayeredMap<Value>();
    upper.#root = this.#root;
    upper.#size = this.#size;
    return upper;
  }

  get(key: string): Value | undefined {
    return this.#find(key)?.value;
  }

  set(key: string, value: Value): void {
    const known = this.#find(key);
    const entry = { key, value, place: known?.place ?? this.#size };
    this.#root = put(this.#root, 0, { hash: hashOf(key), entries: [entry] });
    if (known === undefined) this.#size += 1;
  }

  /** All entries, each key once with its newest value, in the order in which the keys were first set. */
  entries(): ReadonlyMap<string, Value> {
    const sorted = entriesIn(this.#root).sort((left, right) => left.place - right.place);
    return new Map(sorted.map(({ key, value }) => [key, value]));
  }

  #find(key: string): Entry<Value> | undefined {
    const hash = hashOf(key);
    let slot = this.#root;
    for (let level = 0; slot !== undefined && "slots" in slot; level += 1) slot = slot.slots[digitOf(hash, level)];
    return slot?.hash === hash ? slot.entries.find((entry) => entry.key === key) : undefined;
  }
}

interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  /** How many other keys were set before this one. */
  readonly place: number;
}

/** Keys whose hash is the same; nearly always one. */
interface Leaf<Value> {
  readonly hash: number;
  readonly entries: readonly Entry<Value>[];
}

interface Branch<Value> {
  readonly slots: readonly Slot<Value>[];
}

type Slot<Value> = Leaf<Value> | Branch<Value> | undefined;

const BITS_PER_LEVEL = 4;
const NO_SLOTS: readonly Slot<never>[] = Array.from({ length: 1 << BITS_PER_LEVEL }, () => undefined);

/** The slot with the entries of the leaf in it, each instead of the one with its key; what was there is not changed. */
function put<Value>(slot: Slot<Value>, level: number, leaf: Leaf<Value>): Slot<Value> {
  if (slot === undefined) return leaf;
  if ("slots" in slot) {
    const digit = digitOf(leaf.hash, level);
    return { slots: slot.slots.with(digit, put(slot.slots[digit], level + 1, leaf)) };
  }
  if (slot.hash !== leaf.hash) {
    const slots: readonly Slot<Value>[] = NO_SLOTS;
    return put({ slots: slots.with(digitOf(slot.hash, level), slot) }, level, leaf);
  }
  const others = slot.entries.filter(({ key }) => leaf.entries.every((entry) => entry.key !== key));
  return { hash: leaf.hash, entries: [...others, ...leaf.entries] };
}

function entriesIn<Value>(slot: Slot<Value>): Entry<Value>[] {
  if (slot === undefined) return [];
  return "slots" in slot ? slot.slots.flatMap((below) => entriesIn(below)) : [...slot.entries];
}

function digitOf(hash: number, level: number): number {
  return (hash >>> (level * BITS_PER_LEVEL)) % (1 << BITS_PER_LEVEL);
}

/** FNV-1a of 32 bits: keys are hashes in hex already, it only spreads them over the digits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
