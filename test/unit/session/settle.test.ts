import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { leastAtStation } from "#core/session/energy-bound.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { settle, type Settlement } from "#core/session/settle.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import { chargeOf, inletTerms, ramp, type ChargeStory } from "#test/builders/charge-facts.ts";

const test = suite("settlement");
const kWh = (amount: number): number => Math.round(amount * 1_000_000);

/** What a charge comes to: state, billed, contested, who is silent, verdict. */
function check(
  charge: ChargeFacts,
  graceOver: boolean,
  expected: readonly [Settlement["state"], number, number, string, string],
): void {
  const { state, billedMilliWh, contestedMilliWh, silent, judgement } = settle(charge, graceOver);
  assert.equal([state, billedMilliWh, contestedMilliWh, silent.join(), judgement?.verdict ?? "NONE"], expected);
}

/** 20 intervals of 1 kWh each at the station; the vehicle measures so much of it. */
function story(ratio: number, vehicleReadings = 20): ChargeStory {
  return {
    station: ramp(20, kWh(1)),
    vehicle: ramp(vehicleReadings, kWh(ratio)),
    stationFinal: kWh(20.5),
    vehicleFinal: kWh(20.5 * ratio),
  };
}

/** The story of a side that never completes. */
function without(whole: ChargeStory, final: "stationFinal" | "vehicleFinal"): ChargeStory {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name !== final));
}

test("the worked example settles at the station's 22.211 kWh", () => {
  const charge = chargeOf({ ...story(0.9725), stationFinal: kWh(22.211), vehicleFinal: kWh(21.6) });
  check(charge, false, ["SETTLED", kWh(22.211), 0, "", "AGREE"]);
});

test("energies count from the start registers of both meters", () => {
  const charge = chargeOf({ ...story(0.98), start: [kWh(123_456), kWh(789)] });
  check(charge, false, ["SETTLED", kWh(20.5), 0, "", "AGREE"]);
});

test("with the basis `least` no more is billed than the vehicle can have cost", () => {
  const terms = inletTerms({ basis: "least", tolerancePpm: 80_000 });
  const charge = chargeOf({ ...story(0.96), terms });
  const billed = Math.ceil((kWh(20.5 * 0.96) * 1e6) / 970_000);
  check(charge, false, ["SETTLED", billed, 0, "", "AGREE"]);
});

test("inconclusive settles like a match, and says so", () => {
  const charge = chargeOf(story(0.93));
  check(charge, false, ["SETTLED", kWh(20.5), 0, "", "INCONCLUSIVE"]);
});

test("not capable settles like a match, and says so", () => {
  const charge = chargeOf({ ...story(0.98), terms: inletTerms({ tolerancePpm: 20_000 }) });
  check(charge, false, ["SETTLED", kWh(20.5), 0, "", "NOT-CAPABLE"]);
});

test("a disagreement bills what both have signed to and contests the rest", () => {
  // The vehicle counts half from the sixth interval on.
  const vehicle = ramp(20, kWh(1)).map((energy, index) => (index <= 5 ? energy : kWh(5) + (energy - kWh(5)) / 2));
  const charge = chargeOf({ station: ramp(20, kWh(1)), vehicle, stationFinal: kWh(20), vehicleFinal: kWh(12.5) });
  check(charge, false, ["DISPUTED", kWh(12.5), kWh(7.5), "", "DISAGREE"]);
});

test("the agreed part stands when the vehicle's last word is below it", () => {
  const vehicle = ramp(20, kWh(1)).map((energy) => Math.min(energy, kWh(10)));
  const charge = chargeOf({ station: ramp(20, kWh(1)), vehicle, stationFinal: kWh(20), vehicleFinal: kWh(10) });
  const { agreed, undisputedMilliWh, state } = settle(charge, false);
  assert.equal([agreed.milliWh, undisputedMilliWh, state], [kWh(10), kWh(10), "DISPUTED"]);
});

test("a vehicle that falls silent pays up to the exposure, when it signed that", () => {
  const silent = without(story(1, 10), "vehicleFinal");
  check(chargeOf(silent), false, ["COMPLETING", kWh(10), kWh(10.5), "", "NONE"]);
  check(chargeOf(silent), true, ["ABANDONED", kWh(14), kWh(6.5), "vehicle", "NONE"]);
  const kept = { ...silent, terms: inletTerms({ silentPays: false }) };
  check(chargeOf(kept), true, ["ABANDONED", kWh(10), kWh(10.5), "vehicle", "NONE"]);
});

test("a station that falls silent is owed the undisputed minimum", () => {
  const silent = without(story(1), "stationFinal");
  check(chargeOf(silent), true, ["ABANDONED", kWh(20), 0, "station", "NONE"]);
});

test("when both fall silent the undisputed minimum is owed", () => {
  const charge = chargeOf({ station: ramp(20, kWh(1)), vehicle: ramp(9, kWh(1)) });
  check(charge, false, ["ACTIVE", kWh(9), kWh(11), "", "NONE"]);
  check(charge, true, ["ABANDONED", kWh(9), 0, "station,vehicle", "NONE"]);
});

test("a charge that one side never joined costs nothing", () => {
  const alone = chargeOf({ station: ramp(20, kWh(1)), stationFinal: kWh(20) });
  check(alone, false, ["COMPLETING", 0, kWh(20), "", "NONE"]);
  check(alone, true, ["CANCELLED", 0, 0, "", "NONE"]);
  check(chargeOf({}), true, ["CANCELLED", 0, 0, "", "NONE"]);
  check(chargeOf({}), false, ["OPEN", 0, 0, "", "NONE"]);
});

test("both can take a charge back before they report, not after", () => {
  const cancelled = { station: true, vehicle: true } as const;
  check({ ...chargeOf({}), cancelled }, false, ["CANCELLED", 0, 0, "", "NONE"]);
  check({ ...chargeOf({}), cancelled: { station: true } }, false, ["OPEN", 0, 0, "", "NONE"]);
  check({ ...chargeOf(story(1)), cancelled }, false, ["SETTLED", kWh(20.5), 0, "", "AGREE"]);
});

test("a late completion that matches is consent", () => {
  const charge = chargeOf(story(0.98));
  check(charge, true, ["SETTLED", kWh(20.5), 0, "", "AGREE"]);
});

test("nothing is decided while the log that the decision reads is still on its way", () => {
  const whole = chargeOf(story(0.98));
  const lacking = (role: "station" | "vehicle", charge = whole): ChargeFacts => ({
    ...charge,
    reports: { ...charge.reports, [role]: charge.reports[role].slice(0, -1) },
  });
  assert.is(settle(lacking("station"), false).state, "COMPLETING");
  assert.is(settle(lacking("vehicle"), false).state, "SETTLED");
  assert.is(settle(lacking("station"), true).state, "SETTLED");
  const disputed = chargeOf(story(0.8));
  assert.is(settle(lacking("vehicle", disputed), false).state, "COMPLETING");
  assert.is(settle(disputed, false).state, "DISPUTED");
});

test("no verdict below the minimum quantity is no cover for a claim above the exposure", () => {
  const terms = inletTerms({ resolutionMilliWh: [1000, 100_000], energyMaxMilliWh: kWh(100) });
  // 100 steps of 0.1 kWh: nothing is judged below 10 kWh.
  const claim = (station: number): ChargeFacts =>
    chargeOf({ terms, station: ramp(1, 0), vehicle: ramp(1, 0), stationFinal: station, vehicleFinal: kWh(0.5) });
  check(claim(kWh(4)), false, ["SETTLED", kWh(4), 0, "", "INCONCLUSIVE"]);
  check(claim(kWh(9)), false, ["DISPUTED", kWh(0.5), kWh(8.5), "", "INCONCLUSIVE"]);
});

test("a log counts up to the first report that is missing or contradicted", () => {
  const charge = chargeOf({ station: ramp(19, kWh(1)), vehicle: ramp(19, kWh(1)) });
  const [first, second, third, fourth] = charge.reports.station;
  assert.ok(first !== undefined && second !== undefined && third !== undefined && fourth !== undefined);
  const signed = (station: ChargeFacts["reports"]["station"]): number =>
    settle({ ...charge, reports: { ...charge.reports, station } }, false).stationMilliWh;
  assert.is(signed([first, second, fourth]), kWh(9));
  assert.is(signed([fourth, second, first, third, second]), kWh(19));
  const other = { ...third, registerMilliWh: [kWh(50)] };
  assert.is(signed([first, other, second, third, fourth]), kWh(9));
});

test("a register that falls from one report to the next counts as standing still", () => {
  const charge = chargeOf({ station: ramp(9, kWh(1)), vehicle: ramp(9, kWh(1)) });
  const fallen = charge.reports.station.map((report) =>
    report.sequence === 1 ? { ...report, registerMilliWh: [kWh(2), 0, 0, 0, 0] } : report,
  );
  const { stationMilliWh, agreed } = settle({ ...charge, reports: { ...charge.reports, station: fallen } }, false);
  assert.equal([stationMilliWh, agreed.index], [kWh(4), 4]);
});

/** Any facts at all that have the shapes: registers fall, logs have holes, ends lie before their beginnings. */
const anyCharge = fc
  .record({
    station: fc.array(fc.maxSafeNat(), { maxLength: 12 }),
    vehicle: fc.array(fc.maxSafeNat(), { maxLength: 12 }),
    finals: fc.tuple(fc.option(fc.maxSafeNat()), fc.option(fc.maxSafeNat())),
    start: fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()),
    terms: fc.record({
      lossPpm: fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)),
      mpePpm: fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)),
      exposureMilliWh: fc.maxSafeNat(),
      tolerancePpm: fc.nat(1_000_000),
      resolutionMilliWh: fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()),
      silentPays: fc.boolean(),
      basis: fc.constantFrom("station" as const, "least" as const),
    }),
    cancelled: fc.record({ station: fc.constant(true as const) }, { requiredKeys: [] }),
    drop: fc.nat(4),
  })
  .map(({ station, vehicle, finals, start, terms, cancelled, drop }): ChargeFacts => {
    const charge = chargeOf({ terms: inletTerms(terms), station: raw(station), vehicle: raw(vehicle), start });
    const whole = chargeOf({ ...storyOfFinals(finals), terms: inletTerms(terms) });
    const reports = { ...charge.reports, vehicle: charge.reports.vehicle.filter(({ sequence }) => sequence !== drop) };
    return { ...charge, reports, completes: whole.completes, cancelled };
  });

function storyOfFinals(finals: readonly [number | null, number | null]): ChargeStory {
  const [stationFinal, vehicleFinal] = finals;
  return {
    ...(stationFinal === null ? {} : { stationFinal }),
    ...(vehicleFinal === null ? {} : { vehicleFinal }),
  };
}

/** Register steps as signed are never negative, so any list of numbers is made to rise; their sums may leave 2^53. */
function raw(steps: readonly number[]): readonly number[] {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

test("P3 whatever was signed, there is one outcome, within its bounds", () => {
  fc.assert(
    fc.property(anyCharge, fc.boolean(), (charge, graceOver) => {
      const { agreed, billedMilliWh, contestedMilliWh, stationMilliWh, undisputedMilliWh, state } = settle(
        charge,
        graceOver,
      );
      const amounts = [agreed.milliWh, billedMilliWh, contestedMilliWh, stationMilliWh, undisputedMilliWh];
      assert.ok(amounts.every((amount) => Number.isSafeInteger(amount) && amount >= 0));
      assert.ok(agreed.milliWh <= billedMilliWh, `${agreed.milliWh} agreed, ${billedMilliWh} billed in ${state}`);
      assert.ok(billedMilliWh + contestedMilliWh <= stationMilliWh);
      const price = chargeCost(charge, billedMilliWh);
      assert.ok(Number.isSafeInteger(price.minorUnits) && price.minorUnits >= 0);
      const priced = price.lines.filter(({ dimension }) => dimension === "ENERGY");
      const pricedMilliWh = priced.reduce((sum, { quantity }) => sum + quantity, 0);
      // As long as one side has not joined it, an open charge costs nothing.
      const isOpen = state === "OPEN" || state === "COMPLETING";
      assert.ok(pricedMilliWh === billedMilliWh || (isOpen && price.lines.length === 0));
    }),
    { numRuns: 500 },
  );
});

test("P2 the order in which reports arrive, and how often, changes nothing", () => {
  const shuffled = anyCharge.chain((charge) =>
    fc.record({
      charge: fc.constant(charge),
      station: fc.shuffledSubarray([...charge.reports.station, ...charge.reports.station], {
        minLength: charge.reports.station.length * 2,
      }),
      vehicle: fc.shuffledSubarray([...charge.reports.vehicle], { minLength: charge.reports.vehicle.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, fc.boolean(), ({ charge, station, vehicle }, graceOver) => {
      assert.equal(settle({ ...charge, reports: { station, vehicle } }, graceOver), settle(charge, graceOver));
    }),
  );
});

test("P3 more signed readings never lower what is undisputed", () => {
  const steps = fc.array(fc.tuple(fc.nat(kWh(2)), fc.nat(kWh(2))), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(steps, (pairs) => {
      let before = 0;
      for (let length = 1; length <= pairs.length; length += 1) {
        const station = raw(pairs.slice(0, length).map(([step]) => step));
        const vehicle = raw(pairs.slice(0, length).map(([, step]) => step));
        const { undisputedMilliWh } = settle(chargeOf({ station, vehicle }), false);
        assert.ok(undisputedMilliWh >= before);
        before = undisputedMilliWh;
      }
    }),
  );
});

test("a vehicle gains nothing by falling silent instead of completing", () => {
  // S11: what an honest end would have billed is at most what silence bills plus the exposure.
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 40 }), (intervals, withheld) => {
      const terms = inletTerms();
      const shown = Math.max(0, intervals - Math.min(withheld, 3));
      const full = ramp(intervals, kWh(1));
      const honest = chargeOf({
        terms,
        station: full,
        vehicle: full,
        stationFinal: kWh(intervals),
        vehicleFinal: kWh(intervals),
      });
      const silent = chargeOf({ terms, station: full, vehicle: ramp(shown, kWh(1)), stationFinal: kWh(intervals) });
      assert.ok(settle(silent, true).billedMilliWh === settle(honest, true).billedMilliWh);
      assert.ok(leastAtStation(terms, kWh(shown)) <= settle(silent, true).billedMilliWh);
    }),
  );
});

test.run();
