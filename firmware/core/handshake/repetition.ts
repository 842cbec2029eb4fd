/** How often something has been repeated, and when its next turn is: 0.5, 1, 2, 4, 8 s, then the last wait. */
import { RETRY_DELAYS_MS } from "./handshake-limits.ts";

export interface Repetition {
  readonly repeated: number;
  readonly nextMs: number;
}

export function firstSending(nowMs: number): Repetition {
  return { repeated: 0, nextMs: nowMs + delayAfter(0) };
}

/** Undefined when there is no further repetition. */
export function nextSending({ repeated }: Repetition, nowMs: number): Repetition | undefined {
  if (repeated >= RETRY_DELAYS_MS.length) return undefined;
  return { repeated: repeated + 1, nextMs: nowMs + delayAfter(repeated + 1) };
}

function delayAfter(repeated: number): number {
  return RETRY_DELAYS_MS[Math.min(repeated, RETRY_DELAYS_MS.length - 1)] ?? 0;
}
