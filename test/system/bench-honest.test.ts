/** The default bench: two honest sides, from plug-in to verified receipt, each gateway a process of its own. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun, onlyCharge } from "#test/builders/bench-run.ts";

const test = suite("bench, honest sides");

test("an honest charge ends settled, both chains hold and end with the same block", async () => {
  const run = await benchRun({});
  assertOneTrueChain(run);
  assert.equal(run.report.problems, []);
  const { result, trueEnergy, outcome } = onlyCharge(run);
  assert.is(outcome, "agreed");
  assert.is(result.state, "SETTLED");
  assert.ok(["AGREE", "INCONCLUSIVE"].includes(result.verdict));
  const signedOverTrue = result.stationMilliWh / (1000 * trueEnergy.station.meterWh);
  assert.ok(Math.abs(signedOverTrue - 1) < 0.025, `the station signed ${signedOverTrue} of what is true`);
  const vehicleOverTrue = result.vehicleMilliWh / (1000 * trueEnergy.vehicle.terminalsWh);
  assert.ok(Math.abs(vehicleOverTrue - 1) < 0.04, `the vehicle signed ${vehicleOverTrue} of what is true`);
});

test.run();
