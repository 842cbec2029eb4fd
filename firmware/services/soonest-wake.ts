/** One wake of the clock for whoever is to look at something again: the soonest of those that were wished for. */
import type { Cancel, Clock } from "#hal/ports/clock.ts";

export class SoonestWake {
  readonly #clock: Pick<Clock, "wakeAt">;
  #atMs = Infinity;
  #cancel: Cancel = () => undefined;

  constructor(clock: Pick<Clock, "wakeAt">) {
    this.#clock = clock;
  }

  /**
   * Wakes at that monotonic time in ms, never at `Infinity`. A wake that is meant for no later stays in its place, one
   * that is meant for later goes.
   */
  at(atMs: number, wake: () => void): void {
    if (this.#atMs <= atMs) return;
    this.#cancel();
    this.#atMs = atMs;
    this.#cancel = this.#clock.wakeAt(atMs, () => {
      this.#atMs = Infinity;
      wake();
    });
  }

  cancel(): void {
    this.#cancel();
    this.#atMs = Infinity;
  }
}
