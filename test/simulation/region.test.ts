/** A few regions from their seeds; the many are `npm run sim -- --seeds 2000 --nodes 12 --hours 24`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FaultCounts, FAULT_KIND_NAMES } from "./region/fault-counts.ts";
import { FAULT_GROUPS, FAULT_GROUP_NAMES, type FaultGroupForm } from "./region/fault-groups.ts";
import { LIES, type Lie } from "./region/lies.ts";
import { playRegion, type RegionOutcome } from "./region/play-region.ts";
import { tellStory } from "./region/region-story.ts";

const test = suite("simulated region");

function assertHeld(outcome: RegionOutcome): void {
  if (outcome.violation !== undefined) throw new Error(tellStory(outcome, false));
}

test("a region without faults settles its charges, seals, and makes blocks final", async () => {
  const outcome = await playRegion(1, { nodes: 5, hours: 0.4, groups: [] });
  assertHeld(outcome);
  assert.ok(outcome.results >= 3, `${outcome.results} charges`);
});

test("seeds with faults of their own keep every invariant", async () => {
  const counts = new FaultCounts();
  for (const seed of [1, 2]) {
    const outcome = await playRegion(seed, { nodes: 5, hours: 0.5 });
    assertHeld(outcome);
    counts.addAll(outcome.world.counts);
  }
  // Faults that never fire would prove nothing.
  assert.ok(FAULT_KIND_NAMES.filter((kind) => counts.get(kind) > 0).length >= 5);
});

test("what a liar agrees on after it was struck counts for it again, in the chain and in a recount", async () => {
  const liars = new Map([["car-2", "seals out of turn"]] as const);
  assertHeld(await playRegion(3, { nodes: 6, hours: 1, groups: ["roaming", "unplug"], allOn: true, pace: 12, liars }));
});

test("the same seed is the same history", async () => {
  const wishes = { nodes: 4, hours: 0.2 };
  const [first, second] = [await playRegion(7, wishes), await playRegion(7, wishes)];
  assert.equal(first.world.story, second.world.story);
});

test("simulated signatures give the history of real ones", async () => {
  const wishes = { nodes: 3, hours: 0.1, groups: ["loss", "unplug"], allOn: true } as const;
  const quick = await playRegion(3, { ...wishes, crypto: "simulated" });
  const real = await playRegion(3, { ...wishes, crypto: "real" });
  assertHeld(real);
  assert.ok(quick.world.story.length > 50);
  assert.equal(quick.world.story, real.world.story);
});

test("each group of faults says what it is to count, and each lie whom it suits", () => {
  for (const name of FAULT_GROUP_NAMES) {
    const { share, fires }: FaultGroupForm = FAULT_GROUPS[name];
    assert.ok(share > 0 && share < 1, name);
    assert.ok(fires.length > 0 || name === "liars", name);
  }
  for (const lie of Object.keys(LIES) as Lie[]) {
    assert.ok(
      ["station-1", "car-1"].some((name) => LIES[lie].suits(name)),
      lie,
    );
  }
});

test.run();
