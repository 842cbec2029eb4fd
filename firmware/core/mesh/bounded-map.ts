/** A map that never holds more than so many entries: when one more comes, the one that was used longest ago goes. */
import { assert } from "#base/assert.ts";

export class BoundedMap<Value> {
  readonly #entriesMax: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Value>();

  constructor(entriesMax: number) {
    assert(entriesMax > 0, "a bound is above zero");
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Without counting as a use. */
  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  use(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#entriesMax && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** What was there. */
  delete(key: string): Value | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }
}
