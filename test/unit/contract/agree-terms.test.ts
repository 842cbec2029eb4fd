import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeShape } from "#core/wire/schema.ts";
import { agreeTerms } from "#core/contract/agree-terms.ts";
import {
  agreementUncertainty,
  minimumQuantityMilliWh,
  type AgreementTerms,
} from "#core/contract/agreement-uncertainty.ts";
import { checkTerms } from "#core/contract/check-terms.ts";
import { defaultLoss, defaultLossUpTo } from "#core/contract/default-loss.ts";
import { defaultExposure, defaultTerms, reportRhythm, type StationFacts } from "#core/contract/default-terms.ts";
import { defaultTolerancePpm, referenceMilliWh, worstHonestPpm } from "#core/contract/default-tolerance.ts";
import { terms as termsShape, type Terms } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import { kwhBands, perKwh, ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("terms");
const POWERS = [1_400, 2_300, 3_700, 7_400, 11_000, 22_000, 43_000, 50_000, 150_000, 350_000, 1_000_000];

function station(changes: Partial<StationFacts> = {}): StationFacts {
  return {
    codeHash: new Uint8Array(32),
    currency: "EUR",
    currencyDigits: 2,
    tariff: kwhBands([0, 3600, 450_000], [3600, 86_400, 390_000]),
    powerMaxW: 11_000,
    energyMaxMilliWh: 80_000_000,
    durationMaxSeconds: 12 * 3600,
    stationMpePpm: 20_000,
    stationMeasuringPoint: "mains",
    stationResolutionMilliWh: 1000,
    ...changes,
  };
}

const CAR: Want = {
  energyMaxMilliWh: 40_000_000,
  durationMaxSeconds: 6 * 3600,
  vehicleMpePpm: 30_000,
  vehicleMeasuringPoint: "battery",
  vehicleResolutionMilliWh: 1,
  lossPpm: [50_000, 120_000],
  lossModel: null,
};

/** The first thing that is wrong with the default terms after these changes. */
function checkFault(changes: Partial<Terms>, expected: keyof Terms): void {
  const checked = checkTerms({ ...defaultTerms(station()), ...changes });
  assert.is(checked.ok ? "sound" : checked.fault.field, expected);
}

test("default terms are sound at every power, exposure and measuring point", () => {
  for (const powerMaxW of POWERS) {
    for (const stationMeasuringPoint of ["mains", "charger-output"] as const) {
      for (const recentDisputes of [0, 1, 5, 100]) {
        const terms = defaultTerms(station({ powerMaxW, stationMeasuringPoint, recentDisputes }));
        assert.equal(checkTerms(terms), { ok: true, value: terms });
        assert.ok(encodeShape(termsShape, terms).length > 0);
      }
    }
  }
});

test("reports come as often as half of the exposure needs: 5 min up to 22 kW, 48 s at 150 kW, 30 s at 350 kW", () => {
  const seconds = (powerMaxW: number): number => {
    const { readingIntervalSeconds, readingsPerReport } = reportRhythm(powerMaxW, defaultExposure(powerMaxW, 0));
    return readingIntervalSeconds * readingsPerReport;
  };
  assert.equal([11_000, 22_000, 150_000, 350_000].map(seconds), [300, 300, 48, 30]);
});

test("the exposure shrinks with disputes, to 0.2 kWh at least", () => {
  assert.equal(
    [0, 1, 3, 1000].map((disputes) => defaultExposure(11_000, disputes)),
    [4_000_000, 2_000_000, 1_000_000, 200_000],
  );
  assert.is(defaultExposure(350_000, 0), 5_833_334);
});

test("what is wrong with terms is named", () => {
  checkFault({ tariff: { ...perKwh(1), resolved: [5, 5] } }, "tariff");
  checkFault({ tariff: tariffOf([ruleOf("ENERGY", 2), ruleOf("ENERGY", 1)]) }, "tariff");
  checkFault({ currency: "eur" }, "currency");
  checkFault({ readingsPerReport: 60 }, "exposureMilliWh");
  checkFault({ exposureMilliWh: 1 }, "exposureMilliWh");
  checkFault({ powerMaxW: 200_000 }, "exposureMilliWh");
  checkFault({ readingIntervalSeconds: 1, readingsPerReport: 1 }, "durationMaxSeconds");
  checkFault({ durationMaxSeconds: 0 }, "durationMaxSeconds");
  checkFault({ energyMaxMilliWh: 0 }, "energyMaxMilliWh");
  checkFault({ mpePpm: [20_000, 200_001] }, "mpePpm");
  checkFault({ lossPpm: [120_000, 50_000] }, "lossPpm");
  checkFault({ lossPpm: [0, 1_000_000] }, "lossPpm");
  checkFault({ tolerancePpm: 500_001 }, "tolerancePpm");
  checkFault({ measuringPoints: ["battery", "battery"] }, "measuringPoints");
  checkFault({ measuringPoints: ["mains", "mains"] }, "measuringPoints");
  checkFault({ resolutionMilliWh: [0, 1] }, "resolutionMilliWh");
  checkFault({ resolutionMilliWh: [1, 3_000_000] }, "resolutionMilliWh");
});

test("an interval that just fits half of the exposure passes, one second more does not", () => {
  const terms = { ...defaultTerms(station({ powerMaxW: 10_000 })), readingsPerReport: 1 };
  // 4 kWh / 2 at 10 kW is 720 s.
  assert.ok(checkTerms({ ...terms, readingIntervalSeconds: 720 }).ok);
  assert.not(checkTerms({ ...terms, readingIntervalSeconds: 721 }).ok);
});

test("the least of both is agreed, and how the vehicle measures", () => {
  const offer = defaultTerms(station());
  const agreed = agreeTerms(offer, CAR);
  assert.equal(agreed, {
    ok: true,
    value: {
      ...offer,
      energyMaxMilliWh: 40_000_000,
      durationMaxSeconds: 6 * 3600,
      mpePpm: [20_000, 30_000],
      lossPpm: [50_000, 120_000],
      resolutionMilliWh: [1000, 1],
      tolerancePpm: 71_000,
    },
  });
});

test("a vehicle cannot name a loss, a class or a step beyond the offer", () => {
  const offer = defaultTerms(station());
  const fault = (want: Partial<Want>): string => {
    const agreed = agreeTerms(offer, { ...CAR, ...want });
    if (agreed.ok) return "agreed";
    return agreed.fault.code === "TERMS_NOT_MET" ? agreed.fault.field : agreed.fault.code;
  };
  assert.is(fault({ vehicleMpePpm: 65_001 }), "vehicleMpePpm");
  assert.is(fault({ vehicleResolutionMilliWh: 100_001 }), "vehicleResolutionMilliWh");
  assert.is(fault({ lossPpm: [300_000, 400_000] }), "lossPpm");
  assert.is(fault({ vehicleMeasuringPoint: "vehicle-inlet", lossPpm: [50_000, 60_000] }), "lossPpm");
  assert.is(fault({ vehicleMeasuringPoint: "mains", lossPpm: [50_000, 60_000] }), "TERMS_UNSOUND");
  assert.is(fault({ energyMaxMilliWh: 0 }), "TERMS_UNSOUND");
  assert.is(fault({}), "agreed");
  const strict = agreeTerms({ ...offer, tolerancePpm: 70_000 }, CAR);
  assert.equal(strict.ok ? 0 : strict.fault.code, "TERMS_NOT_MET");
});

test("the model that the vehicle's band comes from is agreed with the band, whatever the offer says", () => {
  const lossModel = new Uint8Array(32).fill(7);
  const agreed = agreeTerms({ ...defaultTerms(station()), lossModel: new Uint8Array(32) }, { ...CAR, lossModel });
  assert.equal(agreed.ok && agreed.value.lossModel, lossModel);
  const byDefault = agreeTerms({ ...defaultTerms(station()), lossModel }, CAR);
  assert.is(byDefault.ok && byDefault.value.lossModel, null);
});

test("a loss band that reaches beyond the offer is cut to it", () => {
  const agreed = agreeTerms(defaultTerms(station()), { ...CAR, lossPpm: [0, 100_000] });
  assert.equal(agreed.ok && agreed.value.lossPpm, [50_000, 100_000]);
});

test("P9 whatever is agreed is sound, within the offer, and the same for both sides", () => {
  const anyWant = fc.record({
    energyMaxMilliWh: fc.maxSafeNat(),
    durationMaxSeconds: fc.nat(7 * 86_400),
    vehicleMpePpm: fc.nat(40_000),
    vehicleMeasuringPoint: fc.constantFrom("mains", "vehicle-inlet", "charger-output", "battery"),
    vehicleResolutionMilliWh: fc.nat(120_000),
    lossPpm: fc.tuple(fc.nat(300_000), fc.nat(300_000)),
    lossModel: fc.constant(null),
  });
  let agreements = 0;
  fc.assert(
    fc.property(anyWant, fc.constantFrom(...POWERS), (want: Want, powerMaxW) => {
      const offer = defaultTerms(station({ powerMaxW }));
      const agreed = agreeTerms(offer, want);
      // The other side has its own copies of the two inputs.
      assert.equal(agreeTerms(structuredClone(offer), structuredClone(want)), agreed);
      if (!agreed.ok) return;
      agreements += 1;
      assert.ok(checkTerms(agreed.value).ok);
      assert.ok(agreed.value.tolerancePpm <= offer.tolerancePpm);
      assert.ok(agreed.value.lossPpm[0] >= want.lossPpm[0] && agreed.value.lossPpm[1] <= want.lossPpm[1]);
      assert.ok(agreed.value.energyMaxMilliWh <= Math.min(offer.energyMaxMilliWh, want.energyMaxMilliWh));
    }),
    { numRuns: 400 },
  );
  assert.ok(agreements > 20, `${agreements} agreements`);
});

/** The usual pairs of meters at every power, and fine meters whose steps and timing weigh more than their classes. */
const METERS: readonly AgreementTerms[] = POWERS.flatMap((powerMaxW) => [
  ...([1, 1000, 100_000] as const).flatMap((step) =>
    (
      [
        ["mains", "battery"],
        ["mains", "vehicle-inlet"],
        ["charger-output", "battery"],
      ] as const
    ).map((pair) => ({
      powerMaxW,
      mpePpm: [20_000, 30_000] as const,
      lossPpm: defaultLoss(pair, powerMaxW),
      resolutionMilliWh: [1000, step] as const,
    })),
  ),
  { powerMaxW, mpePpm: [5000, 5000], lossPpm: [325_000, 338_000], resolutionMilliWh: [190_000, 250_000] },
  { powerMaxW, mpePpm: [200_000, 200_000], lossPpm: [0, 500_000], resolutionMilliWh: [1000, 1000] },
]);

test("the default tolerance is capable", () => {
  for (const terms of METERS) {
    const { expandedPpm } = agreementUncertainty(terms, referenceMilliWh(terms));
    assert.ok(defaultTolerancePpm(terms) >= expandedPpm * 1.15);
  }
});

test("with the default tolerance no honest pair is ever beyond T + U", () => {
  for (const terms of METERS) {
    const tolerance = defaultTolerancePpm(terms);
    for (let energy = minimumQuantityMilliWh(terms); energy < 1e9; energy = Math.ceil(energy * 1.17)) {
      // U is taken at what the station shows, at most its own error above the true amount.
      const shown = Math.ceil(energy * (1 + terms.mpePpm[0] / 1e6));
      const limit = tolerance + agreementUncertainty(terms, shown).expandedPpm;
      const worst = worstHonestPpm(terms, energy);
      assert.ok(worst <= limit, `${JSON.stringify(terms)} ${energy} mWh: ${worst} ppm beyond ${limit}`);
    }
  }
});

test("less power loses more, and a station expects every car that may come", () => {
  const least = POWERS.map((power) => defaultLoss(["mains", "battery"], power)[0]);
  assert.equal(
    least,
    [...least].sort((left, right) => right - left),
  );
  assert.equal(defaultLoss(["mains", "battery"], 11_000), [50_000, 120_000]);
  assert.equal(defaultLossUpTo(["mains", "battery"], 11_000), [50_000, 240_000]);
  assert.equal(defaultLossUpTo(["charger-output", "vehicle-inlet"], 150_000), [0, 30_000]);
});

test("the physical binding is in the contract where both want it, and leaves no byte where one does not", () => {
  const plain = defaultTerms(station());
  const offering = { ...plain, bind: "watermark" } as const;
  const agreed = (offer: Terms, want: Want): Terms => {
    const terms = agreeTerms(offer, want);
    assert.ok(terms.ok);
    return terms.value;
  };
  const wanting = { ...CAR, bind: "watermark" } as const;
  assert.is(agreed(offering, wanting).bind, "watermark");
  const without = encodeShape(termsShape, agreed(plain, CAR));
  assert.equal(encodeShape(termsShape, agreed(offering, CAR)), without);
  assert.equal(encodeShape(termsShape, agreed(plain, wanting)), without);
  assert.is(encodeShape(termsShape, agreed(offering, wanting)).length, without.length + 2);
});

test.run();
