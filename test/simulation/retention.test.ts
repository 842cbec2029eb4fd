/** Gateways that drop old blocks, and one that joins when nobody has them any more. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { horizonOf } from "#core/ledger/stored-blocks.ts";
import { FinalityWorld } from "./finality-world.ts";
import { crypto } from "./simulated-gateway.ts";

const MINUTE_MS = 60_000;
const BLOCK_MS = 30_000;
const DAY_MS = 86_400_000;
const TUNING = { snapshotBlocks: 16, blocksBehindMax: 1000, keepDays: (6 * MINUTE_MS) / DAY_MS };

const test = suite("retention in a region");

test("a newcomer takes the state from gateways that have dropped the blocks, and all go on together", async () => {
  const rules = { epochCheckpoints: 3 };
  const world = new FinalityWorld({ stations: 3, vehicles: 1, latecomers: 1, rules, tuning: TUNING });
  await world.start();
  await talk(world, 30);
  const [first, late] = [world.nodes[0], world.nodes[3]];
  if (first === undefined || late === undefined) throw new Error("bug of the test: no such gateway");
  const dropped = world.story.filter((line) => line.includes("blocksDropped"));
  const horizons = world.nodes.slice(0, 3).map((node) => horizonOf(world.chainOf(node)));
  assert.ok(
    horizons.every((serial) => serial > 8),
    `kept from blocks ${horizons.join(", ")}: ${dropped.length} times`,
  );
  await late.start();
  const heads = (): number => new Set(world.nodes.map((node) => toHex(world.chainOf(node).head.id))).size;
  const isThere = (): boolean => late.running !== undefined && heads() === 1;
  // It is behind by fewer blocks than those for which a state is fetched: what it hears from the others decides.
  await world.runUntil("the newcomer has caught up", 5 * MINUTE_MS, isThere);
  assert.ok(world.chainOf(late).base.serial >= 16, "by a state");
  const hash = (message: Uint8Array): Uint8Array => crypto.sha256(message);
  const roots = world.nodes.map((node) => toHex(stateRoot(hash, world.chainOf(node).head.state)));
  assert.is(new Set(roots).size, 1, "one state");
  first.die("power");
  await first.start();
  await talk(world, 3);
  await world.runUntil("one head again", 3 * MINUTE_MS, () => first.running !== undefined && heads() === 1);
  assert.ok(horizonOf(world.chainOf(first)) > 8);
});

test.run();

async function talk(world: FinalityWorld, minutes: number): Promise<void> {
  for (let left = minutes * MINUTE_MS; left > 0; left -= BLOCK_MS) {
    const [, speaker] = world.nodes;
    if (speaker !== undefined) world.speak(speaker);
    await world.runFor(BLOCK_MS);
  }
}
