/**
 * The faults that a seed can switch on, each a group of its own: how often seeds have it, and what it plans over the
 * hours of the run. To add a fault is to add an entry here (and a kind in `fault-counts.ts`, counted where it strikes).
 */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { FaultKind } from "./fault-counts.ts";
import { clone, cutAtWrite, failFlash, fillFlash, restoreOld, rot, slowFlash } from "./flash-faults.ts";
import { jumpClock, loseClock, skewClocks } from "./clock-faults.ts";
import type { FaultWorld } from "./fault-world.ts";
import { clog, crashBroker, cutLinks, cutOneWay, deafen, isolate, takeOver } from "./mesh-faults.ts";

export interface FaultGroupForm {
  /** Of all seeds, those that have it. */
  readonly share: number;
  /** What a run with it can be expected to count. */
  readonly fires: readonly FaultKind[];
  readonly install?: (world: FaultWorld, random: SeededRandom) => void;
}

export const FAULT_GROUPS = {
  loss: { share: 0.4, fires: ["loss"] },
  delay: { share: 0.4, fires: ["delay"] },
  duplication: { share: 0.4, fires: ["duplication"] },
  reorder: { share: 0.3, fires: ["reorder"] },
  corruption: { share: 0.3, fires: ["corruption"] },
  clog: { share: 0.2, fires: ["clog"], install: often(clog, 2) },
  deaf: { share: 0.2, fires: ["deaf"], install: often(deafen, 3) },
  partition: { share: 0.4, fires: ["partition", "parted message"], install: often(cutLinks, 5) },
  "one-way": { share: 0.2, fires: ["one-way partition"], install: often(cutOneWay, 5) },
  broker: { share: 0.3, fires: ["broker crash", "broker restart"], install: often(crashBroker, 4) },
  takeover: { share: 0.2, fires: ["client takeover"], install: often(takeOver, 3) },
  outage: { share: 0.15, fires: ["outage"], install: isolate },
  roaming: { share: 0.6, fires: ["roaming"] },
  clocks: { share: 0.3, fires: ["clock offset", "clock drift"], install: skewClocks },
  "clock-jumps": { share: 0.2, fires: ["clock jump", "clock lost"], install: often(every(jumpClock, loseClock), 6) },
  kills: {
    share: 0.4,
    fires: ["kill"],
    install: often((world, random) => {
      world.crash(world.anyNode(random), "kill", random.integer(1_000, 300_000));
    }, 2),
  },
  "power-cuts": {
    share: 0.4,
    fires: ["power cut"],
    install: often((world, random) => {
      world.crash(world.anyNode(random), "power", random.integer(5_000, 1_800_000));
    }, 3),
  },
  "write-cuts": { share: 0.4, fires: ["power cut at a write"], install: often(cutAtWrite, 1.5) },
  "failed-flash": { share: 0.25, fires: ["failed write"], install: often(failFlash, 4) },
  "bit-rot": { share: 0.1, fires: ["bit rot"], install: often(rot, 12) },
  "full-flash": { share: 0.1, fires: ["full flash"], install: fillFlash },
  "slow-flash": { share: 0.2, fires: ["slow flash"], install: often(slowFlash, 4) },
  "old-image": { share: 0.12, fires: ["old image"], install: often(restoreOld, 12) },
  clone: { share: 0.05, fires: ["cloned card"], install: clone },
  unplug: { share: 0.3, fires: ["early unplug"] },
  liars: { share: 0.4, fires: [] },
} as const satisfies Readonly<Record<string, FaultGroupForm>>;

export type FaultGroup = keyof typeof FAULT_GROUPS;
export const FAULT_GROUP_NAMES = Object.keys(FAULT_GROUPS) as readonly FaultGroup[];

type Strike = (world: FaultWorld, random: SeededRandom) => void;

/** Strikes again and again, on average once in so many hours (at pace 1), while there are faults. */
function often(strike: Strike, hours: number): Strike {
  return (world, random) => {
    const again = (): void => {
      const gapMs = Math.max(30_000, -Math.log(1 - random.next()) * hours * (3_600_000 / world.pace));
      world.at(world.nowMs + gapMs, () => {
        strike(world, random);
        again();
      });
    };
    again();
  };
}

function every(...strikes: readonly Strike[]): Strike {
  return (world, random) => {
    for (const strike of strikes) strike(world, random);
  };
}
