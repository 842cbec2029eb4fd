/**
 * A tariff object of OCPI as it comes, read or refused. Refused is whatever would be guessed at: the price that both
 * sides sign must be the one that the operator meant.
 */
import type { Result } from "#base/result.ts";
import type { PriceBound } from "#core/tariff/tariff-terms.ts";
import { SECONDS_A_DAY, dayNumberOf } from "./civil-date.ts";
import { currencyDigitsOf } from "./currencies.ts";
import { Fields, reading, refuse } from "./json-fields.ts";
import type { OcpiComponent, OcpiElement, OcpiFault, OcpiTariff, OcpiVersion } from "./ocpi-tariff.ts";
import { readRestrictions } from "./read-restrictions.ts";

/** @param version absent: 2.3.0 where the object has a field of it, else 2.2.1 */
export function readOcpiTariff(json: unknown, version?: OcpiVersion): Result<OcpiTariff, OcpiFault> {
  return reading(() => readTariff(new Fields(json, "", NAMES), version));
}

const NAMES = [
  ...["country_code", "party_id", "id", "currency", "type", "tariff_alt_text", "tariff_alt_url", "energy_mix"],
  ...["min_price", "max_price", "elements", "tax_included", "start_date_time", "end_date_time", "last_updated"],
];
const ELEMENTS_MAX = 64;
const MICRO_MAX = 1_000_000_000_000;
const PPM = 1_000_000;
/** Steps of a signed rule go up to 10⁹ mWh or seconds. */
const STEP_MAX = { ENERGY: 1_000_000, TIME: 1_000_000_000, PARKING_TIME: 1_000_000_000, FLAT: Infinity } as const;

function readTariff(fields: Fields, given: OcpiVersion | undefined): OcpiTariff {
  const version = given ?? versionOf(fields);
  const currency = fields.text("currency");
  const currencyDigits =
    currencyDigitsOf(currency) ?? refuse("currency", `${currency} is not known, nor how many digits it has`);
  const taxIncluded = readTaxIncluded(fields, version);
  const elements = readElements(fields);
  checkNoTax(taxIncluded, elements);
  const minPrice = readBound(fields, "min_price", version);
  const maxPrice = readBound(fields, "max_price", version);
  const [validFrom, validTo] = [readInstant(fields, "start_date_time"), readInstant(fields, "end_date_time")];
  if (validFrom !== undefined && validTo !== undefined && validTo <= validFrom) {
    refuse("end_date_time", "is not after start_date_time");
  }
  return {
    ...{ version, id: fields.text("id"), currency, currencyDigits, taxIncluded, elements },
    ...(minPrice === undefined ? {} : { minPrice }),
    ...(maxPrice === undefined ? {} : { maxPrice }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  };
}

function versionOf(fields: Fields): OcpiVersion {
  const bounds = [fields.optional("min_price"), fields.optional("max_price")];
  const isNew = fields.has("tax_included") || bounds.some((bound) => isObject(bound) && "before_taxes" in bound);
  return isNew ? "2.3.0" : "2.2.1";
}

/** 2.2.1 has no such field: its prices are without tax. */
function readTaxIncluded(fields: Fields, version: OcpiVersion): OcpiTariff["taxIncluded"] {
  if (version === "2.2.1") {
    return fields.has("tax_included") ? refuse("tax_included", "is not a field of OCPI 2.2.1") : "no";
  }
  const words = { NO: "no", YES: "yes", "N/A": "none" } as const;
  return words[fields.oneOf("tax_included", ["NO", "YES", "N/A"])];
}

function readElements(fields: Fields): readonly OcpiElement[] {
  const list = fields.list("elements");
  if (list.length === 0) refuse("elements", "is empty: a tariff free of charge has a FLAT of 0");
  if (list.length > ELEMENTS_MAX) refuse("elements", `has more than ${ELEMENTS_MAX}`);
  return list.map((value, place) => readElement(value, `elements[${place}]`));
}

function readElement(value: unknown, path: string): OcpiElement {
  const fields = new Fields(value, path, ["price_components", "restrictions"]);
  const list = fields.list("price_components");
  if (list.length === 0) refuse(fields.at("price_components"), "is empty");
  const components = list.map((item, place) => readComponent(item, fields.at(`price_components[${place}]`)));
  const restrictions = readRestrictions(fields.optional("restrictions"), fields.at("restrictions"));
  components.forEach(({ type }, place) => {
    const at = fields.at(`price_components[${place}].type`);
    if (components.findIndex((other) => other.type === type) < place) refuse(at, `has a second ${type} in one element`);
    if (restrictions.reservation !== undefined && type !== "TIME" && type !== "FLAT") {
      refuse(at, "a reservation has TIME and FLAT only");
    }
  });
  return { components, restrictions };
}

function readComponent(value: unknown, path: string): OcpiComponent {
  const fields = new Fields(value, path, ["type", "price", "vat", "step_size"]);
  const type = fields.oneOf("type", ["ENERGY", "FLAT", "PARKING_TIME", "TIME"]);
  const microPrice = fields.decimal("price", 6, MICRO_MAX);
  // Percent with four digits are parts per million.
  const taxPpm = fields.optionalDecimal("vat", 4, PPM) ?? 0;
  const stepSize = fields.decimal("step_size", 0, STEP_MAX[type]);
  if (type === "FLAT") return { type, microPrice, taxPpm, stepSize: 0 };
  if (stepSize === 0) refuse(fields.at("step_size"), "is 0, which OCPI gives no meaning: 1 is the smallest step");
  return { type, microPrice, taxPpm, stepSize };
}

function checkNoTax(taxIncluded: OcpiTariff["taxIncluded"], elements: readonly OcpiElement[]): void {
  if (taxIncluded !== "none") return;
  elements.forEach(({ components }, place) => {
    const taxed = components.findIndex(({ taxPpm }) => taxPpm > 0);
    if (taxed >= 0) refuse(`elements[${place}].price_components[${taxed}].vat`, "the tariff says that no tax applies");
  });
}

/** 2.2.1: a Price with `excl_vat`, `incl_vat`; 2.3.0: a PriceLimit with `before_taxes`, `after_taxes`. */
function readBound(fields: Fields, name: string, version: OcpiVersion): PriceBound | undefined {
  if (!fields.has(name)) return undefined;
  const [before, after] = version === "2.2.1" ? ["excl_vat", "incl_vat"] : ["before_taxes", "after_taxes"];
  const bound = new Fields(fields.required(name), name, [before, after]);
  const beforeTax = bound.decimal(before, 6, MICRO_MAX);
  const withTax = bound.optionalDecimal(after, 6, MICRO_MAX) ?? null;
  if (withTax !== null && withTax < beforeTax) refuse(bound.at(after), "is less than without tax");
  return { beforeTax, withTax };
}

/** DateTime of OCPI: RFC 3339 in UTC; the Z may be missing, and a fraction is cut off. */
function readInstant(fields: Fields, name: string): number | undefined {
  const text = fields.optionalText(name);
  if (text === undefined) return undefined;
  const parts = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d+)?Z?$/.exec(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (parts ?? []).slice(1).map(Number);
  const dayNumber = parts === null ? undefined : dayNumberOf(year, month, day);
  if (dayNumber === undefined) return refuse(name, "must be a date and time in UTC");
  return dayNumber * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
