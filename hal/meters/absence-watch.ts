/**
 * Keeps a meter that does not answer from taking the line away from those that do: after some silences it counts as
 * absent and is asked only now and then, at growing distances.
 */
import type { Clock } from "#hal/ports/clock.ts";
import type { MeterFault } from "#hal/ports/energy-meter.ts";

/** Carlo Gavazzi: a meter that leaves two or three questions unanswered is gone. */
const SILENCES_MAX = 3;
const PROBE_AFTER_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

export class AbsenceWatch {
  readonly #clock: Clock;
  #silences = 0;
  #probeAtMs = Number.NEGATIVE_INFINITY;
  #lastFault: MeterFault | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the meter is to be asked now. */
  isAsking(): boolean {
    return this.#clock.monotonicMs() >= this.#probeAtMs;
  }

  /** How the last question to an absent meter ended. */
  get lastFault(): MeterFault | undefined {
    return this.#lastFault;
  }

  /** To be told how each question ended; undefined for an answer. */
  note(fault: MeterFault | undefined): void {
    this.#lastFault = fault;
    this.#silences = fault?.code === "METER_SILENT" ? this.#silences + 1 : 0;
    const step = this.#silences - SILENCES_MAX;
    const waitMs = step < 0 ? undefined : PROBE_AFTER_MS[Math.min(step, PROBE_AFTER_MS.length - 1)];
    this.#probeAtMs = waitMs === undefined ? Number.NEGATIVE_INFINITY : this.#clock.monotonicMs() + waitMs;
  }
}
