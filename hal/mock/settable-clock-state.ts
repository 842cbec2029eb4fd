/** A clock state that a test, the simulation or the bench says. */
import type { Clock } from "#hal/ports/clock.ts";
import type { ClockState, ClockStateSource } from "#hal/ports/clock-state.ts";

export class SettableClockState implements ClockStateSource {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #state: ClockState;

  /** Synced without error at first, as the clocks of a simulated world are. */
  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
    this.#state = { kind: "synced", errorMs: 0, sinceMs: clock.monotonicMs() };
  }

  look(): ClockState {
    return this.#state;
  }

  sync(errorMs: number): void {
    const sinceMs = this.#state.kind === "synced" ? this.#state.sinceMs : this.#clock.monotonicMs();
    this.#state = { kind: "synced", errorMs, sinceMs };
  }

  lose(): void {
    if (this.#state.kind === "synced") this.#state = { kind: "unsynced", sinceMs: this.#clock.monotonicMs() };
  }
}
