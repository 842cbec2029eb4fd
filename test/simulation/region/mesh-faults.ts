/** Faults of brokers, links and connections. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { FaultWorld } from "./fault-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function clog(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const heldMs = random.integer(10_000, 10 * MINUTE_MS);
  world.mesh.clog(node.identity.key, world.nowMs + heldMs);
  world.disturb(node, heldMs);
  world.tell(`what comes for ${node.name} is held back for ${Math.round(heldMs / 1000)} s`);
}

export function deafen(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const forMs = random.integer(20_000, 20 * MINUTE_MS);
  const undo = (): void => {
    world.mesh.deafen(node.identity.key, false);
  };
  world.mesh.deafen(node.identity.key, true);
  world.disturb(node, forMs);
  world.tell(`${node.name} hears nothing for ${Math.round(forMs / 1000)} s`);
  world.undo(undo);
  world.at(world.nowMs + forMs, undo);
}

/** Two halves that do not hear each other for minutes to hours. */
export function cutLinks(world: FaultWorld, random: SeededRandom): void {
  if (world.sites.length < 2) return;
  const left = world.sites.filter(() => random.chance(0.5));
  const right = world.sites.filter((site) => !left.includes(site));
  if (left.length === 0 || right.length === 0) return;
  const forMs = random.integer(MINUTE_MS, 3 * HOUR_MS);
  cutBetween(world, { left, right }, forMs);
  world.counts.count("partition");
  world.tell(`${left.join("+")} and ${right.join("+")} are parted for ${Math.round(forMs / MINUTE_MS)} min`);
}

interface Halves {
  readonly left: readonly string[];
  readonly right: readonly string[];
}

function cutBetween(world: FaultWorld, { left, right }: Halves, forMs: number): void {
  const pairs = left.flatMap((one) => right.map((other) => [one, other] as const));
  for (const [one, other] of pairs) {
    world.mesh.cut(one, other);
    world.mesh.cut(other, one);
  }
  const heal = (): void => {
    for (const [one, other] of pairs) {
      world.mesh.mend(one, other);
      world.mesh.mend(other, one);
    }
  };
  world.undo(heal);
  world.at(world.nowMs + forMs, heal);
}

export function cutOneWay(world: FaultWorld, random: SeededRandom): void {
  if (world.sites.length < 2) return;
  const from = random.pick(world.sites);
  const to = random.pick(world.sites.filter((site) => site !== from));
  const others = world.sites.filter((site) => site !== from && site !== to);
  const forMs = random.integer(MINUTE_MS, 2 * HOUR_MS);
  // Nor round about, by the others.
  for (const other of [from, ...others]) world.mesh.cut(other, to);
  world.counts.count("one-way partition");
  world.tell(`${to} hears no other site for ${Math.round(forMs / MINUTE_MS)} min, and they hear it`);
  const heal = (): void => {
    for (const other of [from, ...others]) world.mesh.mend(other, to);
  };
  world.undo(heal);
  world.at(world.nowMs + forMs, heal);
}

export function crashBroker(world: FaultWorld, random: SeededRandom): void {
  const site = random.pick(world.sites);
  const keeps = random.pick(["retained", "nothing"] as const);
  const forMs = random.integer(5_000, 10 * MINUTE_MS);
  world.mesh.stopBroker(site, keeps);
  world.counts.count(keeps === "retained" ? "broker restart" : "broker crash");
  world.disturb(site, forMs + MINUTE_MS);
  world.tell(`the broker of ${site} is down for ${Math.round(forMs / 1000)} s`);
  const heal = (): void => {
    world.mesh.startBroker(site);
  };
  world.undo(heal);
  world.at(world.nowMs + forMs, heal);
}

export function takeOver(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  world.mesh.drop(node.identity.key);
  world.counts.count("client takeover");
  world.disturb(node, MINUTE_MS);
  world.tell(`somebody connects as ${node.name}`);
}

/** One site without backhaul for most of the run: the others go on, and so does it. */
export function isolate(world: FaultWorld, random: SeededRandom): void {
  if (world.sites.length < 2) return;
  const site = random.pick(world.sites);
  const fromMs = world.nowMs + random.next() * 0.1 * world.calmFromMs;
  const forMs = random.between(0.5, 0.95) * (world.calmFromMs - fromMs);
  const right = world.sites.filter((other) => other !== site);
  world.at(fromMs, () => {
    world.counts.count("outage");
    world.tell(`${site} has no backhaul for ${(forMs / HOUR_MS).toFixed(1)} h`);
    cutBetween(world, { left: [site], right }, forMs);
  });
}
