/** Waiting for what another program does: asked again until it is so, with an end. */
import { setTimeout as pause } from "node:timers/promises";

const ASK_EVERY_MS = 250;

/** @throws when `claim` has not come true after `timeoutMs`; what `isTrue` throws comes through. */
export async function until(claim: string, timeoutMs: number, isTrue: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${timeoutMs / 1000} s: ${claim}`);
    await pause(ASK_EVERY_MS);
  }
}
