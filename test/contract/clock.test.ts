import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { clockContract } from "./clock.ts";
import type { ClockUnderTest } from "./clock.ts";

clockContract("system", () => realTime(new SystemClock()));

for (const speed of [1, 4, 0.5]) {
  clockContract(`scaled, speed ${speed}`, () =>
    realTime(new ScaledClock({ realEpochMs: Date.now(), worldEpochMs: 1_800_000_000_000, speed })),
  );
}

clockContract("scaled over simulated", () => {
  const real = new SimulatedClock();
  const clock = new ScaledClock({ realEpochMs: real.wallMs(), worldEpochMs: 1_800_000_000_000, speed: 7 }, real);
  return { clock, pass: (durationMs) => real.runFor(durationMs / 7 + 0.01) };
});

clockContract("simulated", () => {
  const clock = new SimulatedClock();
  return { clock, pass: (durationMs) => clock.runFor(durationMs) };
});

for (const driftPpm of [0, 50, -50, 123_456]) {
  clockContract(`node of the simulation, ${driftPpm} ppm`, () => {
    const world = new SimulatedClock();
    const pass = (durationMs: number): Promise<void> => world.runFor(durationMs / (1 + driftPpm / 1e6) + 0.001);
    return { clock: world.nodeClock({ offsetMs: -86_400_000, driftPpm }), pass };
  });
}

/** Real time cannot be simulated; what passes it is the machine's own timer, independent of the clock under test. */
function realTime(clock: Clock): ClockUnderTest {
  return {
    clock,
    pass: async (durationMs) => {
      const untilMs = clock.monotonicMs() + durationMs;
      while (clock.monotonicMs() < untilMs) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}
