/**
 * B30: two certified members, a station and a vehicle of one owner, sign contracts and reports as fast as they can. Each
 * fact is valid and has to be verified and kept. S18: nothing grows beyond its limit; votes, and the reports and
 * completions of an honest charge, keep their lanes.
 *
 * Here nothing holds the attackers back before the gateways: a broker of ours would (decision 0020).
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MEMPOOL_FACTS_MAX } from "#core/limits.ts";
import { plugIn, resultsAt, station, vehicle } from "./charging.ts";
import { sealedIn } from "./liar.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const test = suite("B30 rate attack");

/** The attackers' contracts alone are more than a block has room for: about a hundred each half minute. */
const FLOOD_EVERY_MS = 500;
const CONTRACTS_EACH = 4;
const ROUNDS_MAX = 240;

test("B30 valid contracts and reports without end: limits hold, and meanwhile a charge settles and blocks become final", async () => {
  const scenario = new Scenario({ stations: 3, sites: 1, vehicles: 1, watched: ["S7", "S18", "contract"] });
  await scenario.start();
  const attack = await attackOf(scenario);
  plugIn(scenario, 1);
  const { node } = vehicle(scenario).driver.station ?? station(scenario);
  await scenario.runFor(MINUTE_MS);
  let [pool, rounds] = [0, 0];
  const isSettled = (): boolean => resultsAt(node).some(({ stationMilliWh }) => stationMilliWh > 50_000);
  for (; rounds < ROUNDS_MAX && !isSettled(); rounds += 1) {
    attack(rounds);
    await scenario.runFor(FLOOD_EVERY_MS);
    pool = Math.max(pool, ...scenario.honest.map((each) => scenario.chainOf(each).mempool.size));
    if (rounds === 60) vehicle(scenario).driver.goHome();
  }
  assert.ok(isSettled(), `no result in ${rounds} rounds, ${pool} facts wait`);
  assert.is(resultsAt(node)[0]?.state, "SETTLED");
  assert.ok(rounds > 60 && pool > 400 && pool <= MEMPOOL_FACTS_MAX, `${rounds} rounds, ${pool} facts waited at most`);
  const reports = scenario.world.observation.ownWordsOf(node).filter(({ fact }) => fact.kind === "REPORT");
  assert.ok(reports.length >= 2);
  for (const { fact } of reports)
    assert.ok(sealedIn(scenario.chainOf(node), fact.key) !== undefined, "its reports stand");
  assert.ok(scenario.final > 0, "blocks have become final all through it");
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  console.log(`${rounds * CONTRACTS_EACH} false contracts, ${pool} facts waited at most, final ${scenario.final}`);
  scenario.end();
});

test.run();

/** Each call signs contracts of its own, the first with its first reports, and tells them to everybody. */
async function attackOf(scenario: Scenario): Promise<(round: number) => void> {
  const [post, car] = [scenario.member("mallory's post", "station"), scenario.member("mallory's car")];
  await scenario.runFor(2 * MINUTE_MS);
  return (round) => {
    const charges = Array.from({ length: CONTRACTS_EACH }, (_, index) =>
      scenario.charge(post, car, round * CONTRACTS_EACH + index),
    );
    const [first] = charges;
    assert.ok(first);
    scenario.tell([...charges.map(({ open }) => open), first.report("station", [0]), first.report("vehicle", [0])]);
  };
}
