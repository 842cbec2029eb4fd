/**
 * Calls to a medium that have not come back. A card that is dying may never answer a sync: no call fails, the process
 * turns on, and only the age of the oldest call says that nothing is stored any more.
 */
import type { Clock } from "#hal/ports/clock.ts";

export class PendingCalls {
  readonly #clock: Pick<Clock, "monotonicMs">;
  /** In the order in which they began. */
  readonly #sinceMs = new Map<symbol, number>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** How long the oldest has been waited for; 0 when there is none. */
  get oldestMs(): number {
    const [first] = this.#sinceMs.values();
    return first === undefined ? 0 : this.#clock.monotonicMs() - first;
  }

  async watch<Value>(call: Promise<Value>): Promise<Value> {
    const key = Symbol();
    this.#sinceMs.set(key, this.#clock.monotonicMs());
    try {
      return await call;
    } finally {
      this.#sinceMs.delete(key);
    }
  }
}
