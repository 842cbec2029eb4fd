/**
 * B20: a victim's car is plugged into a fake post, which passes its handshake on to a real post, where the thief's car
 * draws the energy. Neither side lies and every signature is good: the contract is between the victim and the real post.
 *
 * Without the physical binding what is contested and what has flowed is bounded by the exposure, and the victim owes
 * nothing but that much. With it (the watermark on the current, protocol 2.5.5) a car that has shown patterns before ends
 * the charge within a minute of power.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chargesAt, resultsAt, station, vehicle } from "./charging.ts";
import { playRelay } from "./relayed-charge.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B20 relay");

const THIEF_W = 11_000;
/** What flows while a lease of the charge point runs out and until the next look. */
const SLACK_MILLI_WH = (THIEF_W * 1.05 * 1000 * 120) / 3600;

test("B20 a relayed charge ends within the exposure, and no more than that is ever contested", async () => {
  const scenario = new Scenario({ stations: 1, vehicles: 2, watched: ["S7", "contract"] });
  await scenario.start();
  const { node, outlet } = station(scenario);
  const [victim, thief] = [vehicle(scenario, 0), vehicle(scenario, 1)];
  const before = outlet.deliveredMilliWh;
  thief.car.wants({ powerW: THIEF_W, energyMilliWh: 40_000_000 });
  outlet.plug(thief.car);
  // The fake post carries the number of the real one, and a radio between them.
  victim.node.running?.role.chargeAt(node.identity.did, 1);
  await scenario.runUntil("power at the real post", 3 * MINUTE_MS, () => outlet.powerW > 10_000);
  const [charge] = chargesAt(node);
  const exposure = charge?.open.terms.exposureMilliWh ?? 0;
  assert.equal(charge?.open.vehicle, victim.node.identity.did);
  await scenario.runFor(60 * MINUTE_MS);
  assert.is(outlet.powerW, 0, "nothing flows any more");
  const flowed = outlet.deliveredMilliWh - before;
  assert.ok(flowed > 0 && flowed <= exposure + SLACK_MILLI_WH, `${flowed} mWh have flowed`);
  outlet.unplug();
  await scenario.runUntil("a result", 40 * MINUTE_MS, () => resultsAt(node).length > 0);
  const [result] = resultsAt(node);
  assert.ok(result);
  assert.is.not(result.state, "SETTLED");
  assert.ok(result.stationMilliWh - result.billedMilliWh <= exposure + SLACK_MILLI_WH, "contested");
  assert.ok(result.billedMilliWh <= exposure, `${result.billedMilliWh} mWh billed`);
  console.log(`flowed ${flowed} mWh, billed ${result.billedMilliWh}, ${result.state}, exposure ${exposure}`);
  scenario.end();
});

for (const post of ["dead", "powered"] as const) {
  test(`B20 with the watermark a car at a ${post} post ends the relayed charge within 60 s of power`, async () => {
    const end = await playRelay({ post, seed: 20, bind: "watermark" });
    assert.match(end.firstVerdict, "PATTERN_FOUND", "an honest charge before has shown what its readings can");
    assert.ok((end.flowedMs ?? Infinity) <= 60_000, `${end.flowedMs} ms\n${end.story.join("\n")}`);
    assert.ok(end.story.some((line) => line.includes('"contradicted"')));
    assert.ok(end.story.some((line) => line.includes("completed") && line.includes('"another-car"')));
    assert.ok(end.flowedMilliWh <= end.exposureMilliWh / 20, `${end.flowedMilliWh} of ${end.exposureMilliWh} mWh`);
    console.log(`${post} post: ${end.flowedMs} ms, ${Math.round(end.flowedMilliWh)} mWh, ${end.result?.state}`);
  });
}

test("B20 without the watermark the same relay flows for minutes, until the meters disagree", async () => {
  const end = await playRelay({ post: "dead", seed: 20 });
  assert.ok((end.flowedMs ?? Infinity) > 5 * MINUTE_MS, `${end.flowedMs} ms`);
  assert.ok(end.flowedMilliWh > 800_000 && end.flowedMilliWh <= end.exposureMilliWh, `${end.flowedMilliWh} mWh`);
  console.log(`without: ${end.flowedMs} ms, ${Math.round(end.flowedMilliWh)} mWh, ${end.result?.state}`);
});

test.run();
