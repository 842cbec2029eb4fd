/** What a service manager waits before it starts a gateway again that has ended by itself: as on our images. */
import { RESTART_MS } from "./region-node.ts";

/** Starts that fail one after the other come ever later; after so many steps, every two minutes. */
const STEPS = 6;
const LONGEST_MS = 120_000;
/** Whoever has run for longer has not failed at its start. */
const STEADY_MS = 10 * 60_000;

export class RestartWaits {
  /** How often in a row, and when the last time was. */
  readonly #failures = new Map<object, { readonly count: number; readonly atMs: number }>();

  next(node: object, nowMs: number): number {
    const before = this.#failures.get(node);
    const count = before !== undefined && nowMs - before.atMs < STEADY_MS ? before.count + 1 : 0;
    this.#failures.set(node, { count, atMs: nowMs });
    return Math.round(RESTART_MS * (LONGEST_MS / RESTART_MS) ** (Math.min(count, STEPS) / STEPS));
  }
}
