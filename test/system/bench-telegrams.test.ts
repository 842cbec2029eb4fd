/** A charge whose meter speaks by itself, on a line of its own: composed as any gateway is, from its configuration. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun, onlyCharge } from "#test/builders/bench-run.ts";

const test = suite("bench with a meter that speaks by itself");

test("a charge measured by P1 telegrams settles, with what the meter really counted", async () => {
  const run = await benchRun({ meter: "dsmr-p1", minutes: 4 });
  assertOneTrueChain(run);
  assert.equal(run.report.problems, []);
  assert.ok(onlyCharge(run).result.verdict !== "DISAGREE");
});

test.run();
