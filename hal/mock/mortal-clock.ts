/** The clock of one process in the simulation: when the process is killed, nothing that it was waiting for happens. */
import type { Cancel, Clock } from "#hal/ports/clock.ts";

export class MortalClock implements Clock {
  readonly #clock: Clock;
  #isAlive = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  kill(): void {
    this.#isAlive = false;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  wakeAt(monotonicMs: number, wake: () => void): Cancel {
    return this.#clock.wakeAt(monotonicMs, () => {
      if (this.#isAlive) wake();
    });
  }
}
