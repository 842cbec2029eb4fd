/**
 * The linear bound against its definition in whole numbers of any size: least and most at the station, uncertainty, and
 * where exactly a pair of readings begins and ceases to match.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  leastAtStation,
  matches,
  mostAtStation,
  uncertaintyBound,
  type BoundTerms,
} from "#core/session/energy-bound.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";

const test = suite("energy bound, exact");
const MOST = Number.MAX_SAFE_INTEGER;

/** Energies of every size: small ones, those of charges, and those about the places where plain numbers end. */
const edge = fc.tuple(
  fc.constantFrom(0, 1, 1_000_000, 8_600_000_000, 9_007_199_253, 9_007_199_254, 9_007_199_255, 2 ** 40, MOST),
  fc.integer({ min: -3, max: 3 }),
);
const energy = fc.oneof(
  fc.nat(100_000_000),
  fc.maxSafeNat(),
  edge.map(([at, off]) => Math.min(MOST, Math.max(0, at + off))),
);
const share = fc.oneof(fc.nat(120_000), fc.nat(1_000_000), fc.constantFrom(0, 999_999, 1_000_000));
const anyTerms: fc.Arbitrary<BoundTerms> = fc.record({
  mpePpm: fc.tuple(share, share),
  lossPpm: fc.tuple(share, share),
  powerMaxW: fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.constant(1)),
  resolutionMilliWh: fc.tuple(fc.oneof(fc.nat(100_000), energy), fc.oneof(fc.nat(100_000), energy)),
});

test("least, most and uncertainty are their definitions, to the mWh", () => {
  fc.assert(
    fc.property(anyTerms, energy, energy, (terms, station, vehicle) => {
      const { least, most, bound } = byDefinition(terms, station, vehicle);
      assert.equal(leastAtStation(terms, vehicle), capped(least));
      assert.equal(mostAtStation(terms, vehicle), capped(most));
      assert.equal(uncertaintyBound(terms, station, vehicle), capped(bound));
    }),
    { numRuns: 600 },
  );
});

test("a pair matches exactly from the least less the uncertainty to the most and the uncertainty", () => {
  let edges = 0;
  fc.assert(
    fc.property(anyTerms, energy, energy, (terms, anywhere, vehicle) => {
      const expected = (station: number): boolean => {
        const { least, most, bound } = byDefinition(terms, station, vehicle);
        return least - bound <= BigInt(station) && BigInt(station) <= most + bound;
      };
      const from = turningPoint((station) => expected(station) || station > leastAtStation(terms, vehicle));
      const to = turningPoint((station) => !expected(station) && station > leastAtStation(terms, vehicle)) - 1;
      edges += from > 0 && to < MOST ? 1 : 0;
      for (const station of [anywhere, vehicle, from - 1, from, from + 1, to - 1, to, to + 1]) {
        if (station < 0 || station > MOST) continue;
        assert.is(matches(terms, station, vehicle), expected(station), `${station} of ${from} to ${to}`);
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(edges > 30, `${edges} with both ends`);
});

test("where a product is beyond 2^53 the least that matches is exact all the same", () => {
  for (const [lossPpm, vehicleMpePpm, vehicle, from] of [
    [999_000, 499_997, 8_064_054_883, 96_766_075],
    [999_900, 499_990, 8_511_246_398, 3_404_410_468],
    [999_000, 499_862, 8_829_068_954, 4_872_299_305],
  ] as const) {
    const terms = inletTerms({
      ...{ lossPpm: [lossPpm, lossPpm], mpePpm: [0, vehicleMpePpm] },
      ...{ resolutionMilliWh: [1, 1], powerMaxW: 1 },
    });
    const { least, bound } = byDefinition(terms, from, vehicle);
    assert.is(least - bound, BigInt(from));
    assert.equal([matches(terms, from - 1, vehicle), matches(terms, from, vehicle)], [false, true]);
  }
});

test("shares of all of it are taken as all but a millionth, as terms with such are refused anyhow", () => {
  const terms = inletTerms({
    lossPpm: [1_000_000, 1_000_000],
    mpePpm: [0, 0],
    resolutionMilliWh: [0, 0],
    powerMaxW: 1,
  });
  assert.equal([leastAtStation(terms, 3), mostAtStation(terms, 3)], [3_000_000, 3_000_000]);
  assert.ok(matches(terms, 3_000_000, 3) && !matches(terms, 3_000_002, 3) && !matches(terms, 2_999_998, 3));
});

test.run();

/** Protocol 2.7, with the share of an indication that a meter errs by as m / (1 - m). */
function byDefinition(
  { mpePpm, lossPpm, powerMaxW, resolutionMilliWh }: BoundTerms,
  station: number,
  vehicle: number,
): { readonly least: bigint; readonly most: bigint; readonly bound: bigint } {
  const left = (sharePpm: number): bigint => (sharePpm >= 1_000_000 ? 1n : 1_000_000n - BigInt(sharePpm));
  const mostOf = (amount: number): bigint => up(BigInt(amount) * 1_000_000n, left(lossPpm[1]));
  const least = (BigInt(vehicle) * 1_000_000n) / left(lossPpm[0]);
  // 2 s at full power, in mWh: W × 2000 ms / 3600.
  const skew = up(BigInt(powerMaxW) * 2_000n, 3_600n);
  const ownStep = BigInt(resolutionMilliWh[0]) + skew;
  const bound =
    up((BigInt(station) + ownStep) * BigInt(mpePpm[0]), left(mpePpm[0])) +
    up((mostOf(vehicle) + mostOf(resolutionMilliWh[1])) * BigInt(mpePpm[1]), left(mpePpm[1])) +
    ownStep +
    mostOf(resolutionMilliWh[1]);
  return { least, most: mostOf(vehicle), bound };
}

function up(dividend: bigint, divisor: bigint): bigint {
  return dividend / divisor + (dividend % divisor === 0n ? 0n : 1n);
}

function capped(value: bigint): number {
  return value > BigInt(MOST) ? MOST : Number(value);
}

/** The first amount for which it holds, of one that holds for all further ones; 2^53 when for none. */
function turningPoint(holds: (station: number) => boolean): number {
  let [low, high] = [0n, BigInt(MOST) + 1n];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (holds(Number(middle))) high = middle;
    else low = middle + 1n;
  }
  return Number(low);
}
