/** What a seed lets go wrong in a simulated charge: on the line, in the adapter, on the bus, in the gateway. */
import type { ObdBench, ObdFaults } from "#hal/mock/obd/obd-bench.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { BenchLine } from "./bench-line.ts";

export interface TroubledWorld extends Pick<ObdBench, "car" | "adapter"> {
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly line: BenchLine;
  /** Counts what has really happened. */
  readonly fired: Record<string, number>;
}

/** Each happens in three of ten charges, once, and is over before the charge is. */
export function scheduleTroubles(
  { clock, random, line, car, adapter, fired }: TroubledWorld,
  { durationS, trouble }: { readonly durationS: number; readonly trouble: number },
  restartGateway: () => void,
): void {
  const at = (what: string, lastingS: readonly [number, number], begin: () => void, end: () => void): void => {
    if (!random.chance(0.3 * trouble)) return;
    // What nobody could see at the charge's end, nobody can state.
    const startS = random.integer(30, Math.round(durationS * 0.7));
    const endS = Math.min(startS + random.integer(...lastingS), durationS - 60);
    const nowMs = clock.monotonicMs();
    clock.wakeAt(nowMs + 1000 * startS, () => {
      fired[what] = (fired[what] ?? 0) + 1;
      begin();
    });
    clock.wakeAt(nowMs + 1000 * endS, end);
  };
  const putBack = (): void => {
    line.putBack();
    adapter.reboot();
  };
  const thaw = (): void => {
    adapter.thaw();
    adapter.reboot();
  };
  at("adapter pulled", [5, 400], line.pull.bind(line), putBack);
  at("units asleep", [5, 200], car.fallAsleep.bind(car), car.wakeUp.bind(car));
  at("adapter frozen", [5, 120], adapter.freeze.bind(adapter), thaw);
  at("bus cut", [5, 60], car.cutBus.bind(car), car.mendBus.bind(car));
  at("gateway restarted", [1, 1], restartGateway, () => undefined);
}

/** Each of the kinds that there are, now and then: about one request in twenty has one of them. */
export function faultsOf(trouble: number): ObdFaults {
  const often = 0.004 * trouble;
  const rarely = 0.0005 * trouble;
  return {
    ...{ leftover: often, glued: often, restarted: often, echoed: often, wrongSequence: often, unfinished: often },
    ...{ recorded: 2 * often, lostCharacters: rarely, lostLine: rarely, mergedLines: rarely },
    ...{ receiveError: rarely, dataError: rarely, bufferFull: rarely, reboot: rarely, lowVoltage: rarely },
    ...{ hang: rarely, searching: often, canError: rarely, busBusy: rarely, busError: rarely, feedbackError: rarely },
    ...{ fatalCanError: rarely, activityAlert: rarely / 5, pending: often, refused: often, unanswered: often },
    ...{ chatter: often, secondAnswer: rarely },
  };
}
