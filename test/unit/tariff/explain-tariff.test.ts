/** A tariff and a price as figures that somebody can put into words: nothing is missing, nothing is added. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explainPrice, explainTariff } from "#core/tariff/explain-tariff.ts";
import { PARTS_PER_UNIT, priceSession } from "#core/tariff/price-session.ts";
import { worstPrice } from "#core/tariff/worst-price.ts";
import { courseOf, ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("explained tariffs");

const TARIFF = tariffOf([
  ruleOf("ENERGY", 200_000, { durationSeconds: [0, 1800], taxPpm: 190_000 }),
  ruleOf("ENERGY", 300_000, { taxPpm: 190_000, step: 1_000_000 }),
  ruleOf("PARKING_TIME", 6_000_000, { durationSeconds: [7200, null], step: 600 }),
  ruleOf("FLAT", 500_000),
  ruleOf("TIME", 9_000_000, { phase: "reservation" }),
]);

test("every rule is told with its unit, what comes before it, and whether it is what holds else", () => {
  const { rules, freeAtTimes } = explainTariff(TARIFF);
  assert.equal(
    rules.map(({ index, unit, after, isFallback }) => [index, unit, after, isFallback]),
    [
      [0, "kWh", [], false],
      [1, "kWh", [0], true],
      [2, "hour", [], false],
      [3, "once", [], true],
      [4, "hour", [], true],
    ],
  );
  assert.equal(freeAtTimes, ["TIME", "PARKING_TIME"]);
});

test("every line is told with what the step added, and the amounts are those of the price", () => {
  const price = priceSession({ tariff: TARIFF, currencyDigits: 2 }, courseOf(60, 7, { parkedMinutes: 90 }));
  const { lines, free, bound } = explainPrice(TARIFF, price);
  assert.equal(
    lines.map(({ line, unit, addedByStep, microWithTax }) => [
      line.rule,
      line.quantity,
      unit,
      addedByStep,
      microWithTax,
    ]),
    [
      [3, 1, "once", 0, 500_000n],
      [0, 3_500_000, "kWh", 0, 833_000n],
      [1, 3_500_000, "kWh", 0, 1_249_500n],
      [2, 1_800_000, "hour", 0, 3_000_000n],
    ],
  );
  assert.equal(
    free.map(({ dimension, quantity, reason }) => [dimension, quantity, reason]),
    [
      ["TIME", 3_600_000, "no-rule"],
      ["PARKING_TIME", 3_600_000, "no-rule"],
    ],
  );
  assert.is(bound, null);
  const total = lines.reduce((sum, { line }) => sum + line.withTax, 0n);
  assert.is((total + price.rounding.withTax) * 100n, BigInt(price.minorUnits) * PARTS_PER_UNIT);
});

test("the worst that a tariff can ask for has its tax on top, rounded up, and no reservation in it", () => {
  assert.equal(worstPrice(TARIFF), {
    ...{ energyPerKwh: 357_000, timePerHour: 0, parkingPerHour: 6_000_000, once: 500_000 },
    ...{ energyStep: 1_000_000, timeStep: 600 },
  });
  const odd = tariffOf([ruleOf("ENERGY", 3, { taxPpm: 100_000 })], { minPrice: { beforeTax: 11, withTax: null } });
  assert.equal([worstPrice(odd).energyPerKwh, worstPrice(odd).once], [4, 13]);
  const gross = tariffOf([ruleOf("ENERGY", 3, { taxPpm: 100_000 })], { taxIncluded: "yes" });
  assert.is(worstPrice(gross).energyPerKwh, 3);
});

test.run();
