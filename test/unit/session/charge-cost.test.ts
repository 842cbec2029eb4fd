/** From the signed facts of a charge to its price: what is energy, charging, parking and pause, and by whose word. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chargeCost, chargeCourse } from "#core/session/charge-cost.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { REPORT_FLAG } from "#core/session/facts.ts";
import { settle } from "#core/session/settle.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { chargeOf, inletTerms, ramp, type ChargeStory } from "#test/builders/charge-facts.ts";
import { kwhBands, ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("cost of a charge");

/** 0.50 to start, 0.30 a kWh, 1.20 an hour of charging, 6.00 an hour of parking. */
const TARIFF = tariffOf([
  ruleOf("FLAT", 500_000),
  ruleOf("ENERGY", 300_000),
  ruleOf("TIME", 1_200_000),
  ruleOf("PARKING_TIME", 6_000_000),
]);
/** A reading a minute: 20 minutes of 0.36 kWh, then 10 minutes without energy. Five readings are a report. */
const CURVE = [...ramp(20, 360_000), ...Array.from({ length: 10 }, () => 7_200_000)];

/** The station says that the car stands on from minute 25. */
function story(changes: ChargeStory = {}, tariff: Tariff = TARIFF): ChargeFacts {
  const charge = chargeOf({ terms: inletTerms({ tariff }), station: CURVE, vehicle: CURVE, ...changes });
  return flagged(charge, [5, 6], REPORT_FLAG.IDLE);
}

/** With these flags in these reports of the station. */
function flagged(charge: ChargeFacts, sequences: readonly number[], flags: number): ChargeFacts {
  const station = charge.reports.station.map((report) =>
    sequences.includes(report.sequence) ? { ...report, flags } : report,
  );
  return { ...charge, reports: { ...charge.reports, station } };
}

/** Minor units of each dimension. */
function parts(charge: ChargeFacts, billed = 7_200_000): readonly (readonly [string, number])[] {
  const { lines } = chargeCost(charge, billed);
  return lines.map(({ dimension, quantity }) => [dimension, dimension === "ENERGY" ? quantity : quantity / 60_000]);
}

test("time ends with the last energy as charging, and with the earlier of the two logs as parking", () => {
  assert.equal(parts(story()), [
    ["FLAT", 1 / 60_000],
    ["ENERGY", 7_200_000],
    ["TIME", 20],
    ["PARKING_TIME", 10],
  ]);
  const finals = { stationFinal: 7_200_000, vehicleFinal: 7_200_000 };
  assert.equal(parts(story({ ...finals, finalMs: 45 * 60_000 })).at(-1), ["PARKING_TIME", 25]);
  const earlier = story({ ...finals, finalMs: 45 * 60_000 });
  const vehicle = { ...earlier.completes.vehicle, atMs: 40 * 60_000 } as NonNullable<typeof earlier.completes.vehicle>;
  assert.equal(parts({ ...earlier, completes: { ...earlier.completes, vehicle } }).at(-1), ["PARKING_TIME", 20]);
});

test("nobody pays for time by the other's word alone", () => {
  const silent = story({ vehicle: CURVE.slice(0, 16), stationFinal: 7_200_000, finalMs: 3_600_000 });
  assert.equal(parts(silent).slice(2), [["TIME", 15]]);
});

test("stretches in which the station had stopped the power count as no time", () => {
  assert.equal(parts(flagged(story(), [5], REPORT_FLAG.IDLE | REPORT_FLAG.PAUSED)).slice(2), [
    ["TIME", 20],
    ["PARKING_TIME", 4],
    ["PARKING_TIME", 1],
  ]);
  // A report that says it while energy flowed all along is no pause.
  assert.equal(parts(flagged(story(), [1], REPORT_FLAG.PAUSED)), parts(story()));
});

test("standing on without the station's word for it is no parking, and no charging either", () => {
  assert.equal(parts(flagged(story(), [5, 6], 0)).slice(2), [["TIME", 20]]);
  assert.equal(parts(flagged(story(), [6], 0)).slice(2), [["TIME", 20]]);
});

test("where no energy has flowed, or none is agreed, nothing is owed, not even the fee to start", () => {
  const none = Array.from({ length: 30 }, () => 0);
  assert.equal(parts(story({ station: none, vehicle: none }), 0), []);
  assert.is(chargeCost(story(), 0).minorUnits, 0);
  assert.ok(chargeCost(story(), 1).minorUnits >= 50);
});

test("a charge that one side never joined costs nothing", () => {
  assert.is(chargeCost(story({ vehicle: [] }), 7_200_000).minorUnits, 0);
  assert.is(chargeCost(story({ station: [] }), 0).minorUnits, 0);
});

test("what is disputed of the energy is free, the time that both have signed is not", () => {
  const cost = chargeCost(story(), 3_600_000);
  assert.equal(
    cost.free.map(({ quantity, reason }) => [quantity, reason]),
    [[3_600_000, "not-billed"]],
  );
  assert.is(cost.minorUnits, 50 + 108 + 40 + 100);
});

test("time goes on no longer than the terms allow", () => {
  const terms = inletTerms({ tariff: TARIFF, durationMaxSeconds: 1500 });
  assert.equal(parts(story({ terms })).at(-1), ["PARKING_TIME", 5]);
});

test("the running cost at the end is the final amount", () => {
  const tariff = kwhBands([0, 400, 300_000], [400, 86_400, 600_000]);
  const running = story({}, tariff);
  const ended = story({ stationFinal: 7_200_000, vehicleFinal: 7_200_000, finalMs: 30 * 60_000 }, tariff);
  const settled = settle(ended, false);
  assert.is(settled.state, "SETTLED");
  assert.equal(chargeCost(ended, settled.billedMilliWh), chargeCost(running, settle(running, false).stationMilliWh));
});

test("the facts are a set: in whatever order and how often they have come, the price is the same", () => {
  const ended = story({ stationFinal: 7_200_000, vehicleFinal: 7_200_000, finalMs: 31 * 60_000 });
  const expected = chargeCost(ended, 7_200_000);
  const shuffled = (role: "station" | "vehicle") =>
    fc.shuffledSubarray([...ended.reports[role], ...ended.reports[role]], {
      minLength: 2 * ended.reports[role].length,
    });
  fc.assert(
    fc.property(shuffled("station"), shuffled("vehicle"), (station, vehicle) => {
      assert.equal(chargeCost({ ...ended, reports: { station, vehicle } }, 7_200_000), expected);
    }),
  );
});

test("times and registers beyond all bounds are bounded", () => {
  const far = story({ stationFinal: Number.MAX_SAFE_INTEGER, vehicleFinal: 0, finalMs: Number.MAX_SAFE_INTEGER });
  const course = chargeCourse(far, Number.MAX_SAFE_INTEGER);
  assert.is(course.endMs, inletTerms().durationMaxSeconds * 1000);
  assert.ok(Number.isSafeInteger(chargeCost(far, Number.MAX_SAFE_INTEGER).minorUnits));
});

test.run();
