/** A station or a vehicle that lies: the receipt says that the two disagree, by how much, and what the limit is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun, onlyCharge } from "#test/builders/bench-run.ts";

const test = suite("bench, one side lies");

for (const [liar, lie] of [
  ["station that shows 1.2 times", { stationLies: 1.2 }],
  ["vehicle that shows 0.7 times", { vehicleLies: 0.7 }],
] as const) {
  test(`a ${liar} the truth is caught, and its charge disputed`, async () => {
    const run = await benchRun(lie);
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
}

test.run();
