/** `[tariff]` and a vehicle's limits as a person writes them, and what is said to what cannot be. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { configText } from "#firmware/commands/config-text.ts";
import { parseGatewayConfig, type VehicleConfig } from "#config/gateway-config.ts";
import type { TariffConfig } from "#config/tariff-config.ts";

const LINE = { kind: "tcp", host: "127.0.0.1", port: 502 } as const;
const BASE = { name: "garage", organisation: "", site: "site-1" } as const;
const CHARGER = configText({
  ...{ ...BASE, role: "charger", currency: "EUR", pricePerKwh: "0.35", brokerPort: 1883 },
  meter: { model: "eastron-sdm630", unit: 1, line: LINE },
  chargePoint: { driver: "simple-evse-wb", unit: 2, line: LINE },
});
const VEHICLE = configText({ ...BASE, role: "vehicle", profile: "hyundai-kona", start: "automatic", line: LINE });

const [BEFORE = ""] = CHARGER.split("\n[tariff]\n");

function parse(body: string): ReturnType<typeof parseGatewayConfig> {
  return parseGatewayConfig(`${BEFORE}\n[tariff]\n${body}\n`);
}

function tariff(body: string): TariffConfig {
  const parsed = parse(body);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  if (parsed.value.role !== "charger") throw new Error("not a charger");
  return parsed.value.tariff;
}

function refused(body: string): { readonly path: string; readonly expected: string } {
  const parsed = parse(body);
  if (parsed.ok) throw new Error(`taken: ${body}`);
  return parsed.fault;
}

const PRICE = 'currency = "EUR"\nprice_per_kwh = "0.35"';
const FILE = 'file = "tariff.json"\ntime_zone = "Europe/Amsterdam"';

const test = suite("tariff configuration");

test("a price a kWh is enough", () => {
  const found = tariff(PRICE);
  assert.equal(found.kind === "prices" && found.prices, { bands: [[0, 604_800, 350_000]] });
  assert.is(found.graceSeconds, 72 * 3600);
});

test("prices are exact, also those with six decimals and those of a currency without cents", () => {
  const found = tariff(
    'currency = "JPY"\nbands = [{ from_minute = 0, price_per_kwh = "120.000001" }, { from_minute = 90, price_per_kwh = "0" }]\n' +
      'start_price = "100"\nprice_per_hour = "60"\nparking_per_hour = "900.5"\ntax_percent = "7.7"\ngrace_hours = 1',
  );
  assert.equal(found.kind === "prices" && found.prices, {
    bands: [
      [0, 5400, 120_000_001],
      [5400, 604_800, 0],
    ],
    ...{ taxPpm: 77_000, startMicro: 100_000_000, chargingMicroPerHour: 60_000_000, parkingMicroPerHour: 900_500_000 },
  });
});

test("a file has the clock of its place, and may have a voltage and a rounding", () => {
  const file = { kind: "file", file: "tariff.json", timeZone: "Europe/Amsterdam" };
  const graceSeconds = 72 * 3600;
  const found = tariff(FILE);
  assert.equal(
    { ...found },
    { ...file, ...{ voltageV: undefined, rounding: undefined, graceSeconds }, ...rest(found) },
  );
  const full = tariff(`${FILE}\nvoltage = 230\nrounding = "half-even"`);
  assert.equal(full.kind === "file" && [full.voltageV, full.rounding], [230, { mode: "half-even", per: "total" }]);
});

/** Keys of others beside those of the price. */
function rest(found: TariffConfig): object {
  return Object.fromEntries(
    Object.entries(found).filter(
      ([key]) => !["kind", "file", "timeZone", "voltageV", "rounding", "graceSeconds"].includes(key),
    ),
  );
}

test("a file and prices beside it are a fault, and so is neither", () => {
  for (const [body, path] of [
    [`${FILE}\nprice_per_kwh = "0.35"`, "tariff.price_per_kwh"],
    [`${FILE}\ncurrency = "EUR"`, "tariff.currency"],
    [`${FILE}\nparking_per_hour = "1"`, "tariff.parking_per_hour"],
    [`${PRICE}\ntime_zone = "Europe/Amsterdam"`, "tariff.time_zone"],
    [`${PRICE}\nvoltage = 230`, "tariff.voltage"],
    [`${PRICE}\nrounding = "half-even"`, "tariff.rounding"],
    ['file = "tariff.json"', "tariff.time_zone"],
    ['currency = "EUR"', "tariff"],
    [`${PRICE}\nbands = [{ from_minute = 0, price_per_kwh = "0.1" }]`, "tariff"],
    ['price_per_kwh = "0.35"', "tariff.currency"],
    ['currency = "EUR"\nbands = []', "tariff.bands"],
    ['currency = "EUR"\nbands = [{ from_minute = 5, price_per_kwh = "0.1" }]', "tariff.bands[0].from_minute"],
    [
      'currency = "EUR"\nbands = [{ from_minute = 0, price_per_kwh = "0.1" }, { from_minute = 0, price_per_kwh = "1" }]',
      "tariff.bands[1].from_minute",
    ],
  ] as const) {
    assert.is(refused(body).path, path, body);
  }
});

test("what is no price, currency, zone or rate is refused by its key", () => {
  for (const [body, path] of [
    ['currency = "EUR"\nprice_per_kwh = 0.35', "tariff.price_per_kwh"],
    ['currency = "EUR"\nprice_per_kwh = "-1"', "tariff.price_per_kwh"],
    ['currency = "EUR"\nprice_per_kwh = "0.1234567"', "tariff.price_per_kwh"],
    ['currency = "EUX"\nprice_per_kwh = "1"', "tariff.currency"],
    ['currency = "eur"\nprice_per_kwh = "1"', "tariff.currency"],
    [`${PRICE}\ntax_percent = "101"`, "tariff.tax_percent"],
    [`${PRICE}\ntax_percent = 19`, "tariff.tax_percent"],
    ['file = "tariff.json"\ntime_zone = "../etc/passwd"', "tariff.time_zone"],
    [`${FILE}\nrounding = "up"`, "tariff.rounding"],
    [`${FILE}\nvoltage = 230.5`, "tariff.voltage"],
    [`${PRICE}\nidle_fee = "1"`, "tariff.idle_fee"],
  ] as const) {
    assert.is(refused(body).path, path, body);
  }
});

function vehicle(body: string): VehicleConfig["vehicle"]["priceMax"] | string {
  const parsed = parseGatewayConfig(VEHICLE.replace("[vehicle]", `[vehicle]\n${body}`));
  if (!parsed.ok) return parsed.fault.path;
  return parsed.value.role === "vehicle" ? parsed.value.vehicle.priceMax : "not a vehicle";
}

test("a vehicle's limits go with a currency and a price a kWh; without any, it signs any price", () => {
  assert.is(vehicle(""), undefined);
  const most = 'currency = "EUR"\nprice_max_per_kwh = "0.6"';
  assert.equal(vehicle(most), { currency: "EUR", microPerKwh: 600_000 });
  assert.equal(vehicle(`${most}\nparking_max_per_hour = "6"\nstart_max = "1.5"\ncharge_max = "50"`), {
    ...{ currency: "EUR", microPerKwh: 600_000, parkingMicroPerHour: 6_000_000 },
    ...{ startMicro: 1_500_000, totalMicro: 50_000_000 },
  });
  assert.is(vehicle('currency = "EUR"'), "vehicle.price_max_per_kwh");
  assert.is(vehicle('parking_max_per_hour = "6"'), "vehicle.price_max_per_kwh");
  assert.is(vehicle('price_max_per_kwh = "0.6"'), "vehicle.currency");
});

test("every key that init writes as an example is one that is read", () => {
  const examples = (text: string, names: readonly string[]): readonly string[] =>
    names.map((name) => {
      const [, line = ""] = new RegExp(`^#   (${name} = .*)$`, "m").exec(text) ?? [];
      assert.ok(line !== "", `${name} has an example`);
      return line;
    });
  const prices = examples(CHARGER, ["start_price", "price_per_hour", "parking_per_hour", "tax_percent"]);
  assert.is(tariff([PRICE, ...prices].join("\n")).kind, "prices");
  const file = examples(CHARGER, ["file", "time_zone", "voltage", "rounding", "rounding_per"]);
  assert.is(tariff(file.join("\n")).kind, "file");
  const limits = ["currency", "price_max_per_kwh", "parking_max_per_hour", "start_max", "charge_max"];
  assert.type(vehicle(examples(VEHICLE, limits).join("\n")), "object");
});

test.run();
