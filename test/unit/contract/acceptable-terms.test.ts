/** What a vehicle signs by itself is bounded, whatever a station offers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agreeWithin, type PriceLimit } from "#core/contract/acceptable-terms.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";
import { kwhBands, ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("acceptable terms");

const WANT: Want = {
  energyMaxMilliWh: 50_000_000,
  durationMaxSeconds: 86_400,
  vehicleMpePpm: 20_000,
  vehicleMeasuringPoint: "vehicle-inlet",
  vehicleResolutionMilliWh: 1000,
  lossPpm: [0, 30_000],
  lossModel: null,
};

function fieldRefused(changes: Partial<Terms>, price?: PriceLimit): string | undefined {
  const agreed = agreeWithin(price)(inletTerms(changes), WANT);
  return agreed.ok ? undefined : agreed.fault.field;
}

/** The price that is refused, of a tariff with these rules. */
function partRefused(tariff: Tariff, price: Partial<PriceLimit> = {}): string | undefined {
  const agreed = agreeWithin({ currency: "EUR", microPerKwh: 500_000, ...price })(inletTerms({ tariff }), WANT);
  return agreed.ok || agreed.fault.code !== "TERMS_UNACCEPTABLE" ? undefined : agreed.fault.part;
}

test("the usual offer is accepted, with and without a limit for the price that it keeps", () => {
  assert.is(fieldRefused({}), undefined);
  assert.is(fieldRefused({}, { currency: "EUR", microPerKwh: 450_000 }), undefined);
});

test("a contract's program that is not accepted is refused, and by default all but energy-v1 are", () => {
  const other = { codeHash: new Uint8Array(32).fill(7) };
  assert.is(fieldRefused(other), "codeHash");
  assert.ok(agreeWithin(undefined, [], () => true)(inletTerms(other), WANT).ok);
});

test("an exposure beyond what the power needs is refused: silence would cost as much", () => {
  assert.is(fieldRefused({ exposureMilliWh: 2 ** 52 }), "exposureMilliWh");
  assert.is(fieldRefused({ exposureMilliWh: 4_000_001 }), "exposureMilliWh");
});

test("a station's meter outside every class is refused: any amount would agree with it", () => {
  assert.is(fieldRefused({ mpePpm: [200_000, 20_000], tolerancePpm: 500_000 }), "mpePpm");
});

test("a price above the limit in any band, or in another currency, is refused", () => {
  const limit = { currency: "EUR", microPerKwh: 500_000 };
  const bands = kwhBands([0, 3600, 100_000], [3600, 86_400, 500_001]);
  assert.is(fieldRefused({ tariff: bands }, limit), "tariff");
  assert.is(fieldRefused({ tariff: bands }), undefined);
  assert.is(fieldRefused({ currency: "KWD" }, limit), "currency");
});

test("the tax on top of a price counts, and the condition under which it is asked does not", () => {
  const rule = ruleOf("ENERGY", 450_000, { taxPpm: 190_000, powerW: [50_000, null] });
  assert.is(partRefused(tariffOf([rule])), "per-kwh");
  assert.is(partRefused(tariffOf([rule], { taxIncluded: "yes" })), undefined);
  assert.is(partRefused(tariffOf([{ ...rule, phase: "charging" }]), { microPerKwh: 535_500 }), undefined);
  assert.is(partRefused(tariffOf([rule]), { microPerKwh: 535_499 }), "per-kwh");
});

test("a price for charging time is refused where no power is stated, and else counts as a price for a kWh", () => {
  const tariff = tariffOf([ruleOf("ENERGY", 300_000), ruleOf("TIME", 2_200_000)]);
  assert.is(partRefused(tariff), "charging-per-hour");
  assert.is(partRefused(tariff, { powerW: 11_000 }), undefined);
  assert.is(partRefused(tariff, { powerW: 10_999 }), "per-kwh");
});

test("a fee for parking, for the start or as the least price is refused unless a limit allows it", () => {
  const energy = ruleOf("ENERGY", 300_000);
  const parking = tariffOf([energy, ruleOf("PARKING_TIME", 6_000_000)]);
  const start = tariffOf([energy, ruleOf("FLAT", 500_000)]);
  const least = tariffOf([energy], { minPrice: { beforeTax: 500_000, withTax: 500_000 } });
  assert.equal(
    [parking, start, least].map((tariff) => partRefused(tariff)),
    ["parking-per-hour", "start", "start"],
  );
  const generous = { parkingMicroPerHour: 6_000_000, startMicro: 500_000 };
  assert.equal(
    [parking, start, least].map((tariff) => partRefused(tariff, generous)),
    [undefined, undefined, undefined],
  );
});

test("a step that rounds up to more than a kWh or a quarter of an hour is refused", () => {
  const step = (kind: "ENERGY" | "PARKING_TIME", size: number) =>
    partRefused(tariffOf([ruleOf(kind, 100_000, { step: size })]), { parkingMicroPerHour: 100_000 });
  assert.equal([step("ENERGY", 1_000_000), step("ENERGY", 1_000_001)], [undefined, "energy-step"]);
  assert.equal([step("PARKING_TIME", 900), step("PARKING_TIME", 901)], [undefined, "time-step"]);
});

test("the whole charge is held against a limit of its own, with its most price where it has one", () => {
  // 50 kWh at 0.30 and a day of parking at 0.10 are 17.40.
  const rules = [ruleOf("ENERGY", 300_000), ruleOf("PARKING_TIME", 100_000)];
  const limit = { parkingMicroPerHour: 100_000 };
  assert.is(partRefused(tariffOf(rules), { ...limit, totalMicro: 17_400_000 }), undefined);
  assert.is(partRefused(tariffOf(rules), { ...limit, totalMicro: 17_399_999 }), "total");
  const capped = tariffOf(rules, { maxPrice: { beforeTax: 9_000_000, withTax: 9_000_000 } });
  assert.is(partRefused(capped, { ...limit, totalMicro: 9_000_000 }), undefined);
});

test("a least price is judged with its tax, whether the prices of the tariff contain theirs or not", () => {
  // By its rule 19 % come on top of what is stated before tax.
  const rules = [ruleOf("ENERGY", 300_000, { taxPpm: 190_000 })];
  const minPrice = { beforeTax: 1_000_000, withTax: null };
  for (const taxIncluded of ["yes", "no"] as const) {
    const least = tariffOf(rules, { taxIncluded, minPrice });
    assert.is(partRefused(least, { startMicro: 1_189_999 }), "start");
    assert.is(partRefused(least, { startMicro: 1_190_000 }), undefined);
  }
});

test("a price for charging time counts at the power of the outlet where that is less than the car's", () => {
  const tariff = tariffOf([ruleOf("TIME", 2_200_000)]);
  const slow = inletTerms({ tariff, powerMaxW: 2_200 });
  const limit = { currency: "EUR", microPerKwh: 500_000, powerW: 11_000 };
  const agreed = agreeWithin(limit)(slow, WANT);
  assert.is(!agreed.ok && agreed.fault.code === "TERMS_UNACCEPTABLE" && agreed.fault.part, "per-kwh");
  assert.ok(agreeWithin({ ...limit, microPerKwh: 1_000_000 })(slow, WANT).ok);
});

test("whole euros are no euros: rounding cannot be made coarser, and what it adds counts for the whole charge", () => {
  const limit = { currency: "EUR", microPerKwh: 500_000, currencyDigits: 2 };
  assert.is(fieldRefused({ currencyDigits: 0 }, limit), "currencyDigits");
  assert.is(fieldRefused({ currencyDigits: 2 }, limit), undefined);
  // 50 kWh at 0.45 are 22.50; each of two components can be rounded up by half a cent.
  const rules = [ruleOf("ENERGY", 450_000, { energyMilliWh: [0, 1_000] }), ruleOf("ENERGY", 450_000)];
  const tariff = tariffOf(rules, { roundingPer: "component" });
  assert.is(partRefused(tariff, { totalMicro: 22_509_999 }), "total");
  assert.is(partRefused(tariff, { totalMicro: 22_510_000 }), undefined);
});

test("the configuration takes the limit as price and currency, and neither without the other", () => {
  const config = (lines: string): string =>
    `role = "vehicle"\nname = "car"\n[region]\nsite = "home"\n[broker]\nurl = "mqtt://127.0.0.1"\n[vehicle]\nprofile = "p"\nserial = "/dev/ttyUSB0"\n${lines}`;
  const whole = parseGatewayConfig(config('price_max_per_kwh = "0.55"\ncurrency = "EUR"'));
  assert.ok(whole.ok, whole.ok ? "" : JSON.stringify(whole.fault));
  if (whole.value.role === "vehicle") {
    assert.equal(whole.value.vehicle.priceMax, { currency: "EUR", microPerKwh: 550_000 });
  }
  for (const half of ['price_max_per_kwh = "0.55"', 'currency = "EUR"']) {
    const read = parseGatewayConfig(config(half));
    assert.is(read.ok, false);
  }
});

test.run();
