/**
 * The figures of the agreement test once more, written apart from their code, and the verdict at each of its limits. All
 * of it is whole numbers: parts per billion on the way, rounded up, and ppm at the end, rounded up.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  agreementUncertainty,
  minimumQuantityMilliWh,
  relativeDifferencePpm,
  type AgreementTerms,
} from "#core/contract/agreement-uncertainty.ts";
import { judgeAgreement, judgePart } from "#core/session/judge-agreement.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";

const test = suite("agreement, exact");
const share = fc.oneof(fc.nat(150_000), fc.nat(1_000_000), fc.constantFrom(0, 1, 1_000_000));
const anyTerms: fc.Arbitrary<AgreementTerms> = fc.record({
  mpePpm: fc.tuple(share, share),
  lossPpm: fc.tuple(share, share),
  powerMaxW: fc.integer({ min: 1, max: 1_000_000 }),
  resolutionMilliWh: fc.tuple(fc.nat(100_000), fc.nat(100_000)),
});
const energy = fc.oneof(fc.nat(100_000_000), fc.maxSafeNat(), fc.nat(3));

test("uncertainty, its parts and the expected ratio are what the guide's formulas give", () => {
  fc.assert(
    fc.property(anyTerms, energy, fc.constantFrom(1 as const, 2 as const), (terms, station, edges) => {
      const found = agreementUncertainty(terms, station, edges);
      assert.equal(found, byFormula(terms, station, edges));
      if (edges === 1) assert.equal(agreementUncertainty(terms, station), found);
    }),
    { numRuns: 6000 },
  );
});

test("two thirds of a billionth beyond a whole root are rounded up, and so are the ppm", () => {
  // U² is 2000² + 2/3 here, in billionths.
  const terms = inletTerms({ mpePpm: [1, 0], lossPpm: [0, 0], powerMaxW: 1, resolutionMilliWh: [539, 1926] });
  assert.is(agreementUncertainty(terms, 1_000_000_000, 2).expandedPpm, 3);
});

test("the difference is a share of what is expected, rounded towards 0", () => {
  fc.assert(
    fc.property(anyTerms, energy, energy, (terms, station, vehicle) => {
      const expected = BigInt(station === 0 ? 1 : station) * ratioOf(terms);
      const exact = ((BigInt(vehicle) * 2_000_000n - expected) * 1_000_000n) / expected;
      const most = BigInt(Number.MAX_SAFE_INTEGER);
      assert.is(relativeDifferencePpm(terms, station, vehicle), Number(exact > most ? most : exact));
    }),
    { numRuns: 1000 },
  );
});

/** Nothing errs but the clocks, and these by a millionth of a kWh at most. */
const PERFECT = inletTerms({ mpePpm: [0, 0], lossPpm: [0, 0], resolutionMilliWh: [1, 1], powerMaxW: 1 });

test("the minimum quantity is 1 kWh to the mWh, at either side", () => {
  assert.is(minimumQuantityMilliWh(PERFECT), 1_000_000);
  const reasonFor = (station: number, vehicle: number): string => judgeAgreement(PERFECT, station, vehicle).reason;
  assert.equal([reasonFor(999_999, 999_999), reasonFor(1_000_000, 1_000_000)], ["MMQ", "WITHIN-TOLERANCE"]);
  assert.equal([reasonFor(0, 999_999), reasonFor(0, 1_000_000)], ["MMQ", "VEHICLE-FAR-ABOVE"]);
});

test("a millionth beyond the tolerance is beyond it, on either side", () => {
  const terms = { ...PERFECT, tolerancePpm: 0 };
  const station = 1_000_000_000_000;
  const { rejectionLimitPpm } = judgeAgreement(terms, station, station);
  assert.is(rejectionLimitPpm, 1);
  assert.is(judgeAgreement(terms, station, station - 1_000_000).reason, "VEHICLE-FAR-BELOW");
  assert.is(judgeAgreement(terms, station, station + 1_000_000).reason, "VEHICLE-FAR-ABOVE");
});

test("a tolerance as wide as the uncertainty can just be met, one that is narrower by 1 ppm cannot", () => {
  const { expandedUncertaintyPpm } = judgeAgreement(inletTerms(), 20_000_000, 20_000_000);
  const verdictAt = (tolerancePpm: number): string => {
    const terms = inletTerms({ lossPpm: [0, 0], mpePpm: [10_000, 20_000] });
    const { expandedPpm } = agreementUncertainty(terms, 20_000_000);
    return judgeAgreement({ ...terms, tolerancePpm: expandedPpm + tolerancePpm }, 20_000_000, 20_000_000).verdict;
  };
  assert.ok(expandedUncertaintyPpm > 0);
  assert.equal([verdictAt(0), verdictAt(-1)], ["AGREE", "NOT-CAPABLE"]);
});

test("a part of a charge has two ends at which power flows, and no minimum quantity", () => {
  const terms = inletTerms();
  const part = judgePart(terms, 500_000, 500_000);
  assert.is(part.minimumQuantityMilliWh, 0);
  assert.is(part.expandedUncertaintyPpm, agreementUncertainty(terms, 500_000, 2).expandedPpm);
  assert.ok(part.expandedUncertaintyPpm > agreementUncertainty(terms, 500_000, 1).expandedPpm);
  assert.is.not(part.reason, "MMQ");
  assert.is(judgePart(terms, 500_000, 100_000).verdict, "DISAGREE");
});

test.run();

function ratioOf({ lossPpm }: AgreementTerms): bigint {
  const ratio = 2_000_000n - BigInt(lossPpm[0] + lossPpm[1]);
  return ratio > 0n ? ratio : 1n;
}

function byFormula(terms: AgreementTerms, stationMilliWh: number, edges: 1 | 2): unknown {
  const [loss0, loss1] = terms.lossPpm;
  const whole = 2_000_000n - BigInt(loss0 + loss1);
  const station = BigInt(stationMilliWh === 0 ? 1 : stationMilliWh);
  const vehicle = (station * whole) / 2_000_000n;
  const perBillion = (part: bigint, of: bigint): bigint => up(part * 10n ** 9n, of);
  const meter = BigInt(terms.mpePpm[0]) * 1000n;
  const other = BigInt(terms.mpePpm[1]) * 1000n;
  const spread = perBillion(BigInt(loss1 > loss0 ? loss1 - loss0 : loss0 - loss1), ratioOf(terms));
  const skew = perBillion(up(BigInt(terms.powerMaxW) * 2000n, 3600n), station);
  const steps = [
    perBillion(BigInt(terms.resolutionMilliWh[0]), station),
    perBillion(BigInt(terms.resolutionMilliWh[1]), vehicle > 0n ? vehicle : 1n),
  ].reduce((sum, step) => sum + step * step, 0n);
  const clocks = BigInt(edges) * skew * skew;
  const widths = meter * meter + other * other + spread * spread + clocks;
  const inPpm = (billionths: bigint): number => {
    const ppm = up(billionths, 1000n);
    return ppm > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(ppm);
  };
  const standard = (width: bigint): number => inPpm(rootUp(up(width * width, 3n)));
  return {
    expectedRatioPpm: Number(whole / 2n),
    expandedPpm: inPpm(rootUp(up(4n * widths + 2n * steps, 3n))),
    parts: {
      ...{ stationMeterPpm: standard(meter), vehiclePpm: standard(other), efficiencyPpm: standard(spread) },
      ...{ resolutionPpm: inPpm(rootUp(up(steps, 6n))), alignmentPpm: inPpm(rootUp(up(clocks, 3n))) },
    },
  };
}

function up(dividend: bigint, divisor: bigint): bigint {
  return dividend / divisor + (dividend % divisor === 0n ? 0n : 1n);
}

/** By halving, where the code uses Newton's steps. */
function rootUp(square: bigint): bigint {
  let [low, high] = [0n, 1n << BigInt(Math.ceil(square.toString(2).length / 2) + 1)];
  while (low < high) {
    const middle = (low + high) >> 1n;
    if (middle * middle >= square) high = middle;
    else low = middle + 1n;
  }
  return low;
}
