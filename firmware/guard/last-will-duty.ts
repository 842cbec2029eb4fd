/**
 * The guard of a charge controller on a bus. It does nothing as long as the gateway lives. When the gateway is gone
 * with a permit that may still stand, it opens the line itself and forbids until the controller has acknowledged. A
 * gateway that stands still with such a permit is ended first, for it holds the line.
 */
import type { ChargePoint } from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { FREEZE_LIMIT_MS, LAST_WILL_AGAIN_MS, LAST_WILL_MS } from "./guard-limits.ts";
import type { Beat, Report } from "./guard-message.ts";

export interface LastWillDutyParts {
  readonly clock: Clock;
  /** Of this process' own, on a line that is opened with the first command. */
  readonly chargePoint: ChargePoint;
  readonly isArmed: boolean;
  readonly report: (report: Report) => void;
  readonly afterReading: (action: () => void) => void;
  /** Ends the gateway by force. The end of its pipe follows. */
  readonly endGateway: () => void;
}

export class LastWillDuty {
  readonly #parts: LastWillDutyParts;
  #isArmed: boolean;
  #lastBeatMs = Number.NEGATIVE_INFINITY;
  #cancelWatch: Cancel = () => undefined;

  constructor(parts: LastWillDutyParts) {
    this.#parts = parts;
    this.#isArmed = parts.isArmed;
  }

  /** The controller may be letting current flow. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  beat(beat: Beat): void {
    this.#isArmed = beat.leaseMs > 0;
    this.#lastBeatMs = this.#parts.clock.monotonicMs();
    this.#watch();
    this.#parts.report({ kind: "report", beat: beat.beat });
  }

  /** The gateway has gone. Resolves when the controller has acknowledged, or after a day. */
  async end(): Promise<void> {
    this.#cancelWatch();
    const { chargePoint, clock } = this.#parts;
    const untilMs = clock.monotonicMs() + LAST_WILL_MS;
    while (this.#isArmed && clock.monotonicMs() < untilMs) {
      const forbidden = await chargePoint.forbid();
      if (forbidden.ok) this.#isArmed = false;
      else await this.#pass(LAST_WILL_AGAIN_MS);
    }
  }

  #watch(): void {
    this.#cancelWatch();
    if (!this.#isArmed) return;
    const { clock, afterReading, endGateway } = this.#parts;
    this.#cancelWatch = clock.wakeAt(this.#lastBeatMs + FREEZE_LIMIT_MS, () => {
      // If it was this process that stood still, signs of life are waiting to be read.
      afterReading(() => {
        if (clock.monotonicMs() - this.#lastBeatMs >= FREEZE_LIMIT_MS) endGateway();
      });
    });
  }

  #pass(durationMs: number): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      clock.wakeAt(clock.monotonicMs() + durationMs, resolve);
    });
  }
}
