/**
 * A map in layers: each block's state is a thin layer of changes over its parent's, so that branches share what they
 * have in common and abandoning one costs nothing.
 */
export class LayeredMap<Value> {
  #below: LayeredMap<Value> | undefined;
  readonly #own = new Map<string, Value>();

  private constructor(below: LayeredMap<Value> | undefined) {
    this.#below = below;
  }

  static empty<Value>(): LayeredMap<Value> {
    return new LayeredMap<Value>(undefined);
  }

  /** A new layer on top of this one; this one must not change afterwards. */
  layer(): LayeredMap<Value> {
    return new LayeredMap<Value>(this);
  }

  get(key: string): Value | undefined {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the walk down the layers starts here
    let map: LayeredMap<Value> | undefined = this;
    for (; map !== undefined; map = map.#below) {
      const value = map.#own.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  set(key: string, value: Value): void {
    this.#own.set(key, value);
  }

  /** All entries, each key once with its newest value, in the order in which the keys were first set. */
  entries(): ReadonlyMap<string, Value> {
    const merged = new Map<string, Value>(this.#below?.entries());
    for (const [key, value] of this.#own) merged.set(key, value);
    return merged;
  }

  /** Takes over everything below, so that the layers below can be forgotten. */
  flatten(): void {
    if (this.#below === undefined) return;
    const merged = this.entries();
    this.#own.clear();
    for (const [key, value] of merged) this.#own.set(key, value);
    this.#below = undefined;
  }
}
