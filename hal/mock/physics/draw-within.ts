/**
 * An error of a device that keeps to its limit: bell-shaped around 0 with a deviation of two fifths of the limit, and
 * never beyond it. Calibrated devices crowd around zero; a few come close to what they may err by.
 */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export function drawWithin(random: SeededRandom, limit: number): number {
  for (;;) {
    const drawn = 0.4 * limit * random.gaussian();
    if (Math.abs(drawn) <= limit) return drawn;
  }
}
