/** The same charge with Modbus RTU and the OBD adapter on pseudo-terminals: the drivers that read real serial lines. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun, isInstalled, onlyCharge } from "#test/builders/bench-run.ts";

const test = suite("bench on serial lines");

if (isInstalled("socat")) {
  test("over serial lines the charge ends the same way, with an ABB B23", async () => {
    const run = await benchRun({ serial: true, meter: "abb-b23", speed: 30 });
    assertOneTrueChain(run);
    assert.equal(run.report.problems, []);
    assert.is(onlyCharge(run).outcome, "agreed");
  });
} else {
  test.skip("needs socat: apt-get install socat");
}

test.run();
