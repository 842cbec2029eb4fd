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
import { agreedPart } from "#core/session/agreed-part.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { AGREEMENT_CASES } from "#test/builders/agreement-cases.ts";
import { inletTerms, ramp } from "#test/builders/charge-facts.ts";

const test = suite("energy bound");
const kWh = (amount: number): number => Math.round(amount * 1_000_000);

test("the worked example of the protocol matches", () => {
  const terms = inletTerms();
  assert.is(leastAtStation(terms, kWh(21.6)), kWh(21.6));
  assert.is(mostAtStation(terms, kWh(21.6)), 22_268_042);
  // 1 % / 0.99 of 22.224 and 2 % / 0.98 of 22.269 kWh, both steps, 2 s at 22 kW.
  assert.is(uncertaintyBound(terms, kWh(22.211), kWh(21.6)), 224_488 + 454_471 + 1000 + 12_223 + 1031);
  assert.ok(matches(terms, kWh(22.211), kWh(21.6)));
});

test("plain numbers and whole ones of any size say the same of every pair, also at the very edge of the bound", () => {
  const ppm = fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.nat(1_000_000));
  const energy = fc.oneof(fc.nat(200_000_000), fc.nat(9_007_199_254), fc.maxSafeNat());
  fc.assert(
    fc.property(
      fc.array(ppm, { minLength: 4, maxLength: 4 }),
      fc.nat(400_000),
      energy,
      fc.integer(),
      (shares, powerMaxW, vehicle, off) => {
        const [m1 = 0, m2 = 0, l1 = 0, l2 = 0] = shares;
        const lossPpm = [Math.min(l1, l2), Math.max(l1, l2)] as const;
        const terms: BoundTerms = { mpePpm: [m1, m2], lossPpm, powerMaxW, resolutionMilliWh: [1000, off & 0xffff] };
        for (const edge of [mostAtStation(terms, vehicle), leastAtStation(terms, vehicle)]) {
          const sign = edge === mostAtStation(terms, vehicle) ? 1 : -1;
          const near = edge + sign * uncertaintyBound(terms, edge, vehicle) + (off % 3);
          const station = Math.max(0, Math.min(near, Number.MAX_SAFE_INTEGER));
          const bound = BigInt(uncertaintyBound(terms, station, vehicle));
          const [least, most] = [BigInt(leastAtStation(terms, vehicle)), BigInt(mostAtStation(terms, vehicle))];
          const isSaturated = [bound, most].includes(BigInt(Number.MAX_SAFE_INTEGER));
          if (isSaturated) continue;
          const expected = least - bound <= BigInt(station) && BigInt(station) <= most + bound;
          assert.is(matches(terms, station, vehicle), expected, JSON.stringify({ terms, station, vehicle }));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("a vehicle that counts 10 % too little fails from 0.21 kWh on", () => {
  const terms = inletTerms();
  const low = (station: number): number => Math.floor(station * 0.875);
  assert.ok(matches(terms, kWh(0.2), low(kWh(0.2))));
  for (let station = kWh(0.21); station < kWh(100); station = Math.ceil(station * 1.3)) {
    assert.not(matches(terms, station, low(station)), `${station} mWh`);
  }
});

test("the worst honest pair matches at every amount, in both directions", () => {
  for (const { terms } of AGREEMENT_CASES) {
    const random = new SeededRandom(3);
    for (let turn = 0; turn < 3000; turn += 1) {
      const truth = Math.floor(10 ** random.between(3, 11));
      const { station, vehicle } = worstPair(terms, truth, random);
      assert.ok(matches(terms, station, vehicle), `${truth} mWh: ${station} against ${vehicle}`);
    }
  }
});

test("20 % too much fails against every honest car behind an on-board charger, from 5 kWh on", () => {
  const { terms } = AGREEMENT_CASES[1] ?? { terms: inletTerms() };
  const random = new SeededRandom(4);
  for (let turn = 0; turn < 5000; turn += 1) {
    const truth = Math.floor(10 ** random.between(6.7, 8));
    const { station, vehicle } = worstPair(terms, truth, random);
    assert.not(matches(terms, Math.floor(station * 1.2), vehicle), `${truth} mWh`);
  }
});

test("every input of the shapes has an answer, and the bounds keep their order", () => {
  const ppm = fc.integer({ min: 0, max: 1_000_000 });
  const energy = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const anyTerms = fc.record({
    mpePpm: fc.tuple(ppm, ppm),
    lossPpm: fc.tuple(ppm, ppm),
    powerMaxW: fc.integer({ min: 1, max: 1_000_000 }),
    resolutionMilliWh: fc.tuple(energy, energy),
  });
  fc.assert(
    fc.property(anyTerms, energy, energy, (terms, station, vehicle) => {
      const figures = [
        leastAtStation(terms, vehicle),
        mostAtStation(terms, vehicle),
        uncertaintyBound(terms, station, vehicle),
      ];
      assert.ok(figures.every((figure) => Number.isSafeInteger(figure) && figure >= 0));
      assert.ok(leastAtStation(terms, vehicle) >= vehicle);
      assert.type(matches(terms, station, vehicle), "boolean");
    }),
  );
});

test("a single mismatch is forgiven, two in a row end the agreed part", () => {
  const terms = inletTerms();
  const station = ramp(8, kWh(1)).map((milliWh, index) => ({ index, milliWh }));
  const vehicle = station.map(({ index, milliWh }) => ({ index, milliWh: index === 3 ? milliWh / 2 : milliWh }));
  assert.equal(agreedPart(terms, station, vehicle), {
    milliWh: kWh(8),
    index: 8,
    common: 9,
    mismatches: 1,
    trailingMismatches: 0,
    hasParted: false,
  });
  const parted = vehicle.map(({ index, milliWh }) => ({ index, milliWh: index === 4 ? 0 : milliWh }));
  const found = agreedPart(terms, station, parted);
  assert.equal([found.milliWh, found.index, found.hasParted, found.trailingMismatches], [kWh(2), 2, true, 0]);
});

test("only readings that both have signed are compared", () => {
  const terms = inletTerms();
  const station = ramp(10, kWh(1)).map((milliWh, index) => ({ index, milliWh }));
  const found = agreedPart(terms, station, station.slice(0, 6));
  assert.equal([found.milliWh, found.index, found.common], [kWh(5), 5, 6]);
  assert.is(agreedPart(terms, station, []).index, null);
});

test.run();

/** Errors at their limits, each with a random sign or all against each other. */
function worstPair(terms: BoundTerms, truth: number, random: SeededRandom): { station: number; vehicle: number } {
  const against = random.pick([-1, 1]);
  const sign = (): number => (random.chance(0.7) ? against : -against);
  const skew = (terms.powerMaxW * 2000) / 3600;
  const [stationMpe, vehicleMpe] = terms.mpePpm;
  const [stationStep, vehicleStep] = terms.resolutionMilliWh;
  const stationSign = sign();
  const loss = (stationSign > 0 ? terms.lossPpm[1] : terms.lossPpm[0]) / 1e6;
  const station = truth * (1 + (stationSign * stationMpe) / 1e6) + stationSign * (stationStep - 1 + skew);
  const vehicleSign = -stationSign;
  const vehicle = truth * (1 - loss) * (1 + (vehicleSign * vehicleMpe) / 1e6) + vehicleSign * (vehicleStep - 1);
  return { station: Math.max(0, Math.round(station)), vehicle: Math.max(0, Math.round(vehicle)) };
}
