/** The machine's own time. */
import type { Cancel, Clock } from "#hal/ports/clock.ts";

export class SystemClock implements Clock {
  monotonicMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  wakeAt(monotonicMs: number, wake: () => void): Cancel {
    let disarm = arm(monotonicMs - performance.now(), onTimer);
    function onTimer(): void {
      // Node counts timers in whole milliseconds of its loop's time and may be early by a fraction of one; and a long
      // wait is made of several.
      const leftMs = monotonicMs - performance.now();
      if (leftMs > 0) disarm = arm(leftMs, onTimer);
      else wake();
    }
    return () => {
      disarm();
    };
  }
}

/** Longer delays would overflow setTimeout's 32-bit counter and fire at once. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** Node's timers count in these: what is left of one is looked for in each turn of the loop. */
const TIMER_STEP_MS = 1;

function arm(delayMs: number, wake: () => void): Cancel {
  if (delayMs < TIMER_STEP_MS) {
    const immediate = setImmediate(wake);
    return () => {
      clearImmediate(immediate);
    };
  }
  const timeout = setTimeout(wake, Math.min(Math.ceil(delayMs), TIMEOUT_MS_MAX));
  return () => {
    clearTimeout(timeout);
  };
}
