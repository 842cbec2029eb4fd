/**
 * Ids of objects that have been accepted, so that the other copies of a message are dropped. When full, the id that was
 * not met for longest is forgotten; its message would then be judged again, which is harmless because facts are
 * idempotent.
 *
 * An id is added only after its signature has been verified: the id does not cover the signature, so a copy with a
 * spoilt signature must not make us deaf to the good one.
 */
import { assert } from "#base/assert.ts";
import { SEEN_IDS_MAX } from "#core/limits.ts";

export class SeenIds {
  readonly #max: number;
  /** In the order of the last meeting, oldest first. */
  readonly #ids = new Set<string>();

  constructor(max = SEEN_IDS_MAX) {
    assert(max > 0, "room for at least one id");
    this.#max = max;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Whether the id has been added; a yes also counts as meeting it. */
  has(id: Uint8Array): boolean {
    const key = keyOf(id);
    if (!this.#ids.delete(key)) return false;
    this.#ids.add(key);
    return true;
  }

  add(id: Uint8Array): void {
    const key = keyOf(id);
    this.#ids.delete(key);
    this.#ids.add(key);
    if (this.#ids.size <= this.#max) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }
}

/** One character a byte: half the memory of hex. */
function keyOf(id: Uint8Array): string {
  return String.fromCharCode(...id);
}
