/** Faults of the cards: power cuts at a write, failures, rot, no room, slowness, old images, copies that run. */
import { REGISTER_NAME } from "#adapters/flash-store/index.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { FaultWorld } from "./fault-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const FOLDERS = ["ledger", "ledger", "ledger", "energy", "promise", "meter", "ocmf"] as const;

/** During one of the next writes or syncs, whatever it is for. */
export function cutAtWrite(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const awayMs = random.integer(2_000, 20 * MINUTE_MS);
  const card = node.cards.get(random.pick(FOLDERS));
  if (card === undefined) return;
  // In whichever of its lives: a write that the power has left never ends, so whoever waits for it must go, too.
  void card.cutPowerAt(random.integer(1, 12)).then(() => {
    world.counts.count("power cut at a write");
    world.crash(node, "power", awayMs);
  });
  world.undo(() => {
    card.forgiveFaults();
  });
}

export function failFlash(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const operation = random.pick(["write", "sync", "write"] as const);
  node.cards.get(random.pick(FOLDERS))?.failAt(operation, "FLASH_IO", random.integer(1, 8));
  world.undo(() => {
    for (const card of node.cards.values()) card.forgiveFaults();
  });
}

/** Of what was stored long ago; the gateway learns of it when it reads it. */
export function rot(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const card = node.cards.get("ledger");
  const files = [...(card?.snapshot() ?? [])].filter(([name]) => name !== REGISTER_NAME);
  if (card === undefined || files.length === 0) return;
  const [name, bytes] = random.pick(files);
  const written = bytes.findLastIndex((byte) => byte !== 0);
  if (written < 1) return;
  const at = random.integer(0, written);
  card.rot(name, at, 1 << random.integer(0, 7));
  node.hasRotted = true;
  world.counts.count("bit rot");
  world.tell(`a bit turns over in byte ${at} of ${node.name}'s ${name}`);
  world.disturb(node, Infinity);
}

/** One gateway has a card that is too small for the day. */
export function fillFlash(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  world.at(world.nowMs + random.next() * 0.8 * (world.calmFromMs - world.nowMs), () => {
    const card = node.cards.get("ledger");
    if (card === undefined) return;
    card.resize(card.usedBytes);
    world.counts.count("full flash");
    world.disturb(node, Infinity);
    world.tell(`the card of ${node.name} is full`);
    const room = (): void => {
      card.resize(Infinity);
    };
    world.undo(room);
    world.at(world.nowMs + 4 * HOUR_MS, room);
  });
}

export function slowFlash(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const forMs = random.integer(MINUTE_MS, HOUR_MS);
  node.flashDelayMs = random.integer(20, 2_000);
  world.disturb(node, forMs + MINUTE_MS);
  world.tell(
    `each call to ${node.name}'s flash takes ${node.flashDelayMs} ms for ${Math.round(forMs / MINUTE_MS)} min`,
  );
  const undo = (): void => {
    node.flashDelayMs = 0;
  };
  world.undo(undo);
  world.at(world.nowMs + forMs, undo);
}

/** Somebody puts back a copy that is some hours old. */
export function restoreOld(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  const image = node.image();
  world.at(world.nowMs + random.integer(10 * MINUTE_MS, 8 * HOUR_MS) / world.pace, () => {
    if (node.running === undefined) return;
    node.die("power");
    node.restore(image, "old image");
    world.counts.count("old image");
    world.disturb(node, Infinity);
    world.tell(`an old image of ${node.name}'s card is put back`);
    world.restart(node, MINUTE_MS);
  });
}

/** A copy of a gateway's card runs beside it: its words are the gateway's, and nobody can tell them apart. */
export function clone(world: FaultWorld, random: SeededRandom): void {
  const node = world.anyNode(random);
  world.at(world.nowMs + random.next() * 0.5 * (world.calmFromMs - world.nowMs), () => {
    if (!world.runClone(node)) return;
    world.counts.count("cloned card");
    world.disturb(node, Infinity);
    world.tell(`a copy of ${node.name}'s card runs as well`);
  });
}
