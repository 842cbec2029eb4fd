/**
 * Chance that repeats: the same seed gives the same draws on every machine. For simulations and tests only, never for
 * keys. The generator is sfc32 (Doty-Humphrey, PractRand; 128 bits of state), its state hashed from the seed's text.
 */
import { assert } from "#base/assert.ts";
import type { Randomness } from "#hal/ports/randomness.ts";

export class SeededRandom {
  readonly #path: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: number | string) {
    this.#path = `${typeof seed}:${seed}`;
    [this.#a, this.#b, this.#c] = [hash(this.#path, 1), hash(this.#path, 2), hash(this.#path, 3)];
    this.#counter = 1;
    // Twelve rounds are what the author found enough for any two seeds to part completely.
    for (let round = 0; round < 12; round += 1) this.#next32();
  }

  /** Uniform in [0, 1), 53 bits. */
  next(): number {
    const high = this.#next32() >>> 5;
    const low = this.#next32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform among the integers from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    assert(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max, "an integer is drawn from a range");
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** Uniform in [min, max). */
  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** Normal with mean 0 and standard deviation 1. */
  gaussian(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** One of the list, each as likely. */
  pick<Item>(list: readonly Item[]): Item {
    const index = this.integer(0, list.length - 1);
    const picked = list.slice(index, index + 1);
    for (const item of picked) return item;
    throw new Error("bug: nothing to pick from");
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.next() < p;
  }

  /**
   * A generator of its own for one part of the world. It depends on this one's seed and on the name, not on how much
   * has been drawn so far: a part that draws more does not change the others' history.
   */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.#path}/${name}`);
  }

  /** Uniform 32-bit integer. */
  #next32(): number {
    const mixed = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + mixed) | 0;
    return mixed >>> 0;
  }
}

/** The randomness port from a seed: keys and nonces that repeat. */
export class SeededRandomness implements Randomness {
  readonly #random: SeededRandom;

  constructor(seed: number | string) {
    this.#random = new SeededRandom(`bytes:${seed}`);
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) bytes[index] = this.#random.integer(0, 255);
    return bytes;
  }
}

/** FNV-1a over the UTF-16 units, then murmur3's finalizer, so that seeds 1 and 2 share no bits. */
function hash(text: string, variant: number): number {
  let state = Math.imul(variant, 0x9e3779b1) ^ 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
