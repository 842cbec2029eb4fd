/** A cable that goes from one car into the next before the charge of the first has been signed off. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ChargeSimulation } from "./charge-world.ts";

const test = suite("simulated replug");
const QUIET = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 600_000 };
const UNPLUG_AT_MS = 200_000;

for (const afterMs of [1000, 60_000]) {
  test(`whoever is plugged in ${afterMs / 1000} s after the one before is offered a charge`, async () => {
    const simulation = new ChargeSimulation(1, QUIET);
    const { clock, world, station, vehicle, story } = simulation;
    const contracts = (): number => story.filter((line) => line.includes(" contractSigned ")).length;
    void station.start();
    void vehicle.start();
    clock.wakeAt(3000, () => {
      world.plugIn("car", 1);
    });
    await clock.runFor(UNPLUG_AT_MS);
    assert.is(contracts(), 2, "both sides have signed the first one");
    world.unplug("car");
    await clock.runFor(afterMs);
    world.plugIn("car", 1);
    await clock.runFor(240_000);
    assert.is(contracts(), 4, story.slice(-30).join("\n"));
  });
}

test.run();
