/** Three brokers, two halves: a broker dies, then the link between the halves is cut and comes back. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isInstalled } from "#test/builders/bench-run.ts";
import { assertNothingLost } from "#test/builders/assert-nothing-lost.ts";
import { playTwoHalves } from "#test/builders/two-halves.ts";

const test = suite("two halves");

if (isInstalled("mosquitto")) {
  test("a broker dies and the link is cut for half a minute in mid-charge: one chain, nothing lost", async () => {
    const lines: string[] = [];
    // A report is signed each five minutes of the world: at least one of each side while the broker is away, and apart.
    const options = { speed: 15, brokerGoneMs: 22_000, cutMs: 25_000, say: (line: string) => void lines.push(line) };
    const run = await playTwoHalves(options).catch((error: unknown) => {
      console.log(lines.join("\n"));
      throw error;
    });
    assert.is(lines.length, 5);
    assertNothingLost(run);
  });
} else {
  test.skip("needs mosquitto: apt-get install mosquitto");
}

test.run();
