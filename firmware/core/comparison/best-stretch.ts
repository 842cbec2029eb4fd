/** The run of neighbours with the largest sum. */
export interface Stretch {
  /** Places of the first and the last, both included. */
  readonly first: number;
  readonly last: number;
  readonly sum: number;
}

/** Undefined when no sum is above 0. Of equal runs the first that ends (Kadane's algorithm). */
export function bestStretch(gains: readonly number[]): Stretch | undefined {
  let best: Stretch | undefined;
  let [first, sum] = [0, 0];
  for (const [last, gain] of gains.entries()) {
    if (sum <= 0) [first, sum] = [last, 0];
    sum += gain;
    if (sum > (best?.sum ?? 0)) best = { first, last, sum };
  }
  return best;
}
