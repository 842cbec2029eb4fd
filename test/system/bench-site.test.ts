/** A site: cars take turns, histories grow, and with them changes who seals. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun } from "#test/builders/bench-run.ts";

const test = suite("bench, a site");

test("three chargers and five cars with two charges each end with one chain of several miners", async () => {
  const run = await benchRun({ chargers: 3, vehicles: 5, charges: 2, minutes: 6, speed: 30 });
  assertOneTrueChain(run);
  assert.equal(run.report.problems, []);
  assert.is(run.report.gateways.length, 8);
  assert.is(run.report.charges.length, 10);
  for (const { outcome } of run.report.charges) assert.is(outcome, "agreed");
  const miners = new Set(run.report.blocks.map(({ miner }) => miner));
  assert.ok(miners.size > 1, `blocks were sealed by ${[...miners].join(", ")} only`);
  // Tier 2 are the genesis' authorities, 0 and 1 nodes with a history: the histories have grown.
  assert.ok(
    run.report.blocks.some(({ tier }) => tier < 2),
    "no block was sealed for the history of its miner",
  );
});

test.run();
