/**
 * B15: a vehicle shows its station one log, and the region, to which it has a line of its own while the site is cut off,
 * another one of the same contract: a fifth of the energy, complete, and sealed there. When they meet the station shows
 * both words (E3).
 *
 * Read differently (decision 0041): a log is not void from there on, which would pay the liar, but the station says which
 * word stands. The charge ends as if the vehicle had only said what its station has seen.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Chain } from "#core/ledger/chain.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { CompleteFact, Fact, OpenFact, ReportFact } from "#core/ledger/fact.ts";
import { lastShown } from "#core/ledger/misconduct.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { completeBody, reportBody } from "#core/session/facts.ts";
import { signFact } from "#test/builders/ledger-actors.ts";
import type { RegionNode } from "../region/region-node.ts";
import { plugIn, vehicle } from "./charging.ts";
import { sealedIn } from "./liar.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const SITE = "station-1";
const REGION = ["station-2", "station-3"] as const;
const REGION_SITES = ["site-2", "site-3"];
/** Of its energy it tells the region a fifth. */
const TOLD_SHARE = 0.2;

const test = suite("B15 two logs");

test("B15 a vehicle sends other reports to the region than to its station: E3, its other log is void, it gains nothing", async () => {
  // The other log is signed by hand with the car's key, beside its gateway: S10 takes the car for honest.
  const scenario = new Scenario({ stations: 3, vehicles: 1, watched: ["S3", "S4"], unwatched: ["S10"] });
  await scenario.start();
  await scenario.talk(2 * MINUTE_MS);
  scenario.part([SITE], REGION);
  plugIn(scenario, 3);
  const region = scenario.node(REGION[0]);
  for (let minutes = 0; minutes < 25; minutes += 1) await scenario.talk(MINUTE_MS, [region]);
  vehicle(scenario).driver.goHome();
  const atSite = await resultAt(scenario, scenario.node(SITE));
  assert.is(atSite.state, "SETTLED");
  const forged = forge(scenario);
  scenario.tell(forged, REGION_SITES);
  const [lastForged] = forged.slice(-1);
  assert.ok(lastForged);
  const regionChain = scenario.chainOf(region);
  await scenario.runUntil(
    "the region has sealed it",
    3 * MINUTE_MS,
    () => sealedIn(regionChain, lastForged.key) !== undefined,
  );
  const claimed = chargeAt(region);
  assert.ok((claimed?.logs.vehicle.nextSequence ?? 0) > 2 && claimed?.completes.vehicle !== undefined);

  scenario.heal();
  const { key } = vehicle(scenario).node.identity;
  const isOne = (): boolean =>
    scenario.hasOneHead &&
    scenario.honest.every((node) => {
      const { state } = scenario.chainOf(node).head;
      const isShown = (["reports", "endings"] as const).some((kind) => lastShown(state, key, kind) !== undefined);
      return isShown && chargeAt(node)?.result !== undefined;
    });
  await scenario.talkUntil("the evidence and the result on the chain of everybody", 20 * MINUTE_MS, isOne);
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.withLiars);
  // Of pieces about one side of one charge the first counts; a last word that contradicts is one, too (E4).
  const pieces = factsOf(regionChain).flatMap((fact) => (fact.kind === "EVIDENCE" ? [fact.body.kind] : []));
  assert.ok(pieces.includes("reports"), `E3 is in a block: ${pieces.join()}`);
  for (const node of scenario.honest) {
    const charge = chargeAt(node);
    const voided = charge?.contradicted.vehicle?.voided ?? [];
    assert.ok(voided.length > 0, "a word of the other log is voided");
    assert.ok(charge?.result !== undefined);
    assert.equal(billOf(charge.result), billOf(atSite), `at ${node.name}: as if it had only said what its station saw`);
  }
  scenario.end();
});

test.run();

async function resultAt(scenario: Scenario, node: RegionNode): Promise<ResultBody> {
  await scenario.runUntil("the site's own result", 10 * MINUTE_MS, () => chargeAt(node)?.result !== undefined);
  const result = chargeAt(node)?.result;
  assert.ok(result);
  return result;
}

/** The only charge, as the gateway's head has it. */
function chargeAt({ running }: RegionNode): Transaction | undefined {
  const [charge] = running?.ledger.chain.head.state.transactions.entries().values() ?? [];
  return charge;
}

/** The contract, and the vehicle's own words of it with a fifth of the energy, chained and signed as they have to be. */
function forge(scenario: Scenario): readonly Fact[] {
  const { identity } = vehicle(scenario).node;
  const { network } = scenario.world.genesis;
  const words = factsOf(scenario.chainOf(scenario.node(SITE)));
  const open = words.find((fact): fact is OpenFact => fact.kind === "OPEN");
  const reports = words.filter((fact): fact is ReportFact => fact.kind === "REPORT" && fact.body.role === "vehicle");
  const completion = words.find(
    (fact): fact is CompleteFact => fact.kind === "COMPLETE" && fact.body.role === "vehicle",
  );
  assert.ok(open && completion && reports.length > 2, `${reports.length} reports`);
  const [, start] = open.body.startMilliWh;
  const less = (milliWh: number): number => start + Math.floor((milliWh - start) * TOLD_SHARE);
  const forged: ReportFact[] = [];
  for (const { body } of reports.sort((left, right) => left.body.sequence - right.body.sequence)) {
    let [shown, told] = [0, 0];
    const registerMilliWh = body.registerMilliWh.map((step) => {
      shown += step;
      const next = less(shown) - told;
      told += next;
      return next;
    });
    const twin = { ...body, registerMilliWh, previous: forged.at(-1)?.id ?? open.id };
    forged.push(signFact(network, { kind: "REPORT", shape: reportBody, body: twin }, [identity.signer]));
  }
  const { finalMilliWh, ...last } = completion.body;
  const body = { ...last, finalMilliWh: less(finalMilliWh), head: forged.at(-1)?.id ?? open.id };
  return [open, ...forged, signFact(network, { kind: "COMPLETE", shape: completeBody, body }, [identity.signer])];
}

/** All that stands in the blocks of the head's chain. */
function factsOf(chain: Chain): readonly Fact[] {
  const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1));
  return links.flatMap((link) => link?.block?.facts ?? []);
}

function billOf({ state, billedMilliWh, amount, stationMilliWh, vehicleMilliWh }: ResultBody): readonly unknown[] {
  return [state, billedMilliWh, amount, stationMilliWh, vehicleMilliWh];
}
