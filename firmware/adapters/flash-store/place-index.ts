/**
 * Where each record stands, by its id: a hash table in one block of memory, since some hundred thousand entries of a
 * `Map` with keys in hex would be tens of megabytes.
 *
 * Of an id it keeps 16 of 32 bytes. Who wants two of his facts to share them has to try 2^64; and what is read back is
 * held against the whole id in any case.
 */
import { assert } from "#base/assert.ts";

/** Words of an entry: four of the id, then segment + 1 (0 is an empty entry) and offset. */
const WORDS = 6;
const KEY_WORDS = 4;
const ENTRIES_MIN = 1024;
const FULL_AT = 0.7;

/** Offsets are below 2^32. */
const OFFSETS = 2 ** 32;

export class PlaceIndex {
  #words = new Uint32Array(ENTRIES_MIN * WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): PlaceParts | undefined {
    const at = this.#find(wordsOf(key));
    const segment = this.#words[at + KEY_WORDS] ?? 0;
    return segment === 0 ? undefined : { segment: segment - 1, offset: this.#words[at + KEY_WORDS + 1] ?? 0 };
  }

  set(key: string, segment: number, offset: number): void {
    if ((this.#size + 1) * WORDS > this.#words.length * FULL_AT) this.#grow();
    const words = wordsOf(key);
    const at = this.#find(words);
    if (this.#words[at + KEY_WORDS] === 0) this.#size += 1;
    this.#words.set([...words, segment + 1, offset], at);
  }

  /** Ids, of 16 bytes in hex, and places of what is noted. */
  *entries(): Generator<PlaceParts & { readonly key: string }> {
    for (let at = 0; at < this.#words.length; at += WORDS) {
      const segment = this.#words[at + KEY_WORDS] ?? 0;
      if (segment === 0) continue;
      const words = this.#words.subarray(at, at + KEY_WORDS);
      const key = Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
      yield { key, segment: segment - 1, offset: this.#words[at + KEY_WORDS + 1] ?? 0 };
    }
  }

  /** The entry of these words, or the empty one where it would stand. */
  #find(words: Words): number {
    const entries = this.#words.length / WORDS;
    // Ids are hashes already.
    for (let entry = words[0] % entries; ; entry = (entry + 1) % entries) {
      const at = entry * WORDS;
      if (this.#words[at + KEY_WORDS] === 0) return at;
      if (words.every((word, index) => this.#words[at + index] === word)) return at;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new Uint32Array(2 * old.length);
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + KEY_WORDS] === 0) continue;
      const entry = old.subarray(from, from + WORDS);
      const [first = 0, second = 0, third = 0, fourth = 0] = entry;
      this.#words.set(entry, this.#find([first, second, third, fourth]));
    }
  }
}

/** Where a record stands: in which segment, and at which byte of its file. */
export interface PlaceParts {
  readonly segment: number;
  readonly offset: number;
}

/** A place as one number, as it travels through the core. */
export function placeOf(segment: number, offset: number): number {
  return segment * OFFSETS + offset;
}

export function partsOf(place: number): PlaceParts {
  return { segment: Math.floor(place / OFFSETS), offset: place % OFFSETS };
}

type Words = readonly [number, number, number, number];

function wordsOf(key: string): Words {
  assert(key.length >= 32, "a key is an id in hex");
  const word = (index: number): number => Number.parseInt(key.slice(8 * index, 8 * index + 8), 16);
  return [word(0), word(1), word(2), word(3)];
}
