/** A vehicle that lies: the receipt says that the two disagree, by how much, and what the limit is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun, onlyCharge } from "#test/builders/bench-run.ts";

const test = suite("bench, the vehicle lies");

test("a vehicle that shows 0.7 times the truth is caught, and its charge disputed", async () => {
  const run = await benchRun({ vehicleLies: 0.7 });
  assertOneTrueChain(run);
  assert.equal(run.report.problems, []);
  const { result, outcome } = onlyCharge(run);
  assert.is(outcome, "caught");
  assert.is(result.state, "DISPUTED");
  assert.is(result.verdict, "DISAGREE");
  assert.ok(
    result.differencePpm <= -result.rejectionLimitPpm,
    `${result.differencePpm} against ${result.rejectionLimitPpm}`,
  );
  assert.ok(result.billedMilliWh + result.contestedMilliWh === result.stationMilliWh);
  assert.ok(result.contestedMilliWh > 0);
});

test.run();
