/** The configuration of one gateway, as a person writes it in TOML. Paths are relative to the file. */
import { parse, TomlError } from "smol-toml";
import { fail, ok, type Result } from "#base/result.ts";
import {
  absentOr,
  anyText,
  decimal,
  listOf,
  oneOf,
  readConfig,
  refuse,
  table,
  text,
  wholeNumber,
  withDefault,
  type ConfigFault,
  type Reader,
} from "./shape.ts";
import { boardConfig } from "./board-config.ts";
import { chargePointConfig, type ChargePointConfig } from "./charge-point-config.ts";
import { meterOf, meterTable, type MeterConfig } from "./meter-table.ts";
import { vehicleLineKeys, vehicleLineOf, type VehicleLine } from "./vehicle-line-config.ts";

export type { Line } from "./line-config.ts";

const port = wholeNumber(0, 65_535);

/** The ISO 4217 exponents of the currencies that chargers are paid in. */
const CURRENCY_DIGITS: Readonly<Record<string, 0 | 2 | 3>> = {
  ...{ EUR: 2, USD: 2, GBP: 2, CHF: 2, SEK: 2, NOK: 2, DKK: 2, PLN: 2, CZK: 2, HUF: 2, RON: 2, BGN: 2, CAD: 2 },
  ...{ AUD: 2, NZD: 2, CNY: 2, INR: 2, BRL: 2, MXN: 2, TRY: 2, ILS: 2, ZAR: 2, JPY: 0, KRW: 0, ISK: 0, CLP: 0 },
  ...{ KWD: 3, BHD: 3, OMR: 3, JOD: 3, TND: 3 },
};

const currency: Reader<string> = (value, path) => {
  const code = text("an ISO 4217 code such as EUR", /^[A-Z]{3}$/)(value, path);
  return code in CURRENCY_DIGITS ? code : refuse(path, value, `one of ${Object.keys(CURRENCY_DIGITS).join(", ")}`);
};

/** Prices are text: a decimal point in a number would make it a float, and floats are not exact. */
const price = text('a decimal price in quotes, such as "0.35", with at most 6 decimals', /^\d{1,3}(\.\d{1,6})?$/);

const file = table({
  role: oneOf("charger", "vehicle"),
  name: text("1 to 32 letters, digits or dashes", /^[A-Za-z0-9-]{1,32}$/),
  flash: withDefault(anyText, "flash"),
  key: withDefault(anyText, "gateway.key"),
  organisation: withDefault(text("at most 32 characters", /^[^]{0,32}$/), ""),
  region: table({
    genesis: withDefault(anyText, "genesis.tally"),
    site: text("1 to 16 characters of a-z, 0-9 and -", /^[a-z0-9-]{1,16}$/),
  }),
  broker: table({
    url: absentOr(text("a URL such as mqtt://192.168.1.10:1883", /^mqtts?:\/\/[^\s]+$/)),
    user: absentOr(anyText),
    password_file: absentOr(anyText),
    embedded: absentOr(table({ host: withDefault(anyText, "0.0.0.0"), port: withDefault(port, 1883) })),
  }),
  charger: absentOr(
    table({
      // Topics of the mesh name an outlet with two digits.
      evse: withDefault(wholeNumber(1, 99), 1),
      power_max_w: wholeNumber(1000, 400_000),
      phases: withDefault(wholeNumber(1, 3), 3),
      current_max_a: wholeNumber(6, 500),
      session_max_hours: withDefault(wholeNumber(1, 168), 24),
      session_max_kwh: withDefault(decimal(1, 1000), 200),
    }),
  ),
  meter: absentOr(meterTable),
  charge_point: chargePointConfig,
  tariff: absentOr(
    table({
      currency,
      price_per_kwh: absentOr(price),
      bands: absentOr(listOf(table({ from_minute: wholeNumber(0, 10_079), price_per_kwh: price }), 24)),
      grace_hours: withDefault(decimal(0.01, 720), 72),
    }),
  ),
  vehicle: absentOr(
    table({
      /** A name or short name, or `auto` to ask the car. */
      profile: absentOr(anyText),
      /** A profile of one's own, for a car that this firmware does not know. */
      profile_file: absentOr(anyText),
      start: withDefault(oneOf("automatic", "asked"), "automatic"),
      power_max_w: withDefault(wholeNumber(1000, 400_000), 11_000),
      energy_max_kwh: withDefault(decimal(0.1, 1000), 100),
      /** The most that this car pays; both or neither. Without them it signs any price. */
      price_max_per_kwh: absentOr(price),
      currency: absentOr(currency),
      ...vehicleLineKeys,
    }),
  ),
  board: boardConfig,
  /** Only the bench sets this: a world whose time runs faster, shared by all its processes. */
  bench: absentOr(
    table({ speed: decimal(1, 1000), real_epoch_ms: wholeNumber(0, 2 ** 52), world_epoch_ms: wholeNumber(0, 2 ** 52) }),
  ),
});

type File = ReturnType<typeof file>;

type GatewayConfigBase = Omit<File, "role" | "charger" | "meter" | "charge_point" | "tariff" | "vehicle">;

export interface ChargerConfig extends GatewayConfigBase {
  readonly role: "charger";
  readonly charger: NonNullable<File["charger"]>;
  readonly meter: MeterConfig;
  readonly chargePoint: ChargePointConfig;
  readonly tariff: TariffConfig;
}

export interface VehicleConfig extends GatewayConfigBase {
  readonly role: "vehicle";
  readonly vehicle: {
    /** Empty where there is a file. */
    readonly profile: string;
    readonly profileFile: string | undefined;
    readonly start: "automatic" | "asked";
    /** What the car draws from the mains at most: decides how much is lost on the way to the battery. */
    readonly power_max_w: number;
    readonly energy_max_kwh: number;
    readonly priceMax: { readonly currency: string; readonly microPerKwh: number } | undefined;
    readonly line: VehicleLine;
  };
}

export interface TariffConfig {
  readonly currency: string;
  readonly currencyDigits: number;
  /** From second to second since the start, and millionths of the currency unit a kWh. */
  readonly bands: readonly (readonly [number, number, number])[];
  readonly graceSeconds: number;
}

export type GatewayConfig = ChargerConfig | VehicleConfig;

/** Parses and checks the text of a configuration file. */
export function parseGatewayConfig(source: string): Result<GatewayConfig, ConfigFault> {
  const parsed = parseToml(source);
  if (!parsed.ok) return parsed;
  return readConfig((value, path) => complete(file(value, path)), parsed.value);
}

function parseToml(source: string): Result<unknown, ConfigFault> {
  try {
    return ok(parse(source));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const found = source.split("\n")[error.line - 1]?.trim() ?? "";
    const expected = `TOML: ${error.message.split("\n")[0] ?? ""}`;
    return fail({ code: "CONFIG_INVALID", path: `line ${error.line}, column ${error.column}`, found, expected });
  }
}

/** Checks what keys say together, and gives each role its own shape. */
function complete({ role, charger, meter, charge_point, tariff, vehicle, ...base }: File): GatewayConfig {
  checkBroker(base.broker, role);
  if (role === "vehicle") {
    for (const [key, value] of Object.entries({ charger, meter, charge_point, tariff })) {
      if (value !== undefined) refuse(key, "a table", 'nothing: it belongs to a gateway with role = "charger"');
    }
    const own = vehicle ?? refuse("vehicle", undefined, "a table with profile and the adapter's line");
    const { profile, profile_file: profileFile, start, power_max_w, energy_max_kwh } = own;
    if ((profile === undefined) === (profileFile === undefined)) {
      const found = profile === undefined ? "neither profile nor profile_file" : "profile and profile_file";
      refuse("vehicle.profile", found, "exactly one of profile and profile_file");
    }
    const line = vehicleLineOf(own, "vehicle");
    return {
      ...{ ...base, role },
      vehicle: {
        ...{ profile: profile ?? "", profileFile, start, power_max_w, energy_max_kwh },
        ...{ priceMax: priceMaxOf(own), line },
      },
    };
  }
  if (vehicle !== undefined) refuse("vehicle", "a table", 'nothing: it belongs to a gateway with role = "vehicle"');
  const ownMeter = meter ?? refuse("meter", undefined, "a table with model and line");
  const ownPoint = charge_point ?? refuse("charge_point", undefined, "a table with driver, unit and line");
  const ownCharger = charger ?? refuse("charger", undefined, "a table with power_max_w and current_max_a");
  const ownTariff = tariff ?? refuse("tariff", undefined, "a table with currency and price_per_kwh");
  return {
    ...base,
    role,
    charger: ownCharger,
    meter: meterOf(ownMeter),
    chargePoint: ownPoint,
    tariff: tariffOf(ownTariff, ownCharger.session_max_hours * 3600),
  };
}

function priceMaxOf(vehicle: NonNullable<File["vehicle"]>): VehicleConfig["vehicle"]["priceMax"] {
  const { price_max_per_kwh: most, currency: code } = vehicle;
  if (most === undefined && code === undefined) return undefined;
  if (most === undefined) return refuse("vehicle.price_max_per_kwh", undefined, "a price, since currency is given");
  if (code === undefined) return refuse("vehicle.currency", undefined, "a currency, since price_max_per_kwh is given");
  return { currency: code, microPerKwh: micro(most) };
}

function checkBroker(broker: File["broker"], role: File["role"]): void {
  if (broker.url === undefined && broker.embedded === undefined) {
    refuse("broker", "no url and no embedded", "url of a broker, or for a charger the table broker.embedded");
  }
  if (broker.url !== undefined && broker.embedded !== undefined) refuse("broker", "url and embedded", "one of the two");
  if (broker.password_file !== undefined && broker.user === undefined) {
    refuse("broker.password_file", broker.password_file, "a broker.user beside it");
  }
  if (broker.user !== undefined && broker.url === undefined)
    refuse("broker.user", broker.user, "a broker.url beside it");
  if (broker.embedded !== undefined && role === "vehicle") {
    refuse("broker.embedded", "a table", "nothing: only a charger gateway runs a broker");
  }
}

function tariffOf(tariff: NonNullable<File["tariff"]>, durationSeconds: number): TariffConfig {
  const single = tariff.price_per_kwh;
  if ((single === undefined) === (tariff.bands === undefined)) {
    const found = single === undefined ? "neither price_per_kwh nor bands" : "price_per_kwh and bands";
    refuse("tariff", found, "exactly one of price_per_kwh and bands");
  }
  const steps = tariff.bands ?? [{ from_minute: 0, price_per_kwh: single ?? "" }];
  const bands = steps.map((step, index): readonly [number, number, number] => {
    const from = step.from_minute * 60;
    const to = Math.min(durationSeconds, (steps[index + 1]?.from_minute ?? durationSeconds / 60) * 60);
    if (index === 0 && from !== 0) refuse("tariff.bands[0].from_minute", step.from_minute, "0");
    if (to <= from)
      refuse(`tariff.bands[${index}].from_minute`, step.from_minute, "rising, within the session's length");
    return [from, to, micro(step.price_per_kwh)];
  });
  return {
    currency: tariff.currency,
    currencyDigits: CURRENCY_DIGITS[tariff.currency] ?? 2,
    bands,
    graceSeconds: Math.round(tariff.grace_hours * 3600),
  };
}

/** Millionths of the unit, exactly: "0.35" is 350000. */
function micro(decimalText: string): number {
  const [whole = "0", fraction = ""] = decimalText.split(".");
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, "0"));
}
