/** One timer for all inputs of a chip that have no interrupts. */
import type { Cancel, Clock } from "#hal/ports/clock.ts";

/** Shorter than any bounce that a contact is debounced for, and 200 wake-ups a second. */
export const POLL_EVERY_MS = 5;

export class PollRound {
  readonly #clock: Clock;
  readonly #looks = new Set<() => void>();
  #cancel: Cancel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `look` every 5 ms until the returned function is called. */
  join(look: () => void): () => void {
    this.#looks.add(look);
    this.#cancel ??= this.#next();
    return () => {
      this.#looks.delete(look);
      if (this.#looks.size > 0) return;
      this.#cancel?.();
      this.#cancel = undefined;
    };
  }

  #next(): Cancel {
    return this.#clock.wakeAt(this.#clock.monotonicMs() + POLL_EVERY_MS, () => {
      this.#cancel = this.#next();
      // A look may release its own line or another one.
      for (const look of [...this.#looks]) if (this.#looks.has(look)) look();
    });
  }
}
