/** What holds for every tariff and every course, against a reference that goes through a charge ms by ms. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkTariff } from "#core/tariff/check-tariff.ts";
import { PARTS_PER_UNIT, priceSession, type Course, type EnergyPoint, type Price } from "#core/tariff/price-session.ts";
import type { Tariff, TariffRange, TariffRule } from "#core/tariff/tariff-terms.ts";
import { tariffOf } from "#test/builders/tariffs.ts";

const test = suite("every price");
const START = 1_700_000_000;
const SECONDS = 8;

/** Conditions of the size of the courses below: some seconds, some mWh, some kW. */
const range = (max: number): fc.Arbitrary<TariffRange> =>
  fc
    .tuple(fc.nat(max), fc.option(fc.nat(max)))
    .map(([from, length]) => [from, length === null ? null : from + 1 + length]);
const windows = fc
  .uniqueArray(fc.nat(SECONDS), { minLength: 2, maxLength: 6 })
  .map((edges) => edges.sort((left, right) => left - right))
  .map((edges) =>
    edges.flatMap((from, place) =>
      place % 2 === 0 && edges[place + 1] !== undefined
        ? [[START + from, START + (edges[place + 1] ?? 0)] as const]
        : [],
    ),
  );
const rule = (step: fc.Arbitrary<number>): fc.Arbitrary<TariffRule> =>
  fc.record(
    {
      dimension: fc.constantFrom("ENERGY", "TIME", "PARKING_TIME", "FLAT"),
      microPrice: fc.nat(2_000_000),
      taxPpm: fc.constantFrom(0, 52_000, 190_000),
      step,
      phase: fc.constant("charging"),
      windows,
      energyMilliWh: range(20_000),
      durationSeconds: range(SECONDS),
      powerW: range(20_000),
    },
    { requiredKeys: ["dimension", "microPrice", "taxPpm", "step", "phase"] },
  );
const tariffs = (step: fc.Arbitrary<number>): fc.Arbitrary<Tariff> =>
  fc
    .record({
      rules: fc.array(rule(step), { minLength: 1, maxLength: 7 }),
      taxIncluded: fc.constantFrom("no", "yes"),
      roundingMode: fc.constantFrom("half-even", "half-away"),
      roundingPer: fc.constantFrom("total", "component"),
      bounds: fc.option(fc.tuple(fc.nat(4000), fc.nat(4000))),
    })
    .map(({ rules, bounds, ...rest }) => {
      const bound = (micro: number) => ({ beforeTax: micro, withTax: Math.floor(micro * 1.19) });
      const limits = bounds === null ? {} : { minPrice: bound(bounds[0]), maxPrice: bound(bounds[0] + bounds[1]) };
      return tariffOf(rules, { ...rest, ...limits });
    });
/** Whole mWh in each ms, so that the line between two points has no fractions. */
const courses: fc.Arbitrary<Course> = fc
  .tuple(fc.array(fc.tuple(fc.integer({ min: 1, max: 2500 }), fc.nat(5)), { minLength: 1, maxLength: 4 }), fc.nat(1500))
  .map(([steps, parkedMs]) => {
    let [atMs, milliWh] = [0, 0];
    const points = steps.map(([ms, flow]) => ({ atMs: (atMs += ms), milliWh: (milliWh += ms * flow) }));
    return {
      startedAt: START,
      points: [{ atMs: 0, milliWh: 0 }, ...points],
      chargingEndMs: atMs,
      endMs: atMs + parkedMs,
    };
  });
const terms = (tariff: Tariff): { tariff: Tariff; currencyDigits: number } => ({ tariff, currencyDigits: 3 });
const NO_STEP = fc.constant(0);

test("P10 lines, bound and rounding add up to what is paid, before tax and with it, and the taxes too", () => {
  fc.assert(
    fc.property(tariffs(fc.nat(3)), courses, fc.nat(3), (tariff, course, currencyDigits) => {
      const price = priceSession({ tariff, currencyDigits }, course);
      const minor = PARTS_PER_UNIT / 10n ** BigInt(currencyDigits);
      for (const side of ["beforeTax", "withTax"] as const) {
        const lines = price.lines.reduce((sum, line) => sum + line[side], 0n);
        const paid = side === "withTax" ? price.minorUnits : price.minorUnitsBeforeTax;
        assert.is(lines + (price.bound?.[side] ?? 0n) + price.rounding[side], BigInt(paid) * minor);
      }
      const taxes = price.taxes.reduce((sum, { taxMinorUnits }) => sum + taxMinorUnits, 0);
      assert.is(taxes, price.minorUnits - price.minorUnitsBeforeTax);
      const exact = price.lines.reduce((sum, line) => sum + line.withTax - line.beforeTax, 0n);
      const bound = price.bound === null ? 0n : price.bound.withTax - price.bound.beforeTax;
      assert.is(
        price.taxes.reduce((sum, { tax }) => sum + tax, 0n),
        exact + bound,
      );
    }),
    { numRuns: 500 },
  );
});

test("every mWh and every ms is in one line or told to be free", () => {
  fc.assert(
    fc.property(tariffs(NO_STEP), courses, fc.nat(30_000), (tariff, course, billedMilliWh) => {
      const { lines, free } = priceSession(terms(tariff), { ...course, billedMilliWh });
      const total = (dimension: string): number =>
        [...lines, ...free].reduce((sum, each) => sum + (each.dimension === dimension ? each.quantity : 0), 0);
      assert.is(total("ENERGY"), Math.max(billedMilliWh, course.points.at(-1)?.milliWh ?? 0));
      assert.equal([total("TIME"), total("PARKING_TIME")], [course.chargingEndMs, course.endMs - course.chargingEndMs]);
    }),
    { numRuns: 500 },
  );
});

test("P10 the lines are those of a reference that looks for the rule of every single ms and mWh", () => {
  fc.assert(
    fc.property(tariffs(NO_STEP), courses, (tariff, course) => {
      const price = priceSession(terms(tariff), course);
      const reference = referenceQuantities(tariff.rules, course);
      assert.equal(quantitiesByRule(price), reference);
      // Each amount from its definition: quantity x price, an exact fraction of the unit.
      for (const { dimension, quantity, microPrice, taxPpm, beforeTax, withTax } of price.lines) {
        const per = dimension === "ENERGY" ? 10n ** 12n : dimension === "FLAT" ? 10n ** 6n : 36n * 10n ** 11n;
        const stated = BigInt(quantity) * BigInt(microPrice) * PARTS_PER_UNIT;
        assert.is((tariff.taxIncluded === "yes" ? withTax : beforeTax) * per, stated);
        const error = withTax * 1_000_000n - beforeTax * BigInt(1_000_000 + taxPpm);
        assert.ok(2n * (error < 0n ? -error : error) <= BigInt(1_000_000 + taxPpm));
      }
    }),
    { numRuns: 200 },
  );
});

test("a point more on the line between two points changes nothing", () => {
  fc.assert(
    fc.property(tariffs(fc.nat(3)), courses, fc.array(fc.nat(10_000), { maxLength: 5 }), (tariff, course, splits) => {
      const points = splits.reduce(splitAt, course.points);
      assert.equal(priceSession(terms(tariff), { ...course, points }), priceSession(terms(tariff), course));
    }),
    { numRuns: 500 },
  );
});

test("without steps the running cost never falls, and ends as the final cost", () => {
  fc.assert(
    fc.property(tariffs(NO_STEP), courses, (tariff, course) => {
      let before = { withTax: 0, beforeTax: 0 };
      for (const [place, { atMs }] of course.points.entries()) {
        const soFar = { ...course, points: course.points.slice(0, place + 1), chargingEndMs: atMs, endMs: atMs };
        const { minorUnits, minorUnitsBeforeTax } = priceSession(terms(tariff), soFar);
        assert.ok(minorUnits >= before.withTax && minorUnitsBeforeTax >= before.beforeTax);
        before = { withTax: minorUnits, beforeTax: minorUnitsBeforeTax };
      }
      assert.ok(priceSession(terms(tariff), course).minorUnits >= before.withTax);
    }),
    { numRuns: 500 },
  );
});

test("with steps it never falls either, as long as one rule is for energy and one for time", () => {
  const single = fc
    .tuple(rule(fc.nat(3)), rule(fc.nat(3)))
    .map(([first, second]) => [plain(first, "ENERGY"), plain(second, "TIME")]);
  fc.assert(
    fc.property(single, courses, (rules, course) => {
      let before = 0;
      for (const [place, { atMs }] of course.points.entries()) {
        const soFar = { ...course, points: course.points.slice(0, place + 1), chargingEndMs: atMs, endMs: atMs };
        const { minorUnits } = priceSession(terms(tariffOf(rules)), soFar);
        assert.ok(minorUnits >= before);
        before = minorUnits;
      }
    }),
  );
});

test("tariffs that pass the check are priced whatever the course", () => {
  const wild = fc.record({
    startedAt: fc.maxSafeNat(),
    points: fc.array(fc.record({ atMs: fc.maxSafeNat(), milliWh: fc.maxSafeNat() }), { maxLength: 4 }),
    billedMilliWh: fc.maxSafeNat(),
    chargingEndMs: fc.maxSafeNat(),
    endMs: fc.maxSafeNat(),
  });
  let priced = 0;
  fc.assert(
    fc.property(tariffs(fc.nat(3)), wild, (tariff, course) => {
      const sound = checkTariff({
        ...tariff,
        rules: tariff.rules.map((each) => (each.dimension === "FLAT" ? { ...each, step: 0 } : each)),
      });
      if (!sound.ok) return;
      priced += 1;
      const { minorUnits } = priceSession(terms(sound.value), course);
      assert.ok(Number.isSafeInteger(minorUnits) && minorUnits >= 0);
    }),
    { numRuns: 500 },
  );
  assert.ok(priced > 50, `${priced} sound tariffs`);
});

test.run();

function plain({ microPrice, taxPpm, step }: TariffRule, dimension: "ENERGY" | "TIME"): TariffRule {
  return { dimension, microPrice, taxPpm, step, phase: "charging" };
}

function quantitiesByRule({ lines }: Price): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { rule: index, quantity } of lines) sums[index] = (sums[index] ?? 0) + quantity;
  return sums;
}

function splitAt(points: readonly EnergyPoint[], atMs: number): readonly EnergyPoint[] {
  const after = points.findIndex((point) => point.atMs > atMs);
  const [left, right] = [points[after - 1], points[after]];
  if (left === undefined || right === undefined || atMs <= left.atMs) return points;
  const flow = (right.milliWh - left.milliWh) / (right.atMs - left.atMs);
  const middle = { atMs, milliWh: left.milliWh + flow * (atMs - left.atMs) };
  return [...points.slice(0, after), middle, ...points.slice(after)];
}

/** What of each rule is used: each ms in turn, and in it each mWh in turn. */
function referenceQuantities(rules: readonly TariffRule[], course: Course): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  const paidOnce: number[] = [];
  const use = (dimension: TariffRule["dimension"], moment: ReferenceMoment, quantity: number): void => {
    const index = rules.findIndex((each) => each.dimension === dimension && holds(each, moment));
    if (index < 0 || (dimension === "FLAT" && paidOnce.length > 0)) return;
    sums[index] = (sums[index] ?? 0) + quantity;
    if (dimension === "FLAT") paidOnce.push(index);
  };
  let energy = 0;
  for (let ms = 0; ms < course.endMs; ms += 1) {
    const flow = flowAt(course.points, ms);
    const watts = flow * 3600;
    for (let part = 0; part < flow; part += 1) {
      use("FLAT", { ms, energy: energy + part, watts }, 1);
      use("ENERGY", { ms, energy: energy + part, watts }, 1);
    }
    // Time is not divided further: a ms in which an energy is reached is wholly after it.
    const moment = { ms, energy: energy + Math.max(0, flow - 1), watts };
    use("FLAT", moment, 1);
    use(ms < course.chargingEndMs ? "TIME" : "PARKING_TIME", moment, 1);
    energy += flow;
  }
  return sums;
}

interface ReferenceMoment {
  readonly ms: number;
  readonly energy: number;
  readonly watts: number;
}

function holds(each: TariffRule, { ms, energy, watts }: ReferenceMoment): boolean {
  const isIn = (value: number, [from, to]: TariffRange = [0, null]): boolean =>
    from <= value && (to === null || value < to);
  const second = START + ms / 1000;
  return (
    (each.windows?.some(([from, to]) => from <= second && second < to) ?? true) &&
    isIn(energy, each.energyMilliWh) &&
    isIn(ms / 1000, each.durationSeconds) &&
    isIn(watts, each.powerW)
  );
}

function flowAt(points: readonly EnergyPoint[], ms: number): number {
  const after = points.findIndex(({ atMs }) => atMs > ms);
  const [left, right] = [points[after - 1], points[after]];
  return left === undefined || right === undefined ? 0 : (right.milliWh - left.milliWh) / (right.atMs - left.atMs);
}
