/** Either gateway is killed (`kill -9`) in mid-charge and starts again: nothing is lost, or signed twice. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertNoNumberTwice, assertOneTrueChain, benchRun, onlyCharge } from "#test/builders/bench-run.ts";

const test = suite("bench, a gateway is killed");

for (const victim of ["charger", "vehicle"] as const) {
  test(`a ${victim} killed in mid-charge goes on after its restart, and the charge is settled`, async () => {
    const run = await benchRun(
      { minutes: 12, speed: 30 },
      {
        whileCharging: async (bench, devices) => {
          await bench.sleep(150_000);
          await bench.cutPower(devices[victim].gateway, 30_000);
        },
      },
    );
    assertOneTrueChain(run);
    assertNoNumberTwice(run);
    assert.equal(run.report.problems, []);
    const { result, receipt, trueEnergy } = onlyCharge(run);
    assert.is(result.state, "SETTLED");
    assert.is(run.news.filter(({ gateway, name }) => gateway === `${victim}-1` && name === "started").length, 2);
    for (const role of ["station", "vehicle"] as const) {
      const signed = run.news.filter(
        ({ name, event }) => name === "reportSigned" && "role" in event && event.role === role,
      );
      assert.is(
        receipt?.transaction.completes[role]?.reports,
        signed.length,
        `every report of the ${role} is in the chain`,
      );
    }
    // What flowed while the gateway was dead is in its register all the same.
    const share = result.stationMilliWh / (1000 * trueEnergy.station.meterWh);
    assert.ok(Math.abs(share - 1) < 0.025, `the station signed ${share} of what is true`);
  });
}

test.run();
