/**
 * B29: committees hand over while the region is parted, and half of the old committee goes. No fork of what is final.
 *
 * A committee of which more than a third is gone makes nothing final: blocks and charges go on, and either they come
 * back, or governors name others in their place (RECONFIG, decision 0047).
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fact } from "#core/ledger/fact.ts";
import { reconfigFact } from "#test/builders/governors.ts";
import type { RegionNode } from "../region/region-node.ts";
import { refusedWith } from "./charging.ts";
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

/** Half of the committee of the first gateway, and not that one itself. */
function halfOfCommittee(scenario: Scenario, first: RegionNode): readonly RegionNode[] {
  const forward = scenario.chainOf(first).head.state.finality.committees.at(-1) ?? [];
  return scenario.world.nodes
    .filter(({ identity }) => forward.includes(identity.key) && identity.key !== first.identity.key)
    .slice(0, Math.ceil(forward.length / 2));
}

/** Signed by two of the three governors. */
function naming(scenario: Scenario, node: RegionNode, voters: readonly RegionNode[]): Fact {
  const { genesis, governors } = scenario.world;
  const dids = voters.map(({ identity }) => identity.did);
  return reconfigFact(genesis.network, scenario.chainOf(node).final, dids, governors.slice(1));
}

for (const isParted of [false, true]) {
  const how = isParted ? ", while the region is parted" : "";
  test(`B29 with half of the committee gone for good RECONFIG frees the region${how}: final grows, one head, no fork`, async () => {
    const scenario = new Scenario({ stations: 6, rules: RULES, governors: { count: 3, threshold: 2 } });
    await scenario.start();
    await scenario.giveHistories();
    await scenario.talk(2 * MINUTE_MS);
    const [first] = scenario.honest;
    assert.ok(first);
    const gone = halfOfCommittee(scenario, first);
    for (const node of gone) node.die("power");
    await scenario.talk(4 * MINUTE_MS);
    const [final, epoch] = [scenario.final, epochAt(scenario, first)];
    if (isParted) scenario.part([first.name]);
    await scenario.talk(2 * MINUTE_MS, scenario.honest);
    assert.is(scenario.final, final, "nothing becomes final");
    const fact = naming(scenario, first, scenario.honest);
    scenario.tell([fact]);
    await scenario.talk(2 * MINUTE_MS, scenario.honest);
    scenario.heal();
    await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
    await scenario.talk(4 * MINUTE_MS);
    assert.ok(scenario.final > final + 4, `final ${final} to ${scenario.final}`);
    assert.ok(epochAt(scenario, first) > epoch + 1, "and committees hand over again");
    // Who was struck comes back with all that it knew, and follows.
    for (const node of gone) await node.start();
    await scenario.talk(3 * MINUTE_MS);
    await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
    const late = naming(scenario, first, scenario.honest.slice(0, 3));
    await scenario.talk(2 * MINUTE_MS);
    const before = refusedWith(first, "FACT_CONTRADICTS_FINAL");
    scenario.tell([late]);
    await scenario.runFor(2_000);
    assert.ok(refusedWith(first, "FACT_CONTRADICTS_FINAL") > before, "one that comes late is refused by name");
    await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
    scenario.end();
  });
}

test("B29 a gateway that joins with nothing but the genesis follows the governors' committee", async () => {
  const scenario = new Scenario({ stations: 6, rules: RULES, governors: { count: 3, threshold: 2 } });
  const joining = scenario.node("station-6");
  await scenario.start(scenario.world.nodes.filter((node) => node !== joining));
  await scenario.giveHistories();
  await scenario.talk(2 * MINUTE_MS);
  const [first] = scenario.honest;
  assert.ok(first);
  const gone = halfOfCommittee(scenario, first);
  for (const node of gone) node.die("power");
  await scenario.talk(4 * MINUTE_MS);
  scenario.tell([naming(scenario, first, scenario.honest)]);
  await scenario.talk(6 * MINUTE_MS);
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  await joining.start();
  await scenario.talk(2 * MINUTE_MS);
  assert.ok(scenario.hasOneHead);
  const [{ finality }, own] = [scenario.chainOf(joining).head.state, scenario.chainOf(joining).handoffs];
  assert.is(finality.governance?.reconfigs.length, 1);
  assert.is(own.epoch, scenario.chainOf(first).handoffs.epoch);
  scenario.end();
});

test.run();
