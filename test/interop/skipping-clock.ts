/** The machine's clock, of which a part can be left out: an outage of half a minute in a test of a second. */
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";

export class SkippingClock implements Clock {
  readonly #clock = new SystemClock();
  readonly #waiting = new Set<Waiting>();
  #skippedMs = 0;

  monotonicMs(): number {
    return this.#clock.monotonicMs() + this.#skippedMs;
  }

  wallMs(): number {
    return this.#clock.wallMs() + this.#skippedMs;
  }

  wakeAt(monotonicMs: number, wake: () => void): Cancel {
    const waiting: Waiting = { monotonicMs, wake, cancel: () => undefined };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return () => {
      waiting.cancel();
      this.#waiting.delete(waiting);
    };
  }

  /** Everybody who waits for a time within it is woken as soon as possible. */
  skip(durationMs: number): void {
    this.#skippedMs += durationMs;
    for (const waiting of this.#waiting) {
      waiting.cancel();
      this.#arm(waiting);
    }
  }

  #arm(waiting: Waiting): void {
    waiting.cancel = this.#clock.wakeAt(waiting.monotonicMs - this.#skippedMs, () => {
      this.#waiting.delete(waiting);
      waiting.wake();
    });
  }
}

interface Waiting {
  readonly monotonicMs: number;
  readonly wake: () => void;
  cancel: Cancel;
}
