/**
 * World time that runs `speed` times as fast as the machine's, from an origin that several processes share: a charge of
 * an hour is watched in a minute, and gateways in different processes still agree on what time it is.
 */
import { assert } from "#base/assert.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { SystemClock } from "./system-clock.ts";

export interface WorldTimeOrigin {
  /** The machine's UTC at which world time was `worldEpochMs`. */
  readonly realEpochMs: number;
  readonly worldEpochMs: number;
  /** World seconds per real second; 1 is plain time. */
  readonly speed: number;
}

export class ScaledClock implements Clock {
  readonly #real: Clock;
  readonly #origin: WorldTimeOrigin;
  /** The machine's UTC at its monotonic zero, as well as it is known: see `#realWallMs`. */
  #realStartMs: number;

  /** `real` is the machine's clock; another one is given in tests. */
  constructor(origin: WorldTimeOrigin, real: Clock = new SystemClock()) {
    assert(origin.speed > 0 && Number.isFinite(origin.speed), "the speed of the world's time is a positive number");
    this.#real = real;
    this.#origin = origin;
    this.#realStartMs = real.wallMs() - real.monotonicMs();
  }

  monotonicMs(): number {
    return this.#real.monotonicMs() * this.#origin.speed;
  }

  wallMs(): number {
    const { realEpochMs, worldEpochMs, speed } = this.#origin;
    return Math.floor(worldEpochMs + (this.#realWallMs() - realEpochMs) * speed);
  }

  wakeAt(monotonicMs: number, wake: () => void): Cancel {
    const onWake = (): void => {
      // The division below rounds: rather late by a hair than early.
      if (this.monotonicMs() < monotonicMs) disarm = this.#real.wakeAt(this.#real.monotonicMs() + ROUNDING_MS, onWake);
      else wake();
    };
    let disarm = this.#real.wakeAt(monotonicMs / this.#origin.speed, onWake);
    return () => {
      disarm();
    };
  }

  /**
   * The machine's UTC with a fraction. `wallMs` comes in whole milliseconds, cut off, and at a speed of 60 one of them
   * is 60 ms of the world; the monotonic clock is fine but has no date. The date of its zero lies less than 1 ms above
   * the largest difference seen, and each look narrows that; a difference that falls by more than 1 ms means that the
   * machine's time was set back.
   */
  #realWallMs(): number {
    const monotonicMs = this.#real.monotonicMs();
    const startMs = this.#real.wallMs() - monotonicMs;
    if (startMs > this.#realStartMs || startMs < this.#realStartMs - 1) this.#realStartMs = startMs;
    return this.#realStartMs + monotonicMs;
  }
}

const ROUNDING_MS = 0.001;
