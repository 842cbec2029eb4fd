/**
 * One gateway's clock in the simulation: its quartz is off by some millionths, its date by an offset, and both may be
 * set.
 */
import type { Cancel, Clock } from "#hal/ports/clock.ts";

export interface NodeClockFaults {
  /** How far the date is ahead of the true one at the start. */
  readonly offsetMs?: number;
  /** How much the quartz is fast, in millionths; ordinary ones are within 50. */
  readonly driftPpm?: number;
}

export class NodeClock implements Clock {
  readonly #world: Clock;
  readonly #rate: number;
  readonly #startMs: number;
  readonly #wallStartMs: number;
  #stepsMs: number;

  constructor(world: Clock, faults: NodeClockFaults = {}) {
    this.#world = world;
    this.#rate = 1 + (faults.driftPpm ?? 0) / 1e6;
    this.#startMs = world.monotonicMs();
    this.#wallStartMs = world.wallMs();
    this.#stepsMs = faults.offsetMs ?? 0;
  }

  /** From 0 when the node was made, as after a start of the machine. */
  monotonicMs(): number {
    return (this.#world.monotonicMs() - this.#startMs) * this.#rate;
  }

  wallMs(): number {
    return Math.floor(this.#wallStartMs + this.#stepsMs + this.monotonicMs());
  }

  wakeAt(monotonicMs: number, wake: () => void): Cancel {
    let worldMs = this.#startMs + monotonicMs / this.#rate;
    // The division rounds: rather late by a hair than early.
    while ((worldMs - this.#startMs) * this.#rate < monotonicMs) worldMs += ROUNDING_MS;
    return this.#world.wakeAt(worldMs, wake);
  }

  /** Sets the date forward, or back when negative. Monotonic time does not notice. */
  stepWall(byMs: number): void {
    this.#stepsMs += byMs;
  }

  /** How far this node's date is ahead of the true one now. No gateway can know this; the bench can. */
  get wallErrorMs(): number {
    return this.wallMs() - this.#world.wallMs();
  }
}

const ROUNDING_MS = 0.001;
