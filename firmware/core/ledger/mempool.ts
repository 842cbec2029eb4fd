/**
 * Facts that are not in a block yet. Bounded; facts that refer to something unknown are parked for a while, since what
 * they refer to may arrive after them.
 */
import { MEMPOOL_FACTS_MAX, PARKED_FACTS_MAX } from "#core/limits.ts";
import type { Fact } from "./fact.ts";

export class Mempool {
  readonly #facts = new Map<string, Fact>();
  readonly #parked = new Map<string, Fact>();

  get size(): number {
    return this.#facts.size;
  }

  get(key: string): Fact | undefined {
    return this.#facts.get(key) ?? this.#parked.get(key);
  }

  /** False when the pool is full: the sender will publish it again. */
  add(fact: Fact): boolean {
    this.#parked.delete(fact.key);
    if (this.#facts.size >= MEMPOOL_FACTS_MAX && !this.#facts.has(fact.key)) return false;
    this.#facts.set(fact.key, fact);
    return true;
  }

  /** Keeps a fact whose reference is missing; the oldest parked one makes room. */
  park(fact: Fact): void {
    this.#parked.set(fact.key, fact);
    const [oldest] = this.#parked.keys();
    if (this.#parked.size > PARKED_FACTS_MAX && oldest !== undefined) this.#parked.delete(oldest);
  }

  remove(key: string): void {
    this.#facts.delete(key);
    this.#parked.delete(key);
  }

  facts(): readonly Fact[] {
    return [...this.#facts.values()];
  }

  parked(): readonly Fact[] {
    return [...this.#parked.values()];
  }
}
