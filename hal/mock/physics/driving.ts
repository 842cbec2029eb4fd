/** A drive as the battery feels it: a mean power with hills and lights, and braking that gives some of it back. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { drawSlowNoise, type SlowNoise } from "./slow-noise.ts";

export interface Drive {
  readonly untilMs: number;
  readonly meanW: number;
  readonly load: SlowNoise;
}

export function drawDrive(random: SeededRandom, untilMs: number): Drive {
  return { untilMs, meanW: random.between(9_000, 18_000), load: drawSlowNoise(random) };
}

/** Out of the battery is positive. The noise reaches from -1 to 1, so about a quarter of the time the motor brakes. */
export function tractionW(drive: Drive, worldMs: number): number {
  return drive.meanW * (1 + 3 * drive.load(worldMs));
}

/** Never zero while driving: that would be standing. */
export function motorRpm(drive: Drive, worldMs: number): number {
  return Math.round(3_500 + 2_500 * drive.load(worldMs + 20_000));
}
