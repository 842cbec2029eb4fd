/** What a vehicle signs by itself is bounded, whatever a station offers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agreeWithin } from "#core/contract/acceptable-terms.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";

const test = suite("acceptable terms");

const WANT: Want = {
  energyMaxMilliWh: 50_000_000,
  durationMaxSeconds: 86_400,
  vehicleMpePpm: 20_000,
  vehicleMeasuringPoint: "vehicle-inlet",
  vehicleResolutionMilliWh: 1000,
  lossPpm: [0, 30_000],
};

function fieldRefused(changes: Partial<Terms>, price?: { currency: string; microPerKwh: number }): string | undefined {
  const agreed = agreeWithin(price)(inletTerms(changes), WANT);
  return agreed.ok ? undefined : agreed.fault.field;
}

test("the usual offer is accepted, with and without a limit for the price that it keeps", () => {
  assert.is(fieldRefused({}), undefined);
  assert.is(fieldRefused({}, { currency: "EUR", microPerKwh: 450_000 }), undefined);
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
  const bands: Terms["tariff"] = [
    [0, 3600, 100_000],
    [3600, 86_400, 500_001],
  ];
  assert.is(fieldRefused({ tariff: bands }, limit), "tariff");
  assert.is(fieldRefused({ tariff: bands }), undefined);
  assert.is(fieldRefused({ currency: "KWD" }, limit), "currency");
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
