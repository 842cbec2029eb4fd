/** Rules of the price, one by one; what must hold for every tariff is in `price-properties`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PARTS_PER_UNIT, priceSession, type Course, type Price } from "#core/tariff/price-session.ts";
import type { Tariff, TariffRule } from "#core/tariff/tariff-terms.ts";
import { courseOf, kwhBands, perKwh, ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("price of a session");
const price = (tariff: Tariff, course: Course, currencyDigits = 2): Price =>
  priceSession({ tariff, currencyDigits }, course);
const minor = (tariff: Tariff, course: Course, digits = 2): number => price(tariff, course, digits).minorUnits;
const quantities = ({ lines }: Price): readonly number[] => lines.map(({ quantity }) => quantity);
const energyTariff = (...rules: readonly TariffRule[]): Tariff => tariffOf(rules);
const START = 1_700_000_000;

test("one price: energy times price, exact, rounded once", () => {
  const { minorUnits, lines, rounding, bound } = price(perKwh(450_000), courseOf(60, 20));
  assert.is(minorUnits, 900);
  assert.is(lines[0]?.withTax, 9n * PARTS_PER_UNIT);
  assert.equal([rounding.withTax, bound], [0n, null]);
});

test("a pause at each reading is looked at a few times, however many there are", () => {
  const count = 1000;
  let looks = 0;
  const pauses = Array.from({ length: count }, (_, place) => ({
    get fromMs() {
      looks += 1;
      return 2000 * place;
    },
    toMs: 2000 * place + 1000,
  }));
  const course = { ...courseOf((2 * count) / 60, 20), pauses };
  const { lines } = price(energyTariff(ruleOf("TIME", 3_600_000)), course);
  assert.is(lines.length, count);
  assert.is(
    lines.reduce((sum, { quantity }) => sum + quantity, 0),
    1000 * count,
  );
  assert.ok(looks < 40 * count, `${looks} looks`);
});

test("halves go to the even cent or away from zero, as the tariff says", () => {
  const cost = (roundingMode: Tariff["roundingMode"]) => (micro: number) =>
    minor({ ...perKwh(micro), roundingMode }, courseOf(60, 1));
  const prices = [5_000, 15_000, 25_000, 25_001, 24_999];
  assert.equal(prices.map(cost("half-even")), [0, 2, 2, 3, 2]);
  assert.equal(prices.map(cost("half-away")), [1, 2, 3, 3, 2]);
});

test("the digits of the currency decide where it is rounded: yen, euro, dinar", () => {
  const cost = (digits: number): number => minor(perKwh(1_234_567), courseOf(60, 3), digits);
  assert.equal([0, 1, 2, 3].map(cost), [4, 37, 370, 3704]);
});

test("where each component is rounded, their sum is paid", () => {
  const rules = [ruleOf("FLAT", 124_000), ruleOf("ENERGY", 124_000), ruleOf("TIME", 124_000)];
  const whole = price(tariffOf(rules), courseOf(60, 1));
  const parts = price(tariffOf(rules, { roundingPer: "component" }), courseOf(60, 1));
  assert.equal([whole.minorUnits, parts.minorUnits], [37, 36]);
  assert.is(parts.rounding.components.length, 3);
  assert.is(parts.rounding.withTax, (-12n * PARTS_PER_UNIT) / 1000n);
});

test("energy between two readings is spread over the prices by time, rounded down, and the next gets the rest", () => {
  const points = [
    { atMs: 0, milliWh: 0 },
    { atMs: 60_000, milliWh: 1_000_001 },
    { atMs: 120_000, milliWh: 3_000_000 },
  ];
  const course = { ...courseOf(2, 3), points };
  const tariff = kwhBands([0, 30, 100_000], [30, 100, 200_000], [100, 200, 400_000]);
  assert.equal(quantities(price(tariff, course)), [500_000, 1_833_333, 666_667]);
});

test("what flowed at one instant belongs to the price that begins there, at the power that was before", () => {
  const points = [
    { atMs: 0, milliWh: 0 },
    { atMs: 60_000, milliWh: 1_000_000 },
    { atMs: 60_000, milliWh: 3_000_000 },
  ];
  const course = { ...courseOf(1, 3), points };
  assert.equal(quantities(price(kwhBands([0, 60, 1], [60, 90, 2]), course)), [1_000_000, 2_000_000]);
  // 1 kWh in a minute is 60 kW; the jump at its end has no power of its own.
  const byPower = energyTariff(ruleOf("ENERGY", 1, { powerW: [60_001, null] }), ruleOf("ENERGY", 2));
  assert.equal(
    price(byPower, course).lines.map(({ rule }) => rule),
    [1],
  );
});

test("a limit of energy in the middle of an interval divides it there", () => {
  const tariff = energyTariff(ruleOf("ENERGY", 100_000, { energyMilliWh: [0, 1_234_567] }), ruleOf("ENERGY", 300_000));
  const { lines } = price(tariff, courseOf(60, 3));
  assert.equal(
    lines.map(({ quantity, fromMs, toMs }) => [quantity, fromMs, toMs]),
    [
      [1_234_567, 0, 1_481_480],
      [1_765_433, 1_481_480, 3_600_000],
    ],
  );
});

test("a range of power holds from its least on and no more at its most; standing still is no power", () => {
  // 6 kWh in an hour.
  const holds = (powerW: readonly [number, number | null]): boolean =>
    price(energyTariff(ruleOf("ENERGY", 1, { powerW })), courseOf(60, 6)).lines.length > 0;
  assert.equal(
    (
      [
        [6000, null],
        [6001, null],
        [0, 6000],
        [0, 6001],
      ] as const
    ).map(holds),
    [true, false, false, true],
  );
  const still = energyTariff(ruleOf("TIME", 1, { powerW: [0, 1] }));
  assert.equal(quantities(price(still, courseOf(60, 0))), [3_600_000]);
});

test("windows hold from their first second to before their last, in UTC", () => {
  const windows = [[START + 600, START + 1200] as const];
  const tariff = energyTariff(ruleOf("ENERGY", 500_000, { windows }));
  const { lines, free } = price(tariff, courseOf(60, 6));
  assert.equal(
    lines.map(({ fromMs, toMs, quantity }) => [fromMs, toMs, quantity]),
    [[600_000, 1_200_000, 1_000_000]],
  );
  assert.equal(
    free.filter(({ dimension }) => dimension === "ENERGY").map(({ quantity, reason }) => [quantity, reason]),
    [
      [1_000_000, "no-rule"],
      [4_000_000, "no-rule"],
    ],
  );
});

test("what is paid once is paid by the first rule that holds first, and once only", () => {
  const later = ruleOf("FLAT", 9_000_000, { durationSeconds: [1800, null] });
  const start = ruleOf("FLAT", 1_000_000);
  assert.is(minor(tariffOf([later, start]), courseOf(60, 1)), 100);
  assert.is(minor(tariffOf([later]), courseOf(60, 1)), 900);
  assert.is(minor(tariffOf([later]), courseOf(29, 1)), 0);
  assert.is(minor(tariffOf([start]), courseOf(0, 0)), 100);
});

test("less billed than measured: the last energy is free, and is told as such", () => {
  const course = { ...courseOf(100 / 60, 10), billedMilliWh: 6_000_000 };
  const cost = price(kwhBands([0, 50, 100_000], [50, 100, 900_000]), course);
  assert.equal(quantities(cost), [5_000_000, 1_000_000]);
  assert.equal(
    cost.free.filter(({ reason }) => reason === "not-billed").map(({ quantity, fromMs }) => [quantity, fromMs]),
    [[4_000_000, 60_000]],
  );
});

test("more billed than measured: the rest has the price of the last instant", () => {
  const course = { ...courseOf(1, 1), billedMilliWh: 3_000_000 };
  assert.equal(quantities(price(kwhBands([0, 60, 1], [60, 90, 2]), course)), [1_000_000, 2_000_000]);
});

test("steps: energy once for the charge, on the last rule's, and the surplus on the last line", () => {
  const early = ruleOf("ENERGY", 200_000, { durationSeconds: [0, 1800], step: 1_000_000 });
  const late = ruleOf("ENERGY", 300_000, { step: 400_000 });
  const { lines } = price(tariffOf([early, late]), courseOf(60, 3));
  assert.equal(
    lines.map(({ quantity, billedQuantity }) => [quantity, billedQuantity]),
    [
      [1_500_000, 1_500_000],
      [1_500_000, 1_700_000],
    ],
  );
});

test("steps: charging time is rounded up only when no parking is billed", () => {
  const tariff = tariffOf([ruleOf("TIME", 6_000_000, { step: 600 }), ruleOf("PARKING_TIME", 6_000_000, { step: 900 })]);
  assert.is(minor(tariff, courseOf(21, 1)), 300);
  assert.is(minor(tariff, courseOf(21, 1, { parkedMinutes: 16 })), 210 + 300);
});

test("the least and the most price bound the amounts before and with tax each for itself", () => {
  const rules = [ruleOf("FLAT", 500_000, { taxPpm: 200_000 }), ruleOf("ENERGY", 250_000, { taxPpm: 100_000 })];
  const bounds = {
    minPrice: { beforeTax: 2_000_000, withTax: 2_200_000 },
    maxPrice: { beforeTax: 10_000_000, withTax: 11_000_000 },
  };
  const amounts = (kwh: number): readonly (number | string)[] => {
    const { minorUnitsBeforeTax, minorUnits, bound } = price(tariffOf(rules, bounds), courseOf(60, kwh));
    return [minorUnitsBeforeTax, minorUnits, bound?.kind ?? "none"];
  };
  assert.equal(amounts(1), [200, 220, "minimum"]);
  assert.equal(amounts(20), [550, 610, "none"]);
  // 10.00 before tax exactly, but 11.05 with it.
  assert.equal(amounts(38), [1000, 1100, "maximum"]);
  assert.equal(amounts(50), [1000, 1100, "maximum"]);
});

test("a bound without its tax has the one rate of the rules", () => {
  const tariff = tariffOf([ruleOf("ENERGY", 250_000, { taxPpm: 190_000 })], {
    minPrice: { beforeTax: 1_000_000, withTax: null },
  });
  const { minorUnits, minorUnitsBeforeTax } = price(tariff, courseOf(60, 1));
  assert.equal([minorUnitsBeforeTax, minorUnits], [100, 119]);
});

test("a price that contains its tax is what is paid, and the tax is taken out of it", () => {
  const tariff = tariffOf([ruleOf("ENERGY", 595_000, { taxPpm: 190_000 })], { taxIncluded: "yes" });
  const { minorUnits, minorUnitsBeforeTax, taxes } = price(tariff, courseOf(60, 10));
  assert.equal([minorUnitsBeforeTax, minorUnits], [500, 595]);
  assert.equal(
    taxes.map(({ taxPpm, taxMinorUnits }) => [taxPpm, taxMinorUnits]),
    [[190_000, 95]],
  );
});

test("taxes of each rate add up to what is paid, also where rounding leaves less tax than is due", () => {
  // 0.375 and 8 %: 37.5 cents before tax become 38, 40.5 with it become 40.
  const rules = [ruleOf("FLAT", 375_000, { taxPpm: 80_000 }), ruleOf("ENERGY", 1_000_000, { taxPpm: 190_000 })];
  const less = price(tariffOf(rules), courseOf(0, 0));
  assert.equal([less.minorUnitsBeforeTax, less.minorUnits, less.taxes[0]?.taxMinorUnits], [38, 40, 2]);
  const both = price(tariffOf(rules), courseOf(60, 1));
  assert.equal(
    both.taxes.map(({ taxMinorUnits }) => taxMinorUnits),
    [3, 19],
  );
  assert.equal([both.minorUnitsBeforeTax, both.minorUnits], [138, 160]);
});

test("a pause of the station counts as no time, and a reservation is no charge", () => {
  const rules = [ruleOf("TIME", 6_000_000), ruleOf("PARKING_TIME", 6_000_000), ruleOf("FLAT", 1_000_000)];
  const pauses = [{ fromMs: 600_000, toMs: 1_200_000 }];
  assert.is(minor(tariffOf(rules), courseOf(60, 1, { pauses })), 100 + 500);
  const reservations = [{ phase: "reservation" as const, fromMs: -600_000, toMs: 0 }];
  assert.is(minor(tariffOf(rules), courseOf(60, 1, { reservations })), 100 + 600);
  const none = { ...courseOf(0, 0), points: [], reservations };
  assert.is(minor(tariffOf(rules, { minPrice: { beforeTax: 1, withTax: 1 } }), none), 0);
});

test("durations of a reservation count from its begin", () => {
  const rules = [
    ruleOf("TIME", 0, { phase: "reservation", durationSeconds: [0, 600] }),
    ruleOf("TIME", 6_000_000, { phase: "reservation" }),
  ];
  const reservations = [{ phase: "reservation" as const, fromMs: -1_800_000, toMs: 0 }];
  assert.is(minor(tariffOf(rules), courseOf(60, 1, { reservations })), 200);
});

test("a register or a clock that falls stands still", () => {
  const points = [
    { atMs: 60_000, milliWh: 1_000_000 },
    { atMs: 30_000, milliWh: 400_000 },
    { atMs: 120_000, milliWh: 2_000_000 },
  ];
  assert.equal(quantities(price(kwhBands([0, 60, 1], [60, 90, 2]), { ...courseOf(2, 2), points })), [1e6, 1e6]);
});

test("a largest charge at the highest price is still a safe integer", () => {
  const course = { ...courseOf(1, 0), points: [{ atMs: 1, milliWh: Number.MAX_SAFE_INTEGER }] };
  assert.is(minor(perKwh(1_000_000_000_000), course, 3), Number.MAX_SAFE_INTEGER);
});

test.run();
