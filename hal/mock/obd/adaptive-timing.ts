/**
 * How long an adapter waits for more frames: the time-out that was set, or less once it knows how fast this car answers
 * (ELM327 data sheet, "AT AT0, AT1 and AT2"). Never more than was set.
 * What the chip really computes is not published; this is the least bold reading: it learns from whole requests, and
 * anew when another time-out is set.
 */
import type { AdapterSettings } from "./adapter-settings.ts";

const SHORTEST_MS = 40;
const FACTOR = { 1: 3, 2: 2 } as const;

export class AdaptiveTiming {
  #slowestMs: number | undefined;

  waitMs({ adaptive, timeoutMs }: AdapterSettings): number {
    if (adaptive === 0 || this.#slowestMs === undefined) return timeoutMs;
    return Math.min(timeoutMs, Math.max(SHORTEST_MS, FACTOR[adaptive] * this.#slowestMs));
  }

  /** An answer came this long after its request. Fast ones make it forget slow ones bit by bit. */
  learn(latencyMs: number): void {
    this.#slowestMs = Math.max(latencyMs, 0.9 * (this.#slowestMs ?? 0));
  }

  /** Nothing came in the shorter time: what was learned is wrong. */
  forget(): void {
    this.#slowestMs = undefined;
  }
}
