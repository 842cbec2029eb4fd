/** Readings each second for weeks, in every run; a year takes a minute: `npm run sim:meter`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { simulateMeterYear } from "./meter-year.ts";

const test = suite("meter watch over weeks");

test("without troubles every session is billed what flowed, and none is stopped", async () => {
  const calm = await simulateMeterYear({ seed: "calm", days: 10, troublesPerDay: 0 });
  assert.equal(calm.wrong, []);
  assert.ok(calm.sessions > 30, `${calm.sessions} sessions`);
  assert.is(calm.exact, calm.sessions);
  assert.is(calm.reasons.size, 0);
});

test("the register goes on through its greatest value", async () => {
  const long = await simulateMeterYear({ seed: "long", days: 40, troublesPerDay: 0 });
  assert.equal(long.wrong, []);
  assert.ok((long.troubles.get("rollover") ?? 0) > 1, JSON.stringify([...long.troubles]));
  assert.is(long.exact, long.sessions);
});

for (const seed of [1, 2]) {
  test(`with every kind of trouble each session is billed what flowed, or says why not: seed ${seed}`, async () => {
    const rough = await simulateMeterYear({ seed, days: 25, troublesPerDay: 4 });
    assert.equal(rough.wrong, []);
    const { exact, sessions, reasons, troubles } = rough;
    assert.ok(exact > sessions / 3, `${exact} of ${sessions} sessions were exact`);
    for (const reason of ["METER_SWAPPED", "METER_RAN_BACKWARDS", "METER_JUMPED", "METER_POWER_DISAGREES"]) {
      assert.ok((reasons.get(reason) ?? 0) > 0, `${reason} never happened: ${JSON.stringify([...reasons])}`);
    }
    const kinds = ["spike", "repeated-spike", "silence", "bad-frame", "reset", "swap", "tremble", "restart"];
    for (const kind of kinds) assert.ok([...troubles.keys()].includes(kind as never), `${kind} never happened`);
  });
}

test.run();
