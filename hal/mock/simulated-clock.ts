/**
 * Time that passes only when told to. Between two wake-ups every promise that can settle does, so a whole mesh of
 * gateways runs in one process, in the same order each time.
 *
 * What runs on it must wait for promises and for this clock alone: a file, a socket or a thread pool answers in real
 * time, which this clock does not wait for.
 */
import { assert } from "#base/assert.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { NodeClock } from "./node-clock.ts";
import type { NodeClockFaults } from "./node-clock.ts";
import { WakeQueue } from "./wake-queue.ts";

export interface SimulatedClockOptions {
  /** UTC at monotonic 0. The default is a fixed day, the same in every run. */
  readonly wallEpochMs?: number;
  /** A run that wakes more often than this is taken for an endless loop and rejected. */
  readonly stepsMax?: number;
}

export class SimulatedClock implements Clock {
  readonly #wallEpochMs: number;
  readonly #stepsMax: number;
  readonly #queue = new WakeQueue();
  #nowMs = 0;
  #steps = 0;
  #isRunning = false;

  constructor(options: SimulatedClockOptions = {}) {
    this.#wallEpochMs = options.wallEpochMs ?? WALL_EPOCH_MS;
    this.#stepsMax = options.stepsMax ?? STEPS_MAX;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return Math.floor(this.#wallEpochMs + this.#nowMs);
  }

  wakeAt(monotonicMs: number, wake: () => void): Cancel {
    return this.#queue.add(Math.max(monotonicMs, this.#nowMs), wake);
  }

  /** The same time as one gateway's own quartz and own setting of the date show it. */
  nodeClock(faults: NodeClockFaults = {}): NodeClock {
    return new NodeClock(this, faults);
  }

  /** Wake-ups that are still to come. */
  get pendingWakes(): number {
    return this.#queue.length;
  }

  /** Wake-ups delivered so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Lets everything due up to and including this time happen, in order. Afterwards it is exactly this time. */
  async runUntil(monotonicMs: number): Promise<void> {
    assert(monotonicMs >= this.#nowMs, "simulated time does not run backwards");
    await this.#run({ untilMs: monotonicMs, isDone: () => false });
    this.#nowMs = Math.max(this.#nowMs, monotonicMs);
  }

  async runFor(durationMs: number): Promise<void> {
    await this.runUntil(this.#nowMs + durationMs);
  }

  /** Lets everything happen until nobody waits for a time any more. */
  async runUntilIdle(): Promise<void> {
    await this.#run({ untilMs: Infinity, isDone: () => false });
  }

  /**
   * Lets time pass until the promise has settled, and returns what it settled to. Rejects if nothing could settle it.
   */
  async runUntilSettled<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.#run({ untilMs: Infinity, isDone: () => isSettled });
    assert(isSettled, "nobody waits for a time any more, and the promise has not settled");
    return promise;
  }

  async #run(goal: Goal): Promise<void> {
    assert(!this.#isRunning, "a simulated clock is run by one caller at a time");
    this.#isRunning = true;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#startBatch(1, goal, { resolve, reject });
      });
    } finally {
      this.#isRunning = false;
    }
  }

  /**
   * Node empties the queue of promise continuations between two immediates, so one immediate a wake-up is all the
   * draining there is. They are queued by growing batches because a round of the event loop costs several times as much
   * as an immediate. Measured: 1.5 µs a wake-up.
   */
  #startBatch(size: number, goal: Goal, end: End): void {
    let isOver = false;
    const settle = (action: () => void): void => {
      isOver = true;
      action();
    };
    const step = (): void => {
      if (isOver) return;
      try {
        if (!this.#step(goal)) settle(end.resolve);
      } catch (error) {
        settle(() => {
          end.reject(error);
        });
      }
    };
    for (let index = 1; index < size; index += 1) setImmediate(step);
    setImmediate(() => {
      step();
      if (!isOver) this.#startBatch(Math.min(2 * size, BATCH_MAX), goal, end);
    });
  }

  /** Delivers the next wake-up; false when the goal has been reached. */
  #step(goal: Goal): boolean {
    const nextMs = this.#queue.nextMs;
    if (nextMs === undefined || nextMs > goal.untilMs || goal.isDone()) return false;
    this.#steps += 1;
    assert(this.#steps <= this.#stepsMax, `the simulation ends within ${this.#stepsMax} wake-ups`);
    this.#nowMs = nextMs;
    this.#queue.takeNext()?.wake();
    return true;
  }
}

interface Goal {
  readonly untilMs: number;
  readonly isDone: () => boolean;
}

interface End {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** 2026-06-01T00:00:00Z. */
const WALL_EPOCH_MS = 1_780_272_000_000;
const STEPS_MAX = 10_000_000;
const BATCH_MAX = 64;
