/** Faults of clocks: dates that are off, quartzes that drift, dates that are set while a gateway runs. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { FaultWorld } from "./fault-world.ts";

const HOUR_MS = 3_600_000;

/** Before the gateways start. Most are off by less than they say; some by hours, and know that they do not know. */
export function skewClocks(world: FaultWorld, random: SeededRandom): void {
  for (const node of world.nodes) {
    const isLost = random.chance(0.12);
    const offsetMs = isLost ? random.integer(-6 * HOUR_MS, HOUR_MS) : random.integer(-600, 600);
    node.setClock({ offsetMs, driftPpm: random.between(-40, 40), isSynced: !isLost });
    world.counts.count("clock offset");
    world.counts.count("clock drift");
    if (isLost) {
      world.disturb(node, Infinity);
      world.tell(
        `${node.name} starts ${Math.round(offsetMs / 60_000)} min off and knows that nothing has set its date`,
      );
    }
    world.undo(() => {
      node.repairClock();
    });
  }
}

/** The date is set wrong, and the gateway either knows that nothing vouches for it or believes it for a while. */
export function jumpClock(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const byMs = random.integer(-HOUR_MS, HOUR_MS);
  const isBelieved = random.chance(0.3);
  node.stepClock(byMs, isBelieved);
  world.counts.count("clock jump");
  world.disturb(node, Infinity);
  world.tell(
    `the date of ${node.name} is set by ${Math.round(byMs / 1000)} s${isBelieved ? ", and it believes it" : ""}`,
  );
  const repair = (): void => {
    node.repairClock();
  };
  world.undo(repair);
  world.at(world.nowMs + random.integer(60_000, 3 * HOUR_MS), repair);
}

export function loseClock(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  node.loseClock();
  world.counts.count("clock lost");
  world.disturb(node, Infinity);
  world.tell(`${node.name} no longer knows whether its date is right`);
  const repair = (): void => {
    node.repairClock();
  };
  world.undo(repair);
  world.at(world.nowMs + random.integer(60_000, 6 * HOUR_MS), repair);
}
