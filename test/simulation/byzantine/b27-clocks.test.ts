/**
 * B27: clocks that are an hour off, stand still or jump, and a site that knows no time for thirty days. Cars charge at it
 * all the same; a gateway that does not know the time seals nothing where one that does is within reach; S12 holds.
 *
 * By decision 0037 a branch without the time is sealed in a time of its own; there is no flag for it in the header.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { RegionNode } from "../region/region-node.ts";
import { chargeOnce, resultsAt, station, vehicle } from "./charging.ts";
import { minerOf } from "./liar.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const test = suite("B27 clocks");

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is done to the clock of the station at which the car charges, before and each five seconds. */
const CLOCKS: Readonly<Record<string, { readonly before?: number; readonly each?: (round: number) => number }>> = {
  "an hour ahead": { before: HOUR_MS },
  "an hour behind": { before: -HOUR_MS },
  "standing still": { each: () => -5_000 },
  "jumping by up to an hour both ways": { each: (round) => (((round * 7919) % 13) - 6) * (HOUR_MS / 6) },
};

for (const [what, { before = 0, each }] of Object.entries(CLOCKS)) {
  test(`B27 a station whose clock is ${what} charges, and seals nothing while others know the time`, async () => {
    const scenario = new Scenario({ stations: 3, vehicles: 1 });
    const { node } = station(scenario);
    node.setClock({ offsetMs: before, isSynced: false });
    await scenario.start();
    let round = 0;
    let isOver = false;
    const { clock } = scenario.world;
    const again = (): void => {
      clock.wakeAt(clock.monotonicMs() + 5_000, () => {
        if (isOver || each === undefined) return;
        round += 1;
        node.stepClock(each(round), false);
        again();
      });
    };
    again();
    await chargeOnce(scenario, 0.3);
    await scenario.talk(2 * MINUTE_MS);
    isOver = true;
    for (const other of scenario.honest) assert.is(resultsAt(other)[0]?.state, "SETTLED");
    assert.equal(sealedBy(scenario, node), [], "it has sealed nothing");
    neverOfTheFuture(scenario);
    assert.ok(scenario.final > 0, "and has voted: three of three have to");
    assert.ok(node.running?.ledger.time.isExact === false);
    scenario.end();
  });
}

test("B27 a site without the time for thirty days charges on, alone and through power cuts, and comes back into the region", async () => {
  const scenario = new Scenario({ stations: 4, vehicles: 1 });
  await scenario.start();
  await chargeOnce(scenario, 0.2);
  const [site, region] = [
    [station(scenario, 0).node, vehicle(scenario).node],
    [1, 2, 3].map((place) => station(scenario, place).node),
  ];
  scenario.part(
    region.map(({ name }) => name),
    ["station-1"],
  );
  // Boards without a battery: their dates stand still while they are off, and nothing sets them.
  for (const node of site) node.stepClock(0, false);
  const nights = 6;
  for (let night = 1; night <= nights; night += 1) {
    for (const node of [...site, ...region]) node.die("power");
    await scenario.runFor((30 * DAY_MS) / nights - HOUR_MS);
    for (const node of site) node.setClock({ offsetMs: (-night * 30 * DAY_MS) / nights, isSynced: false });
    await Promise.all([...site, ...region].map((node) => node.start()));
    await scenario.runFor(10_000);
    const settled = resultsAt(station(scenario).node).length;
    await charge(scenario);
    await scenario.talk(2 * MINUTE_MS, region.slice(0, 1));
    assert.is(resultsAt(station(scenario).node).length, settled + 1, `night ${night}: a charge is settled at the site`);
    neverOfTheFuture(scenario);
  }
  scenario.heal();
  for (const node of site) node.repairClock();
  await scenario.runUntil("one chain with all charges", 20 * MINUTE_MS, () => {
    const isWhole = scenario.honest.every((node) => resultsAt(node).length === nights + 1);
    return isWhole && scenario.hasOneHead;
  });
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  scenario.end();
});

test.run();

/** At the site, whoever else hears of it. */
async function charge(scenario: Scenario): Promise<void> {
  const { node } = station(scenario);
  const before = resultsAt(node).length;
  assert.ok(vehicle(scenario).driver.chargeNow(0.2));
  await scenario.runFor(3 * MINUTE_MS);
  vehicle(scenario).driver.goHome();
  await scenario.runUntil("the charge's result", 8 * MINUTE_MS, () => resultsAt(node).length > before);
}

/** Serials of blocks of the common chain that this gateway has sealed. */
function sealedBy(scenario: Scenario, node: RegionNode): readonly number[] {
  const chain = scenario.chainOf(node);
  const serials = Array.from({ length: chain.head.serial }, (_, index) => index + 1);
  return serials.filter((serial) => minerOf(chain.at(serial)) === toHex(node.identity.did));
}

function neverOfTheFuture(scenario: Scenario): void {
  for (const node of scenario.honest) {
    const { sealedAt } = scenario.chainOf(node).head;
    assert.ok(sealedAt <= scenario.nowSeconds + 2, `${node.name}: sealed ${sealedAt - scenario.nowSeconds} s ahead`);
  }
}
