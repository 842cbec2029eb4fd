/** A car that has enough is not billed by the time for which a station says that it charges. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { batteryTerms } from "#test/builders/charge-facts.ts";
import { PartyDuo } from "#test/builders/party-duo.ts";
import { ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("denied standing");
const ENERGY = ruleOf("ENERGY", 350_000);
const PARKING = ruleOf("PARKING_TIME", 2_000_000);

test("a vehicle that is full ends a charge which the station goes on to bill by its time", () => {
  const completedBy = (...rules: Tariff["rules"]): string | undefined => {
    const duo = new PartyDuo(batteryTerms({ tariff: tariffOf(rules) })).run(1800);
    // A little goes on to flow, by the station's word at least, and none of it arrives.
    [duo.carW, duo.batteryShare] = [200, 0];
    duo.run(590);
    assert.is(duo.completeOf("vehicle"), undefined);
    return duo.run(120).completeOf("vehicle")?.reason;
  };
  assert.is(completedBy(ENERGY, PARKING, ruleOf("TIME", 2_000_000)), "finished");
  assert.is(completedBy(ENERGY, PARKING), undefined, "energy is all that it costs");
});

test.run();
