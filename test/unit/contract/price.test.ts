import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { priceEnergy, type EnergyPoint, type PriceTerms } from "#core/contract/price.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import { settle } from "#core/session/settle.ts";
import { chargeOf, inletTerms, ramp } from "#test/builders/charge-facts.ts";

const test = suite("price");
const kWh = (amount: number): number => Math.round(amount * 1_000_000);
const cents = (...tariff: PriceTerms["tariff"]): PriceTerms => ({ tariff, currencyDigits: 2 });

test("one band: energy times price, rounded once", () => {
  const price = priceEnergy(cents([0, 3600, 450_000]), [{ atMs: 0, milliWh: kWh(20) }], kWh(20));
  assert.is(price.minorUnits, 900);
  assert.is(price.picoUnits, 9_000_000_000_000n);
  assert.is(price.roundingPicoUnits, 0n);
});

test("halves go to the even cent", () => {
  const cost = (microPerKwh: number): number => priceEnergy(cents([0, 60, microPerKwh]), [], kWh(1)).minorUnits;
  assert.equal([cost(5_000), cost(15_000), cost(25_000), cost(25_001), cost(24_999)], [0, 2, 2, 3, 2]);
});

test("the digits of the currency decide where it is rounded", () => {
  const cost = (currencyDigits: number): number =>
    priceEnergy({ tariff: [[0, 60, 1_234_567]], currencyDigits }, [], kWh(3)).minorUnits;
  assert.equal([cost(0), cost(1), cost(2), cost(3)], [4, 37, 370, 3704]);
});

test("energy between two readings is spread over the bands by time", () => {
  const course: readonly EnergyPoint[] = [
    { atMs: 0, milliWh: 0 },
    { atMs: 60_000, milliWh: 1_000_001 },
    { atMs: 120_000, milliWh: 3_000_000 },
  ];
  const { lines } = priceEnergy(cents([0, 30, 100_000], [30, 100, 200_000], [100, 200, 400_000]), course, 3_000_000);
  assert.equal(
    lines.map(({ fromSecond, toSecond, milliWh }) => [fromSecond, toSecond, milliWh]),
    [
      [0, 30, 500_000],
      [30, 100, 1_833_333],
      [100, 200, 666_667],
    ],
  );
  assert.is(lines[1]?.picoUnits, 366_666_600_000n);
});

test("what flowed at one instant belongs to the band that begins there", () => {
  const course = [
    { atMs: 60_000, milliWh: kWh(1) },
    { atMs: 60_000, milliWh: kWh(3) },
  ];
  const { lines } = priceEnergy(cents([0, 60, 1], [60, 90, 2]), course, kWh(3));
  assert.equal(
    lines.map(({ milliWh }) => milliWh),
    [kWh(1), kWh(2)],
  );
});

test("when less is billed than was measured, the last of it is free", () => {
  const course = [{ atMs: 100_000, milliWh: kWh(10) }];
  const { lines } = priceEnergy(cents([0, 50, 100_000], [50, 100, 900_000]), course, kWh(6));
  assert.equal(
    lines.map(({ milliWh }) => milliWh),
    [kWh(5), kWh(1)],
  );
});

test("what flowed after the last band is priced by it", () => {
  const course = [{ atMs: 200_000, milliWh: kWh(10) }];
  const { lines } = priceEnergy(cents([0, 50, 100_000], [50, 100, 900_000]), course, kWh(10));
  assert.equal(
    lines.map(({ milliWh }) => milliWh),
    [kWh(2.5), kWh(7.5)],
  );
});

test("the running cost at the end is the final amount", () => {
  const terms = inletTerms({
    tariff: [
      [0, 400, 300_000],
      [400, 86_400, 600_000],
    ],
  });
  const running = chargeOf({ terms, station: ramp(20, 366_667), vehicle: ramp(20, 366_667) });
  const ended = chargeOf({
    terms,
    station: ramp(20, 366_667),
    vehicle: ramp(20, 366_667),
    stationFinal: 20 * 366_667,
    vehicleFinal: 20 * 366_667,
  });
  const settled = settle(ended, false);
  assert.is(settled.state, "SETTLED");
  const soFar = settle(running, false);
  assert.equal(chargeCost(ended, settled.billedMilliWh), chargeCost(running, soFar.stationMilliWh));
});

test("a largest charge at the highest price is still a safe integer", () => {
  const price = priceEnergy({ tariff: [[0, 1, 1_000_000_000]], currencyDigits: 3 }, [], Number.MAX_SAFE_INTEGER);
  assert.is(price.minorUnits, Number.MAX_SAFE_INTEGER);
});

const bands = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.nat(1_000_000_000)), { minLength: 1, maxLength: 24 })
  .map((lengths): PriceTerms["tariff"] => {
    let end = 0;
    return lengths.map(([seconds, price]) => [end, (end += seconds), price]);
  });
const anyCourse = fc.array(fc.record({ atMs: fc.nat(40_000_000), milliWh: fc.nat(100_000_000) }), { maxLength: 30 });

test("the lines add up to the billed energy and, with the rounding, to the amount", () => {
  fc.assert(
    fc.property(bands, anyCourse, fc.nat(120_000_000), fc.nat(3), (tariff, course, billed, currencyDigits) => {
      const price = priceEnergy({ tariff, currencyDigits }, course, billed);
      assert.is(
        price.lines.reduce((sum, { milliWh }) => sum + milliWh, 0),
        billed,
      );
      assert.is(
        price.lines.reduce((sum, { picoUnits }) => sum + picoUnits, 0n),
        price.picoUnits,
      );
      assert.ok(price.lines.every((line) => line.picoUnits === BigInt(line.milliWh) * BigInt(line.microPerKwh)));
      const minor = 10n ** BigInt(12 - currencyDigits);
      assert.is(BigInt(price.minorUnits) * minor, price.picoUnits + price.roundingPicoUnits);
      const doubled = 2n * price.roundingPicoUnits;
      assert.ok(doubled <= minor && doubled >= -minor);
    }),
  );
});

test("the amount is the exact rational, but for 1 mWh at each change of price and half a minor unit", () => {
  const rising = fc
    .array(fc.record({ atMs: fc.integer({ min: 1, max: 900_000 }), milliWh: fc.nat(5_000_000) }), {
      minLength: 1,
      maxLength: 15,
    })
    .map((steps) => {
      let [atMs, milliWh] = [0, 0];
      return steps.map((step) => ({ atMs: (atMs += step.atMs), milliWh: (milliWh += step.milliWh) }));
    });
  fc.assert(
    fc.property(bands, rising, (tariff, course) => {
      const billed = course.at(-1)?.milliWh ?? 0;
      const price = priceEnergy({ tariff, currencyDigits: 2 }, course, billed);
      // In pico units times DENOMINATOR, so that every share of every interval is whole.
      const [numerator, denominator] = exactCost(tariff, course);
      const changes = tariff.slice(1).map(([, , micro], place) => BigInt(Math.abs(micro - (tariff[place]?.[2] ?? 0))));
      const allowed = changes.reduce((sum, change) => sum + change, 0n) + 5_000_000_000n;
      const apart = (price.picoUnits + price.roundingPicoUnits) * denominator - numerator;
      assert.ok((apart < 0n ? -apart : apart) <= allowed * denominator);
    }),
  );
});

test.run();

/** Interval by interval and band by band in rationals, written the slow way. */
function exactCost(tariff: PriceTerms["tariff"], course: readonly EnergyPoint[]): readonly [bigint, bigint] {
  const spans = course.map((point, place) => ({
    from: course[place - 1] ?? { atMs: 0, milliWh: 0 },
    to: point,
  }));
  const denominator = spans.reduce((product, { from, to }) => product * BigInt(to.atMs - from.atMs), 1n);
  let numerator = 0n;
  for (const { from, to } of spans) {
    tariff.forEach(([start, end, micro], place) => {
      const endMs = place === tariff.length - 1 ? Infinity : end * 1000;
      const overlap = Math.min(to.atMs, endMs) - Math.max(from.atMs, start * 1000);
      if (overlap <= 0) return;
      const energy = BigInt(to.milliWh - from.milliWh) * BigInt(overlap);
      numerator += (energy * BigInt(micro) * denominator) / BigInt(to.atMs - from.atMs);
    });
  }
  return [numerator, denominator];
}
