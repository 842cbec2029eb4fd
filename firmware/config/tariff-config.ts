/**
 * `[tariff]`: what a charge costs. Either prices written here, or an OCPI tariff in a file with the clock of the place;
 * and the price keys of a vehicle's limit, which are written in the same way.
 */
import type { SimplePrices } from "#tariffs/simple-tariff.ts";
import { currencyDigitsOf, knownCurrencies } from "#tariffs/currencies.ts";
import { deviceId } from "./arbiter-config.ts";
import {
  absentOr,
  anyText,
  decimal,
  listOf,
  oneOf,
  refuse,
  table,
  text,
  wholeNumber,
  withDefault,
  type Reader,
} from "./shape.ts";

export type TariffConfig = (PricesConfig | TariffFileConfig) & {
  /** How long a side that has fallen silent may still complete a charge. */
  readonly graceSeconds: number;
  /** Device id of who judges disputes, 64 hex digits; without one they end by agreement or lapse. */
  readonly arbiter?: string;
  /** A contract of one's own, in CEL; absent, energy-v1. */
  readonly contractFile?: string;
};

export interface PricesConfig {
  readonly kind: "prices";
  readonly currency: string;
  readonly prices: SimplePrices;
}

export interface TariffFileConfig {
  readonly kind: "file";
  readonly file: string;
  /** Name in the IANA database, not yet looked up. */
  readonly timeZone: string;
  readonly voltageV: number | undefined;
  readonly rounding: { readonly mode: "half-even" | "half-away"; readonly per: "total" | "component" } | undefined;
}

export const currency: Reader<string> = (value, path) => {
  const code = text("an ISO 4217 code such as EUR", /^[A-Z]{3}$/)(value, path);
  if (currencyDigitsOf(code) !== undefined) return code;
  const close = knownCurrencies().filter((known) => known !== "EUR" && known.startsWith(code.slice(0, 2)));
  return refuse(path, value, ["an ISO 4217 code that is in use, such as EUR", ...close].join(", "));
};

/** Prices are text: a decimal point in a number would make it a float, and floats are not exact. */
export const price = text(
  'a decimal price in quotes, such as "0.35", with at most 6 decimals',
  /^\d{1,6}(\.\d{1,6})?$/,
);

/** Millionths of the unit, exactly: "0.35" is 350000. */
export function micro(decimalText: string): number {
  const [whole = "0", fraction = ""] = decimalText.split(".");
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, "0"));
}

const priceKeys = {
  currency: absentOr(currency),
  price_per_kwh: absentOr(price),
  bands: absentOr(listOf(table({ from_minute: wholeNumber(0, 10_079), price_per_kwh: price }), 24)),
  start_price: absentOr(price),
  price_per_hour: absentOr(price),
  parking_per_hour: absentOr(price),
  tax_percent: absentOr(text('the rate of the tax in the prices in quotes, such as "19"', /^\d{1,2}(\.\d{1,4})?$/)),
};

const fileKeys = {
  file: absentOr(anyText),
  time_zone: absentOr(text("a name such as Europe/Amsterdam", /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/)),
  voltage: absentOr(wholeNumber(90, 500)),
  rounding: absentOr(oneOf("half-even", "half-away")),
  rounding_per: absentOr(oneOf("total", "component")),
};

const keys = table({
  ...priceKeys,
  ...fileKeys,
  grace_hours: withDefault(decimal(0.01, 720), 72),
  arbiter: absentOr(deviceId),
  contract_file: absentOr(anyText),
});
type Keys = ReturnType<typeof keys>;

export const tariffTable: Reader<TariffConfig> = (value, path) => {
  const given = keys(value, path);
  const graceSeconds = Math.round(given.grace_hours * 3600);
  const isFile = given.file !== undefined;
  const [own, foreign] = isFile ? [fileKeys, priceKeys] : [priceKeys, fileKeys];
  const stray = Object.keys(foreign).find((key) => given[key as keyof Keys] !== undefined);
  if (stray !== undefined) {
    const beside = isFile
      ? "file: the tariff in it says its own"
      : `prices: it belongs to file. Here: ${Object.keys(own).join(", ")}`;
    refuse(`${path}.${stray}`, given[stray as keyof Keys], `nothing beside ${beside}`);
  }
  const arbiter = given.arbiter === undefined ? {} : { arbiter: given.arbiter };
  const contract = given.contract_file === undefined ? {} : { contractFile: given.contract_file };
  const price = isFile ? fileOf(given, path) : pricesOf(given, path);
  return Object.freeze({ ...price, graceSeconds, ...arbiter, ...contract });
};

function fileOf({ file = "", time_zone, voltage, rounding, rounding_per }: Keys, path: string): TariffFileConfig {
  return {
    kind: "file",
    file,
    timeZone: time_zone ?? refuse(`${path}.time_zone`, undefined, "the clock of the place, such as Europe/Amsterdam"),
    voltageV: voltage,
    rounding:
      rounding === undefined && rounding_per === undefined
        ? undefined
        : { mode: rounding ?? "half-away", per: rounding_per ?? "total" },
  };
}

function pricesOf(given: Keys, path: string): PricesConfig {
  const { currency: code, start_price, price_per_hour, parking_per_hour, tax_percent } = given;
  const bands = bandsOf(given, path);
  return {
    kind: "prices",
    currency: code ?? refuse(`${path}.currency`, undefined, "an ISO 4217 code such as EUR"),
    prices: {
      bands,
      ...(tax_percent === undefined ? {} : { taxPpm: micro(tax_percent) / 100 }),
      ...(start_price === undefined ? {} : { startMicro: micro(start_price) }),
      ...(price_per_hour === undefined ? {} : { chargingMicroPerHour: micro(price_per_hour) }),
      ...(parking_per_hour === undefined ? {} : { parkingMicroPerHour: micro(parking_per_hour) }),
    },
  };
}

const MINUTES_MAX = 7 * 1440;

function bandsOf({ price_per_kwh: single, bands }: Keys, path: string): SimplePrices["bands"] {
  if ((single === undefined) === (bands === undefined)) {
    const found = single === undefined ? "neither file, price_per_kwh nor bands" : "price_per_kwh and bands";
    refuse(path, found, "exactly one of file, price_per_kwh and bands");
  }
  const steps = bands ?? [{ from_minute: 0, price_per_kwh: single ?? "" }];
  if (steps.length === 0) refuse(`${path}.bands`, "an empty list", "at least one band");
  return steps.map((step, index) => {
    const from = step.from_minute * 60;
    const to = (steps[index + 1]?.from_minute ?? MINUTES_MAX) * 60;
    if (index === 0 && from !== 0) refuse(`${path}.bands[0].from_minute`, step.from_minute, "0");
    if (to <= from) refuse(`${path}.bands[${index + 1}].from_minute`, to / 60, `more than ${step.from_minute}`);
    return [from, to, micro(step.price_per_kwh)] as const;
  });
}
