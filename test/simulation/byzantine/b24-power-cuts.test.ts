/**
 * B24: the power is cut at every sync that a gateway does while it shakes hands, reports, seals, votes and completes, one
 * run for each: of what was written and not synced, each page may be there or not. S8 and S15: it signs nothing twice, and loses nothing that it had said or taken in.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RegionNode } from "../region/region-node.ts";
import { plugIn, resultsAt, station, vehicle } from "./charging.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B24 power cuts");

const AWAY_MS = 20_000;
const CHARGE_MS = 150_000;
const KWH = 0.2;

interface Run {
  readonly scenario: Scenario;
  readonly victim: RegionNode;
}

/** A charge of some minutes, in which blocks are sealed and become final; both have joined before. */
async function begin(who: "station" | "vehicle"): Promise<Run> {
  const scenario = new Scenario({ stations: 1, vehicles: 1, watched: ["contract", "S7", "durable", "S16"] });
  await scenario.start();
  return { scenario, victim: who === "station" ? station(scenario).node : vehicle(scenario).node };
}

async function finish({ scenario }: Run): Promise<void> {
  plugIn(scenario, KWH);
  await scenario.runFor(CHARGE_MS);
  vehicle(scenario).driver.goHome();
  await scenario.runUntil("a result and a final block everywhere", 30 * MINUTE_MS, () => {
    const all = scenario.world.nodes;
    return all.every((node) => node.running !== undefined && resultsAt(node).length >= 1) && scenario.final > 0;
  });
  scenario.end();
}

/** How often each folder of the gateway is synced in a run without a cut. */
async function callsOf(who: "station" | "vehicle"): Promise<ReadonlyMap<string, number>> {
  const run = await begin(who);
  const callsIn = (folder: string): number => run.victim.cardOf(folder).counts.syncs;
  const before = new Map([...run.victim.cards.keys()].map((folder) => [folder, callsIn(folder)]));
  await finish(run);
  return new Map([...before].map(([folder, calls]) => [folder, callsIn(folder) - calls]));
}

for (const [who, folders] of [
  ["station", ["ledger"]],
  ["vehicle", ["ledger", "promise"]],
] as const) {
  test(`B24 a ${who} that loses its power at any sync of a charge signs nothing twice and loses nothing`, async () => {
    const calls = await callsOf(who);
    let cuts = 0;
    for (const folder of folders) {
      const count = calls.get(folder) ?? 0;
      for (let at = 1; at <= count; at += 1) cuts += await cutAt(who, folder, at);
    }
    assert.ok(cuts >= 20, `${cuts} cuts of ${JSON.stringify([...calls])}`);
    console.log(`${who}: ${cuts} cuts`);
  });
}

test.run();

async function cutAt(who: "station" | "vehicle", folder: string, at: number): Promise<number> {
  const run = await begin(who);
  const { victim, scenario } = run;
  let cuts = 0;
  void victim
    .cardOf(folder)
    .cutPowerAt(at, "sync")
    .then(() => {
      cuts += 1;
      scenario.world.crash(victim, "power", AWAY_MS);
    });
  try {
    await finish(run);
  } catch (error) {
    throw new Error(`${who}, ${folder}, cut ${at}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return cuts;
}
