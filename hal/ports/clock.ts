/** Time, as the one thing that may wait. */
export interface Clock {
  /**
   * Milliseconds since some start; never steps back, keeps running while the wall clock is set. Only differences count.
   */
  monotonicMs(): number;

  /**
   * UTC in milliseconds since 1970-01-01T00:00:00Z. May step when the time is set. The only time that is ever signed.
   */
  wallMs(): number;

  /**
   * Calls `wake` once, not before `monotonicMs()` has reached the given time, and never from within this call.
   * A time that has passed wakes as soon as possible. The returned function cancels; after it, `wake` is not called.
   */
  wakeAt(monotonicMs: number, wake: () => void): Cancel;
}

export type Cancel = () => void;
