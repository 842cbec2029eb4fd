/** A budget that refills with time: up to `burst` at once, `perSecond` in the long run. */
import { assert } from "#base/assert.ts";

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  /** In thousandths, so that whole rates and whole milliseconds add up without a rounding error. */
  #thousandths: number;
  #atMs: number;

  /** Starts full. Times are monotonic milliseconds; one that lies before the last counts as the last. */
  constructor(rate: Rate, nowMs: number) {
    assert(rate.perSecond > 0 && rate.burst > 0, "a rate is above zero");
    this.#rate = rate;
    this.#thousandths = 1000 * rate.burst;
    this.#atMs = nowMs;
  }

  /** Takes the amount if all of it is there. */
  take(nowMs: number, amount = 1): boolean {
    this.#refill(nowMs);
    if (this.#thousandths < 1000 * amount) return false;
    this.#thousandths -= 1000 * amount;
    return true;
  }

  /**
   * Takes the amount even if it leaves a debt, for what has already happened. Returns the milliseconds until the debt
   * is paid.
   */
  spend(nowMs: number, amount: number): number {
    this.#refill(nowMs);
    this.#thousandths -= 1000 * amount;
    return this.#thousandths >= 0 ? 0 : Math.ceil(-this.#thousandths / this.#rate.perSecond);
  }

  #refill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs += elapsedMs;
    this.#thousandths = Math.min(1000 * this.#rate.burst, this.#thousandths + elapsedMs * this.#rate.perSecond);
  }
}
