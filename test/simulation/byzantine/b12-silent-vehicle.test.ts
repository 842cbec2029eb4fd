/**
 * B12: a vehicle stops reporting in mid-charge, or leaves without its completion. The power ends within the exposure X,
 * the charge is ABANDONED with the vehicle as the silent side, and it has gained nothing by it (S11): the same seed is
 * played with an honest car.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { station, vehicle } from "./charging.ts";
import { playCharge, type ChargePlay, type PlayedCharge } from "./payoff.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";
import type { ScenarioWishes } from "./scenario-plan.ts";

const JUDGE = "station-2";
/** A meter errs by 1.2 % here at most. */
const METER_SHARE = 0.012;
const HONEST: ScenarioWishes = { stations: 2, vehicles: 1, watched: ["S3", "S4", "S7", "contract"] };
const CHARGE: ChargePlay = { energyKwh: 7, stayMs: 45 * MINUTE_MS };
let honest: PlayedCharge | undefined;

const test = suite("B12 silent vehicle");

test("B12 the honest car of this seed is settled", async () => {
  const scenario = new Scenario(HONEST);
  await scenario.start();
  honest = await playCharge(scenario, JUDGE, CHARGE);
  scenario.end();
  assert.is(honest.result.state, "SETTLED");
});

test("B12 a vehicle that stops reporting gets at most X more, is billed that, and gains nothing by it", async () => {
  let deliveredAtLastWord = 0;
  const wishes = { ...HONEST, runningLiars: new Map([["car-1", "withholds"] as const]) };
  const scenario = new Scenario(wishes);
  await scenario.start();
  const reports = (): number => {
    const charges = scenario.chainOf(scenario.node(JUDGE)).pending.transactions.entries().values();
    return Math.max(0, ...[...charges].map(({ logs }) => logs.vehicle.nextSequence));
  };
  let known = 0;
  const charge = await playCharge(scenario, JUDGE, {
    ...CHARGE,
    meanwhile: () => {
      if (reports() > known) deliveredAtLastWord = station(scenario).outlet.deliveredMilliWh;
      known = reports();
    },
  });
  scenario.end();
  assert.is(known, 3, "three reports, then nothing");
  assert.equal([charge.result.state, charge.result.silent], ["ABANDONED", 2]);
  const afterLastWord = charge.deliveredMilliWh - deliveredAtLastWord;
  assert.ok(afterLastWord > 0 && afterLastWord <= charge.exposureMilliWh, `${afterLastWord} mWh after its last word`);
  assert.ok(honest && charge.deliveredMilliWh < honest.deliveredMilliWh / 2, "the power has ended long before");
  expectNoGain(charge);
});

test("B12 a vehicle that leaves without its completion is billed what the station has signed, and gains nothing", async () => {
  const scenario = new Scenario(HONEST);
  await scenario.start();
  const charge = await playCharge(scenario, JUDGE, {
    ...{ ...CHARGE, stayMs: 20 * MINUTE_MS },
    atEnd: () => {
      vehicle(scenario).node.die("kill");
    },
  });
  scenario.end();
  assert.equal([charge.result.state, charge.result.silent], ["ABANDONED", 2]);
  expectNoGain(charge);
});

test.run();

/** S11 allows the price of X above the honest payoff. The terms here say that who is silent pays, so it is not even that. */
function expectNoGain(charge: PlayedCharge): void {
  assert.ok(honest);
  const { gainMilliWh, exposureMilliWh, deliveredMilliWh } = charge;
  const error = METER_SHARE * deliveredMilliWh;
  assert.ok(gainMilliWh.vehicle <= honest.gainMilliWh.vehicle + exposureMilliWh, "S11");
  assert.ok(gainMilliWh.vehicle <= error + 20_000, `it has got ${gainMilliWh.vehicle} mWh for nothing`);
}
