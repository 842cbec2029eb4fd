/** A charge must not depend on two dates being equal: sites without an uplink have no time but their own. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { simulateCharge } from "./simulate-charge.ts";

const test = suite("clocks");

for (const vehicleClockMs of [-50_000, -20_000, 20_000, 50_000]) {
  test(`a vehicle whose date is ${vehicleClockMs / 1000} s off charges and settles in agreement`, async () => {
    const faults = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 1_200_000, vehicleClockMs };
    const outcome = await simulateCharge(7, faults);
    const told = outcome.story.filter((line) => !line.includes("peerSeen")).map((line) => line.slice(0, 160));
    assert.is(outcome.violation, undefined, JSON.stringify(outcome.violation) + told.join("\n"));
    const [result] = outcome.results;
    assert.is(result?.state, "SETTLED", told.join("\n"));
    assert.not.equal(result?.verdict, "DISAGREE");
    assert.ok((result?.billedMilliWh ?? 0) > 2_500_000, `${result?.billedMilliWh} mWh`);
  });
}

test.run();
