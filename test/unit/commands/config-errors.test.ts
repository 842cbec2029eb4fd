/** Each mistake in a configuration file is answered with the key, what was found and what is allowed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig, type GatewayConfig } from "#config/gateway-config.ts";
import { checkDevices } from "#firmware/commands/check-devices.ts";
import { configText, type ChargerText, type VehicleText } from "#firmware/commands/config-text.ts";
import { chargePointModelNames } from "#hal/charge-points/registry.ts";
import { meterModelNames } from "#hal/meters/models/registry.ts";
import { vehicleProfiles } from "#hal/vehicles/registry.ts";

const CHARGER: ChargerText = {
  role: "charger",
  name: "garage",
  organisation: "",
  site: "site-1",
  meter: { model: "eastron-sdm630", unit: 1, line: { kind: "serial", path: "/dev/ttyUSB0", baud: 9600 } },
  chargePoint: { driver: "simple-evse-wb", unit: 2, line: { kind: "tcp", host: "127.0.0.1", port: 502 } },
  currency: "EUR",
  pricePerKwh: "0.35",
  brokerPort: 1883,
};
const VEHICLE: VehicleText = {
  role: "vehicle",
  name: "car",
  organisation: "",
  site: "site-1",
  profile: "hyundai-kona",
  start: "asked",
  line: { kind: "tcp", host: "192.168.0.10", port: 35_000 },
};

/** Of a good file, what is replaced and by what; then the answer: key, found, a part of what is expected. */
type Mistake = readonly [from: string | RegExp, to: string, path: string, found: string, expected: RegExp];

const CHARGER_MISTAKES: readonly Mistake[] = [
  ['role = "charger"', "", "role", "nothing", /one of "charger", "vehicle"/],
  ['role = "charger"', 'role = "station"', "role", '"station"', /one of "charger", "vehicle"/],
  ['name = "garage"', 'name = "my garage"', "name", '"my garage"', /letters, digits or dashes/],
  ['name = "garage"', 'nmae = "garage"', "nmae", '"garage"', /no such key; known here: role, name, flash/],
  ['site = "site-1"', 'site = "Site 1"', "region.site", '"Site 1"', /a-z, 0-9 and -/],
  ["[region]", "[area]", "area", /./.source, /no such key/],
  ["port = 1883", "port = 65536", "broker.embedded.port", "65536", /from 0 to 65535/],
  [/\[broker.embedded\]\n.*\nhost.*\nport.*/, "[broker]", "broker", '"no url and no embedded"', /url of a broker, or/],
  ["[broker.embedded]", '[broker]\nurl = "x"\n[broker.embedded]', "broker.url", '"x"', /mqtt:/],
  [
    "[broker.embedded]",
    '[broker]\nurl = "mqtt://a"\n[broker.embedded]',
    "broker",
    '"url and embedded"',
    /one of the two/,
  ],
  ["power_max_w = 11000", "", "charger.power_max_w", "nothing", /from 1000 to 400000/],
  ["power_max_w = 11000", "power_max_w = 11.5", "charger.power_max_w", "11.5", /a whole number/],
  ["current_max_a = 16", "current_max_a = 5", "charger.current_max_a", "5", /from 6 to 500/],
  ["unit = 1\n", "unit = 248\n", "meter.unit", "248", /from 1 to 247/],
  ["baud = 9600", "baud = 9601", "meter.baud", "9601", /one of 300, 600, 1200/],
  ['parity = "none"', 'parity = "mark"', "meter.parity", '"mark"', /one of "none", "even", "odd"/],
  ['class = "B"', 'class = "D"', "meter.class", '"D"', /one of "A", "B", "C"/],
  ['serial = "/dev/ttyUSB0"', 'host = "h"', "meter.tcp_port", "nothing", /from 1 to 65535/],
  ['serial = "/dev/ttyUSB0"', 'serial = "a"\nhost = "h"', "meter", '"serial and host"', /one of the two/],
  ['serial = "/dev/ttyUSB0"', "", "meter", '"no serial and no host"', /serial = a device path/],
  ['currency = "EUR"', 'currency = "Euro"', "tariff.currency", '"Euro"', /ISO 4217/],
  ['currency = "EUR"', 'currency = "ZZZ"', "tariff.currency", '"ZZZ"', /in use, such as EUR/],
  ['price_per_kwh = "0.35"', "price_per_kwh = 0.35", "tariff.price_per_kwh", "0.35", /in quotes/],
  ['price_per_kwh = "0.35"', "", "tariff", '"neither file, price_per_kwh nor bands"', /exactly one/],
  ["grace_hours = 72", "grace_hours = 0", "tariff.grace_hours", "0", /from 0.01 to 720/],
  ["[tariff]", "[vehicle]\nprofile = 1\n[tariff]", "vehicle.profile", "1", /text/],
  ["[charger]", "[charger", "line 34, column 9", "[charger", /TOML/],
  ["evse = 1", "evse = 0", "charger.evse", "0", /from 1 to/],
];

const VEHICLE_MISTAKES: readonly Mistake[] = [
  ['start = "asked"', 'start = "soon"', "vehicle.start", '"soon"', /one of "automatic", "asked"/],
  ['host = "192.168.0.10"', 'host = "a b"', "vehicle.host", '"a b"', /host name or address/],
  ["energy_max_kwh = 100", "energy_max_kwh = -1", "vehicle.energy_max_kwh", "-1", /from 0.1 to 1000/],
  [
    "[vehicle]",
    "[tariff]\ncurrency = 'EUR'\nprice_per_kwh = '1'\n[vehicle]",
    "tariff",
    '"a table"',
    /belongs to a gateway/,
  ],
  [/url = (.*)/, 'url = $1\npassword_file = "p"', "broker.password_file", '"p"', /a broker.user beside it/],
  [/url = (.*)/, 'user = "u"\nurl = ""', "broker.url", '""', /mqtt:/],
  [/url = (.*)/, 'url = $1\nca_file = "a"', "broker.ca_file", '"a"', /begins with mqtts/],
  [
    /url = .*/,
    'url = "mqtts://a"\nkey_file = "k"',
    "broker.key_file",
    '"k"',
    /certificate_file and key_file, or neither/,
  ],
  [/url = .*/, 'url = "mqtts://a"\ncertificate_file = "c"', "broker.certificate_file", '"c"', /or neither/],
  [/url = .*/, "[broker.embedded]", "broker.embedded", '"a table"', /only a charger gateway runs a broker/],
];

const test = suite("configuration errors");

test("the files that init writes are good, for every meter, charge point and car", () => {
  for (const model of meterModelNames()) accept(configText({ ...CHARGER, meter: { ...CHARGER.meter, model } }));
  for (const driver of chargePointModelNames()) {
    accept(configText({ ...CHARGER, chargePoint: { ...CHARGER.chargePoint, driver } }));
  }
  for (const { name } of vehicleProfiles) accept(configText({ ...VEHICLE, profile: name }));
  const commented = configText({ ...VEHICLE, brokerUrl: "mqtts://broker.example:8883", state: "/var/lib/tallystick" });
  assert.is(accept(commented).state, "/var/lib/tallystick");
  const { broker } = accept(commented.replace(/^# {3}(?=\w+_file = "broker-)/gm, ""));
  assert.is(broker.key_file, "broker-client.key");
});

test("a text with quotes and line ends stays one value", () => {
  const organisation = 'Müller "& Co"\n\\';
  const config = accept(configText({ ...CHARGER, organisation }));
  assert.is(config.organisation, organisation);
});

for (const [role, mistakes, text] of [
  ["charger", CHARGER_MISTAKES, configText(CHARGER)],
  ["vehicle", VEHICLE_MISTAKES, configText(VEHICLE)],
] as const) {
  for (const [from, to, path, found, expected] of mistakes) {
    test(`${role}: ${to === "" ? `without ${String(from)}` : JSON.stringify(to)} is answered at ${path}`, () => {
      const changed = text.replace(from, to);
      assert.is.not(changed, text);
      const parsed = parseGatewayConfig(changed);
      if (parsed.ok) throw new Error("it was accepted");
      assert.is(parsed.fault.path, path);
      if (path !== "area") assert.is(parsed.fault.found, found);
      assert.match(parsed.fault.expected, expected);
    });
  }
}

test("a device that this firmware does not know is answered with those that it knows", () => {
  const meter = checkDevices(accept(configText({ ...CHARGER, meter: { ...CHARGER.meter, model: "sdm" } })));
  assert.is(meter?.path, "meter.model");
  assert.is(meter?.found, '"sdm"');
  assert.match(meter?.expected ?? "", /eastron-sdm630/);
  const car = checkDevices(accept(configText({ ...VEHICLE, profile: "beetle" })));
  assert.is(car?.path, "vehicle.profile");
  assert.match(car?.expected ?? "", /hyundai-kona/);
});

test.run();

function accept(text: string): GatewayConfig {
  const parsed = parseGatewayConfig(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.value;
}
