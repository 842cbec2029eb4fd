/**
 * A site of one charger and one car, cut off from its region for thirty days, and then not any more. Both sides go on:
 * the region makes its blocks final, the site charges and seals for itself.
 */
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { chargesAt, plugIn, resultsAt, station, vehicle } from "./charging.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const DAY_MS = 86_400_000;
const DAYS = 30;
const REGION = ["station-1", "station-2", "station-3"] as const;
const SITE = "station-4";
const HOME = "site-4";

export interface LoneSiteWishes {
  /** Everybody is off power between the days on which somebody charges; else all run all the time. */
  readonly sleeps: boolean;
  /** Days from one charge to the next. */
  readonly everyDays: number;
  readonly say?: (line: string) => void;
}

export interface LoneSiteOutcome {
  /** As the car had them at the site, before it was heard of again. */
  readonly receipts: readonly ResultBody[];
  /** The same charges in the region's final chain. */
  readonly results: readonly ResultBody[];
  /** Blocks that the site had sealed for itself, and how many of them as the party of an open charge. */
  readonly own: { readonly blocks: number; readonly asParty: number };
  readonly finalAtSite: number;
  readonly finalInRegion: number;
  /** From the healing until all was one. */
  readonly blocksToHeal: number;
}

export async function playLoneSite({ sleeps, everyDays, say }: LoneSiteWishes): Promise<LoneSiteOutcome> {
  const scenario = new Scenario({ stations: 4, vehicles: 1, homes: [HOME], watched: ["S3", "S4"] });
  await scenario.start();
  await scenario.talk(5 * MINUTE_MS);
  scenario.part(REGION);
  const beginMs = scenario.world.nowMs;
  const cutAt = scenario.final;
  // The last charge ends before the thirty days are over, the first is healed after them.
  for (let day = 0; day < DAYS; day += everyDays) {
    await chargeAlone(scenario);
    say?.(`day ${day}: ${resultsAt(station(scenario, 3).node).length} charges`);
    await passUntil(scenario, beginMs + Math.min(DAYS, day + everyDays) * DAY_MS, sleeps);
  }
  const [site, region] = [SITE, REGION[0]].map((name) => scenario.chainOf(scenario.node(name)));
  if (site === undefined || region === undefined) throw new Error("bug: they run");
  const receipts = resultsAt(vehicle(scenario).node);
  const own = { blocks: site.head.serial - cutAt, asParty: sealedAsParty(scenario) };
  const [finalAtSite, finalInRegion] = [site.final.serial, region.final.serial];
  scenario.heal();
  const blocksToHeal = await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  const held = (): readonly ResultBody[] =>
    receipts.flatMap(({ address }) => region.final.state.transactions.get(toHex(address))?.result ?? []);
  await scenario.talkUntil("the site's charges are final", 8 * MINUTE_MS, () => held().length === receipts.length);
  const results = held();
  scenario.end();
  return { receipts, results, own, finalAtSite, finalInRegion, blocksToHeal };
}

/** One kilowatt hour, from the plug to the result in the site's own block; the region talks meanwhile. */
async function chargeAlone(scenario: Scenario): Promise<void> {
  const { node } = station(scenario, 3);
  const before = resultsAt(node).length;
  plugIn(scenario, 1);
  await scenario.talk(8 * MINUTE_MS, [scenario.node(REGION[0])]);
  if (chargesAt(node).length <= before) throw new Error("L6: the site does not charge");
  vehicle(scenario).driver.goHome();
  await scenario.runUntil("the site's own result", 10 * MINUTE_MS, () => resultsAt(node).length > before);
  await scenario.runUntil("the car's, too", 5 * MINUTE_MS, () => resultsAt(vehicle(scenario).node).length > before);
}

async function passUntil(scenario: Scenario, untilMs: number, sleeps: boolean): Promise<void> {
  const { world } = scenario;
  if (!sleeps) {
    await scenario.runFor(untilMs - world.nowMs);
    return;
  }
  for (const node of world.nodes) node.die("power");
  await scenario.runFor(untilMs - world.nowMs);
  await scenario.start();
  await scenario.runFor(MINUTE_MS);
}

/** Blocks of the site's chain whose header says that a party of an open charge has sealed them. */
function sealedAsParty(scenario: Scenario): number {
  const chain = scenario.chainOf(scenario.node(SITE));
  const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1));
  return links.filter((link) => link?.block?.header.rank[1] === 3).length;
}
