/**
 * B13: a station stops reporting in mid-charge, never completes, or shows more than has flowed. The vehicle ends the
 * charge, and `und` is billed: no more than what it has taken itself, and X.
 *
 * Read differently: the vehicle's gateway cannot open the contactor (decision 0017). It ends the charge by its completion;
 * what a lying station lets flow behind that is its own loss. And five in a hundred too much are within what honest
 * meters may differ by (decision 0011): one charge shows nothing and stops nothing, and the station gains at most these
 * five. They are found over many charges (B14). A fifth too much stops the charge.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import { settle } from "#core/session/settle.ts";
import { station } from "./charging.ts";
import { playCharge, type ChargePlay, type PlayedCharge } from "./payoff.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";
import type { ScenarioWishes } from "./scenario-plan.ts";

const JUDGE = "station-2";
const HONEST: ScenarioWishes = { stations: 2, vehicles: 1, watched: ["S3", "S4"] };
const CHARGE: ChargePlay = { energyKwh: 7, stayMs: 45 * MINUTE_MS };

const test = suite("B13 lying station");

test("B13 a station that stops reporting: the vehicle ends the charge, and what both had signed is billed", async () => {
  const scenario = await begin({ ...HONEST, runningLiars: new Map([["station-1", "withholds"] as const]) });
  const charge = await playCharge(scenario, JUDGE, CHARGE);
  scenario.end();
  const { logs, completes } = charge.transaction;
  assert.is(logs.station.nextSequence, 3, "three reports, then nothing");
  assert.is(completes.vehicle?.reason, "peer-silent");
  assert.equal([charge.result.state, charge.result.silent], ["ABANDONED", 1]);
  expectUndisputed(charge);
  assert.ok(charge.gainMilliWh.station <= 0, "S11: it has given energy away");
});

test("B13 a station that never completes: what the vehicle has taken and the station has signed is billed", async () => {
  const scenario = await begin(HONEST);
  const charge = await playCharge(scenario, JUDGE, {
    ...{ ...CHARGE, stayMs: 20 * MINUTE_MS },
    atEnd: () => {
      station(scenario).node.die("kill");
    },
  });
  scenario.end();
  assert.equal([charge.result.state, charge.result.silent], ["ABANDONED", 1]);
  expectUndisputed(charge);
  assert.ok(charge.gainMilliWh.station <= 0, "S11");
});

test("B13 a station that shows a fifth too much: the vehicle ends the charge, and `und` is billed", async () => {
  const scenario = await begin({ ...HONEST, runningLiars: new Map([["station-1", "shows more"] as const]) });
  const charge = await playCharge(scenario, JUDGE, CHARGE);
  scenario.end();
  const { completes, open } = charge.transaction;
  const reasons = [completes.vehicle?.reason, completes.station?.reason];
  assert.ok(reasons.includes("disagreement"), reasons.join());
  assert.equal([charge.result.state, charge.result.verdict], ["DISPUTED", "DISAGREE"]);
  expectUndisputed(charge);
  assert.ok(charge.result.contestedMilliWh > 0);
  assert.ok(charge.deliveredMilliWh < 5_000_000, "it ended before it was full");
  assert.ok(charge.gainMilliWh.station <= open.terms.exposureMilliWh, "S11");
});

test("B13 a station that shows 5 % too much is within the tolerance: it is settled, and gains no more than these 5 %", async () => {
  const scenario = await begin(HONEST);
  station(scenario).outlet.shownShare = 1.05;
  const charge = await playCharge(scenario, JUDGE, CHARGE);
  scenario.end();
  assert.is(charge.result.state, "SETTLED");
  assert.is.not(charge.result.verdict, "DISAGREE");
  const gain = charge.gainMilliWh.station / charge.deliveredMilliWh;
  assert.ok(gain > 0.04 && gain <= 0.051, `${Math.round(gain * 1000) / 10} %`);
});

test.run();

async function begin(wishes: ScenarioWishes): Promise<Scenario> {
  const scenario = new Scenario(wishes);
  await scenario.start();
  return scenario;
}

/** `und` of protocol 2.8, from the facts on the chain; it is what is billed, and the station has signed no less. */
function expectUndisputed({ transaction, result, deliveredMilliWh, exposureMilliWh }: PlayedCharge): void {
  const { undisputedMilliWh } = settle(chargeFactsOf(transaction), true);
  assert.is(result.billedMilliWh, undisputedMilliWh);
  assert.ok(result.billedMilliWh <= result.stationMilliWh);
  assert.ok(result.billedMilliWh <= deliveredMilliWh + exposureMilliWh);
}
