/**
 * Facts that are not in a block yet. Bounded; facts that refer to something unknown are parked for a while, since what
 * they refer to may arrive after them.
 */
import { toHex } from "#base/bytes.ts";
import { MEMPOOL_FACTS_MAX, PARKED_FACTS_MAX } from "#core/limits.ts";
import type { Fact } from "./fact.ts";

export class Mempool {
  readonly #facts = new Map<string, Fact>();
  /** What `facts` has given out last, while that holds: it is asked for far more often than it changes. */
  #list: readonly Fact[] | undefined;
  readonly #parked = new Map<string, Fact>();

  get size(): number {
    return this.#facts.size;
  }

  get isFull(): boolean {
    return this.#facts.size >= MEMPOOL_FACTS_MAX;
  }

  /** The waiting fact with this id; not a parked one, whose signature nobody could check yet. */
  get(key: string): Fact | undefined {
    return this.#facts.get(key);
  }

  /** False when the pool is full: the sender will publish it again. */
  add(fact: Fact): boolean {
    this.#parked.delete(parkingKey(fact));
    if (this.isFull && !this.#facts.has(fact.key)) return false;
    this.#facts.set(fact.key, fact);
    this.#list = undefined;
    return true;
  }

  /** Keeps a fact whose reference is missing; the oldest parked one makes room. */
  park(fact: Fact): void {
    this.#parked.set(parkingKey(fact), fact);
    const [oldest] = this.#parked.keys();
    if (this.#parked.size > PARKED_FACTS_MAX && oldest !== undefined) this.#parked.delete(oldest);
  }

  remove(fact: Fact): void {
    this.#facts.delete(fact.key);
    this.#list = undefined;
  }

  unpark(fact: Fact): void {
    this.#parked.delete(parkingKey(fact));
  }

  /** The same list as long as the same facts wait. */
  facts(): readonly Fact[] {
    this.#list ??= [...this.#facts.values()];
    return this.#list;
  }

  parked(): readonly Fact[] {
    return [...this.#parked.values()];
  }
}

/** With the signatures: a forged copy has the id of the genuine fact and must not take its place. */
function parkingKey({ key, signatures }: Fact): string {
  return [key, ...signatures.map(toHex)].join(":");
}
