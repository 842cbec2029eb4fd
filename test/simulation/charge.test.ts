/** One charge between two gateways, over a bad mesh and through power cuts, from hundreds of seeds. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KNOWN_SEEDS } from "./known-seeds.ts";
import { drawFaults, simulateCharge, type Outcome } from "./simulate-charge.ts";
import type { ChargeFaults } from "./charge-world.ts";

/** `npm run sim` plays as many as one likes. */
const SEEDS = 100;
const HONEST_SEEDS = 25;
const QUIET: ChargeFaults = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 1_500_000 };

const test = suite("simulated charge");

function assertHeld(seed: number, { violation, story }: Outcome): void {
  if (violation === undefined) return;
  const told = story.filter((line) => !line.includes("peerSeen")).map((line) => line.slice(0, 200));
  throw new Error(`seed ${seed}: ${violation.invariant}: ${violation.detail}\n${told.join("\n")}`);
}

for (const { seed, was } of KNOWN_SEEDS) {
  test(`seed ${seed} is well again: ${was}`, async () => {
    assertHeld(seed, await simulateCharge(seed, drawFaults(seed)));
  });
}

test(`${SEEDS} seeds of loss, repetition, reordering, damage and a power cut at each write keep every invariant`, async () => {
  let crashes = 0;
  let charges = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = await simulateCharge(seed, drawFaults(seed));
    assertHeld(seed, outcome);
    crashes += outcome.crashed ? 1 : 0;
    charges += outcome.results.length > 0 ? 1 : 0;
  }
  // Faults that never fire and charges that never happen would prove nothing.
  assert.ok(crashes > SEEDS / 4, `${crashes} power cuts`);
  assert.ok(charges > SEEDS * 0.95, `${charges} charges`);
});

test(`${HONEST_SEEDS} honest charges are settled, and none is said to disagree`, async () => {
  for (let seed = 1; seed <= HONEST_SEEDS; seed += 1) {
    const outcome = await simulateCharge(seed, QUIET);
    assertHeld(seed, outcome);
    const [result] = outcome.results;
    assert.is(result?.state, "SETTLED", `seed ${seed}`);
    assert.not.equal(result?.verdict, "DISAGREE", `seed ${seed}`);
  }
});

for (const [who, lie] of [
  ["station", { ...QUIET, stationLies: 1.2 }],
  ["vehicle", { ...QUIET, vehicleLies: 0.7 }],
] as const) {
  test(`a lying ${who} is caught, and no more than the undisputed part is billed`, async () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const outcome = await simulateCharge(seed, lie);
      assertHeld(seed, outcome);
      const [result] = outcome.results;
      assert.is(result?.state, "DISPUTED", `seed ${seed}`);
      assert.is(result?.verdict, "DISAGREE", `seed ${seed}`);
      assert.ok((result?.billedMilliWh ?? 0) < (result?.stationMilliWh ?? 0), `seed ${seed}`);
    }
  });
}

test("the same seed tells the same story", async () => {
  const [first, second] = [await simulateCharge(31, drawFaults(31)), await simulateCharge(31, drawFaults(31))];
  assert.equal(first.story, second.story);
});

test.run();
