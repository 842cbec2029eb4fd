/**
 * B10: the region is parted in halves without a quorum, and a site of one charger and one car for thirty days. S1 holds
 * throughout; when they meet, all heads are equal, no fact is lost (S15), and every charge that had a receipt on either
 * side stands in the one chain as the receipt says.
 *
 * Thirty days of five gateways that all run take minutes: that is `run-thirty-days.ts`. Here everybody is off power
 * between the days of a charge, which only makes it harder. Longer than 30 days and the grace a branch may not stay away
 * with what it has signed (decision 0042).
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { RegionNode } from "../region/region-node.ts";
import { plugIn, resultsAt, vehicle } from "./charging.ts";
import { playLoneSite } from "./lone-site.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const test = suite("B10 partition");

test("B10 two halves of two voters each charge and seal apart: when they meet all is one, and every receipt holds", async () => {
  const scenario = new Scenario({ stations: 4, vehicles: 2, homes: ["site-1", "site-3"], watched: ["S3", "S4"] });
  await scenario.start();
  await scenario.talk(MINUTE_MS);
  await partAndMeet(scenario, ["station-1", "station-2"], ["station-3", "station-4"]);
});

test("B10 of seven voters neither three nor four make anything final: when they meet all is one", async () => {
  const scenario = new Scenario({
    ...{ stations: 7, watched: ["S4"] },
    rules: { epochCheckpoints: 3 },
  });
  await scenario.start();
  await scenario.giveHistories();
  const [first] = scenario.honest;
  assert.ok(first);
  const seats = (): number => scenario.chainOf(first).head.state.finality.committees.at(-1)?.length ?? 0;
  for (let talks = 0; seats() < 7; talks += 1) {
    assert.ok(talks < 40, "a committee of seven");
    await scenario.talk(MINUTE_MS / 2);
  }
  const three = ["station-1", "station-2", "station-3"];
  await partAndMeet(scenario, three, ["station-4", "station-5", "station-6", "station-7"]);
});

test("B10 a site of one charger and one car is cut off for thirty days, and nothing of it is lost afterwards", async () => {
  const { receipts, results, ...found } = await playLoneSite({ sleeps: true, everyDays: 15 });
  assert.is(receipts.length, 2, "it has charged all the while");
  assert.ok(receipts.every(({ state }) => state === "SETTLED"));
  assert.equal(results.map(billOf), receipts.map(billOf), "and the region holds every charge as its receipt has it");
  assert.ok(found.own.blocks > 10 && found.own.asParty > 0, JSON.stringify(found.own));
  assert.ok(found.finalInRegion > found.finalAtSite + 4, "the region went on to make blocks final, the site did not");
});

test.run();

/** Each part charges its car, if it has one; nothing is final meanwhile; then they meet. */
async function partAndMeet(scenario: Scenario, ...parts: readonly (readonly string[])[]): Promise<void> {
  const finalsBefore = finalsOf(scenario);
  scenario.part(...parts);
  const cars = scenario.world.vehicles.map((_, place) => place);
  for (const place of cars) plugIn(scenario, 1, place);
  const talking = parts.flatMap((part) => part.slice(1, 2)).map((name) => scenario.node(name));
  await scenario.talk((cars.length > 0 ? 8 : 4) * MINUTE_MS, talking);
  for (const { driver } of scenario.world.vehicles) driver.goHome();
  await scenario.runUntil("a receipt on each side", 10 * MINUTE_MS, () =>
    cars.every((place) => ownResults(scenario, place).length > 0),
  );
  const receipts = cars.flatMap((place) => ownResults(scenario, place));
  assert.is(new Set(receipts.map(({ address }) => toHex(address))).size, cars.length, "each has a charge of its own");
  assert.ok(!scenario.hasOneHead);
  // What was justified before may still become final by votes that were cast; nothing that was sealed apart does.
  const { checkpointBlocks } = scenario.world.genesis.body.rules;
  for (const [index, final] of finalsOf(scenario).entries()) {
    const before = finalsBefore[index] ?? 0;
    assert.ok(final <= before + 2 * checkpointBlocks, `final up to ${final} after ${before}, without a quorum`);
  }

  scenario.heal();
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  const isFinal = (): boolean =>
    scenario.honest.every((node) => heldBy(scenario, node, receipts).length === cars.length);
  await scenario.talkUntil("both receipts are final everywhere", 8 * MINUTE_MS, isFinal);
  for (const node of scenario.honest) {
    const held = heldBy(scenario, node, receipts);
    assert.equal(held.map(billOf), receipts.map(billOf), `${node.name} holds them as the receipts say`);
  }
  scenario.end();
}

/** What is final of these charges at the gateway. */
function heldBy(scenario: Scenario, node: RegionNode, receipts: readonly ResultBody[]): readonly ResultBody[] {
  const { state } = scenario.chainOf(node).final;
  return receipts.flatMap(({ address }) => state.transactions.get(toHex(address))?.result ?? []);
}

function finalsOf(scenario: Scenario): readonly number[] {
  return scenario.honest.map((node) => scenario.chainOf(node).final.serial);
}

/** Of the vehicle's own charges. */
function ownResults(scenario: Scenario, place: number): readonly ResultBody[] {
  const { node } = vehicle(scenario, place);
  const { state } = scenario.chainOf(node).head;
  return resultsAt(node).filter(
    ({ address }) =>
      toHex(state.transactions.get(toHex(address))?.open.vehicle ?? new Uint8Array()) === node.identity.key,
  );
}

function billOf({ address, billedMilliWh, amount, state }: ResultBody): readonly unknown[] {
  return [toHex(address), state, billedMilliWh, amount];
}
