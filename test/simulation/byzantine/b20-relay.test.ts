/**
 * B20: a victim's car is plugged into a fake post, which passes its handshake on to a real post, where the thief's car
 * draws the energy. Neither side lies and every signature is good: the contract is between the victim and the real post.
 *
 * Played without the physical binding (the watermark on the current of protocol 2.5.5): that is not built. What is
 * contested and what has flowed is bounded by the exposure, and the victim owes nothing but that much.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chargesAt, resultsAt, station, vehicle } from "./charging.ts";
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

test.run();
