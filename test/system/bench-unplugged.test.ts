/** Meter and OBD adapter come off in mid-charge, one after the other: the charge pauses, says so, and goes on. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun, onlyCharge, type BenchRun } from "#test/builders/bench-run.ts";

const test = suite("bench, devices unplugged");

test("a charge pauses while its meter or its adapter is gone, says so, and goes on afterwards", async () => {
  const run = await benchRun(
    { minutes: 18, speed: 25 },
    {
      whileCharging: async ({ sleep }, { charger, vehicle }) => {
        await sleep(120_000);
        charger.device.unplugMeter();
        await sleep(90_000);
        charger.device.plugInMeter();
        await sleep(300_000);
        await vehicle.device.unplugAdapter();
        await sleep(90_000);
        await vehicle.device.plugInAdapter();
      },
    },
  );
  assertOneTrueChain(run);
  assert.equal(run.report.problems, []);
  assert.is(onlyCharge(run).outcome, "agreed");

  assert.equal(told(run, "charger-1", ["meterLost", "meterBack"]), ["meterLost", "meterBack"]);
  assert.equal(told(run, "vehicle-1", ["meterLost", "meterBack"]).slice(-2), ["meterLost", "meterBack"]);
  const power = run.news.flatMap(({ name, event }) => (name === "powerChanged" && "flowing" in event ? [event] : []));
  const [on, pause, again] = power;
  assert.is(on?.flowing, true);
  assert.equal([pause?.flowing, pause?.reason], [false, "meter-absent"]);
  assert.equal([again?.flowing, again?.reason], [true, "agreed"]);
});

function told({ news }: BenchRun, gateway: string, names: readonly string[]): readonly string[] {
  return news.filter((item) => item.gateway === gateway && names.includes(item.name)).map(({ name }) => name);
}

test.run();
