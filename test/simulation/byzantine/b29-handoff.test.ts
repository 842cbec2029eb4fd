/**
 * B29: committees hand over while the region is parted, and half of the old committee goes. No fork of what is final.
 *
 * A committee of which more than a third is gone for good would need RECONFIG by governors, which is not built (decision
 * 0040): then nothing becomes final, and charging and sealing go on. Played is that they come back.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RegionNode } from "../region/region-node.ts";
import { NEW_FINAL_WITHIN, MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B29 handoff");

/** An epoch is two checkpoints of two blocks, so that there are many handoffs. */
const RULES = { checkpointBlocks: 2, epochCheckpoints: 2 } as const;
const NAMES = [1, 2, 3, 4, 5, 6].map((number) => `station-${number}`);

async function region(): Promise<Scenario> {
  const scenario = new Scenario({ stations: 6, rules: RULES });
  await scenario.start();
  await scenario.giveHistories();
  return scenario;
}

function epochAt(scenario: Scenario, node: RegionNode): number {
  return scenario.chainOf(node).head.state.finality.epoch;
}

function epochs(scenario: Scenario): readonly number[] {
  return scenario.honest.map((node) => epochAt(scenario, node));
}

test("B29 committees hand over again and again while the region is parted otherwise each time: nothing final conflicts", async () => {
  const scenario = await region();
  const before = Math.max(...epochs(scenario));
  const cuts = [
    [["station-1", "station-2", "station-3"]],
    [
      ["station-1", "station-4"],
      ["station-2", "station-3", "station-5", "station-6"],
    ],
    [["station-1", "station-2", "station-3", "station-4", "station-5"]],
    [
      ["station-2", "station-4"],
      ["station-1", "station-6"],
      ["station-3", "station-5"],
    ],
  ] as const;
  for (const [round, groups] of cuts.entries()) {
    // Cut at another block of the epoch each time: before, at and behind its boundary.
    await scenario.talk((round + 1) * 30_000, scenario.honest);
    const alone = NAMES.filter((name) => !groups.some((group) => (group as readonly string[]).includes(name)));
    scenario.part(...groups, alone);
    await scenario.talk(2.5 * MINUTE_MS, scenario.honest);
    scenario.heal();
    await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  }
  const after = Math.min(...epochs(scenario));
  assert.ok(after >= before + 3, `epochs ${before} to ${after}`);
  scenario.end();
});

test("B29 without half of the old committee nothing becomes final and blocks go on; with it back all goes on, over handoffs", async () => {
  const scenario = await region();
  await scenario.talk(2 * MINUTE_MS);
  const [first] = scenario.honest;
  assert.ok(first);
  const forward = scenario.chainOf(first).head.state.finality.committees.at(-1) ?? [];
  const gone = forward
    .filter((did) => did !== first.identity.key)
    .slice(0, Math.ceil(forward.length / 2))
    .map((did) => scenario.world.nodes.find(({ identity }) => identity.key === did));
  assert.ok(forward.length >= 4 && gone.length >= 2);
  for (const node of gone) node?.die("power");
  await scenario.talk(3 * MINUTE_MS);
  const [final, head, epoch] = [scenario.final, scenario.tallest, epochAt(scenario, first)];
  await scenario.talk(4 * MINUTE_MS);
  assert.is(scenario.final, final, "nothing becomes final");
  assert.ok(scenario.tallest >= head + 4, `${scenario.tallest - head} blocks are sealed`);
  assert.is(epochAt(scenario, first), epoch, "and nobody takes over");
  for (const node of gone) await node?.start();
  await scenario.talk(2 * MINUTE_MS);
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  await scenario.talk(4 * MINUTE_MS);
  assert.ok(epochAt(scenario, first) > epoch, "the next committee has taken over");
  scenario.end();
});

test.run();
