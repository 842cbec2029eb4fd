/**
 * A value that wanders within [-1, 1], as a function of time alone: however finely the world is stepped or read, it is
 * the same history.
 */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export type SlowNoise = (worldMs: number) => number;

export function drawSlowNoise(random: SeededRandom): SlowNoise {
  const waves = PERIODS_S.map((periodS) => ({
    periodMs: periodS * 1000 * random.between(0.8, 1.25),
    startTurns: random.next(),
  }));
  return (worldMs) => {
    let sum = 0;
    for (const wave of waves) {
      // World time is some 1e12 ms; sin takes several times as long when it has to reduce such an angle itself.
      const turns = worldMs / wave.periodMs + wave.startTurns;
      sum += Math.sin(2 * Math.PI * (turns - Math.floor(turns)));
    }
    return sum / waves.length;
  };
}

/** A kettle, a stove, and the evening. */
const PERIODS_S = [47, 410, 5300];
