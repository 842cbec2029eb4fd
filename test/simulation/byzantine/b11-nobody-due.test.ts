/**
 * B11: nobody is there whom the paper's rule names: nobody has a history of L, all who have are away, everybody is
 * charging. Authorities seal (tier 2), and in the last place parties of open charges (tier 3); the header says so.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HeaderBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { chargesAt, plugIn, resultsAt } from "./charging.ts";
import { Liar, minerOf } from "./liar.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B11 nobody due");

test("B11 while nobody has a history of L the authorities seal, and the header says tier 2", async () => {
  const scenario = new Scenario({ stations: 2, rules: { historyMin: 20 } });
  await scenario.start();
  await scenario.talk(3 * MINUTE_MS);
  const headers = headersOf(chainOf(scenario));
  assert.ok(headers.length >= 3, `${headers.length} blocks`);
  assert.ok(headers.every(({ rank: [, tier] }) => tier === 2));
  scenario.end();
});

test("B11 while all with a history are away the authorities seal behind them, and the header says tier 2", async () => {
  // The last station never runs; without votes a charge counts at once.
  const scenario = new Scenario({ stations: 3, liars: 1, rules: { finality: "off" } });
  await scenario.start();
  const away = new Liar(scenario, "station-3");
  const car = scenario.member("car");
  await scenario.runFor(1_000);
  scenario.tell(scenario.charge(away.identity, car, 1).whole({ milliWh: 2_000_000 }));
  await scenario.talk(2 * MINUTE_MS);
  const chain = chainOf(scenario);
  const due = away.placesOn(chain.head.state).filter(({ tier }) => tier < 2);
  const absent = [away.identity, car].map(({ key }) => key).sort();
  assert.equal(due.map(({ did }) => did).sort(), absent, "they would be the first, and are not there");
  const from = chain.head.serial;
  await scenario.talk(4 * MINUTE_MS);
  const headers = headersOf(chain, from);
  assert.ok(headers.length >= 4, `${headers.length} blocks in four minutes`);
  assert.ok(headers.every(({ rank: [rank, tier] }) => rank > 0 && tier === 2));
  scenario.end();
});

test("B11 while everybody is charging a party seals in the last place, and the header says tier 3", async () => {
  const wishes = { stations: 2, vehicles: 2, homes: ["site-1", "site-2"], watched: ["S3", "S4", "S7", "S14"] };
  const scenario = new Scenario(wishes);
  await scenario.start();
  await scenario.talk(MINUTE_MS);
  for (const place of [0, 1]) plugIn(scenario, 1, place);
  const chain = chainOf(scenario);
  const running = (): number =>
    [...chain.head.state.transactions.entries().values()].filter(({ state }) => state === "ACTIVE").length;
  await scenario.runUntil("both charges are in blocks", 4 * MINUTE_MS, () => running() === 2);
  const from = chain.head.serial;
  await scenario.runFor(3 * MINUTE_MS);
  assert.is(running(), 2, "both go on");
  const headers = headersOf(chain, from);
  assert.ok(headers.length >= 1 && headers.every(({ rank: [, tier] }) => tier === 3), tiersOf(headers));
  const stations = scenario.world.stations.map(({ node }) => node.identity.key);
  for (let serial = from + 1; serial <= chain.head.serial; serial += 1) {
    assert.ok(stations.includes(minerOf(chain.at(serial))), "a party of one of the charges");
  }
  await scenario.runFor(5 * MINUTE_MS);
  for (const { driver } of scenario.world.vehicles) driver.goHome();
  const [first] = scenario.honest;
  assert.ok(first);
  await scenario.runUntil("both results", 5 * MINUTE_MS, () => resultsAt(first).length === 2);
  assert.is(chargesAt(first).length, 2);
  scenario.end();
});

test.run();

function chainOf(scenario: Scenario): Chain {
  const [first] = scenario.honest;
  assert.ok(first);
  return scenario.chainOf(first);
}

/** Of the head's chain, above the serial. */
function headersOf(chain: Chain, above = 0): readonly HeaderBody[] {
  const links = Array.from({ length: chain.head.serial - above }, (_, place) => chain.at(above + place + 1));
  return links.flatMap((link) => link?.block?.header ?? []);
}

function tiersOf(headers: readonly HeaderBody[]): string {
  return headers.map(({ rank }) => rank.join("/")).join(" ");
}
