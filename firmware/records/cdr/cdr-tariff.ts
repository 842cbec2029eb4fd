/**
 * The signed tariff as OCPI tariffs. Windows of time are resolved when a contract is made, and OCPI has no way to state
 * them in UTC; so each period names a tariff of the rules that held in it, without its times. Where no rule has times,
 * that is one tariff for all periods, with its restrictions.
 */
import type { Terms } from "#core/contract/terms.ts";
import type { PriceBound, Tariff, TariffDimension, TariffRange, TariffRule } from "#core/tariff/tariff-terms.ts";
import { decimalDigits, trimDigits } from "../decimal-text.ts";
import { tariffText } from "../tariff-text.ts";
import { percentDigits } from "./cdr-costs.ts";
import type { OcpiVersion } from "./cdr-version.ts";
import type { ChargePeriod } from "./charge-periods.ts";
import { number, type JsonOut } from "./write-json.ts";

export interface CdrTariffs {
  readonly tariffs: readonly JsonOut[];
  /** By the place of the period; undefined where nothing has a price. */
  readonly idOf: (period: ChargePeriod) => string | undefined;
}

export interface TariffForm {
  readonly version: OcpiVersion;
  readonly countryCode: string;
  readonly partyId: string;
  /** Begin of the tariffs' ids: at most 30 characters. */
  readonly idPrefix: string;
  /** RFC 3339. */
  readonly lastUpdated: string;
}

export function cdrTariffs(terms: Terms, periods: readonly ChargePeriod[], form: TariffForm): CdrTariffs {
  const { tariff } = terms;
  const isTimed = tariff.rules.some(({ windows }) => windows !== undefined);
  if (!isTimed) {
    const id = form.idPrefix;
    return { tariffs: [tariffJson(terms, tariff.rules, id, form)], idOf: () => id };
  }
  const sets = [...new Map(periods.map(({ rules }) => [rules.join(), rules])).values()];
  const ids = new Map(sets.map((rules, place) => [rules.join(), `${form.idPrefix}-${place + 1}`]));
  const tariffs = sets.map((places) => {
    const rules = tariff.rules.filter((_, place) => places.includes(place));
    return tariffJson(terms, rules, ids.get(places.join()) ?? form.idPrefix, form);
  });
  return { tariffs, idOf: ({ rules }) => ids.get(rules.join()) };
}

function tariffJson(terms: Terms, rules: readonly TariffRule[], id: string, form: TariffForm): JsonOut {
  const { tariff, currency } = terms;
  const { version, countryCode, partyId, lastUpdated } = form;
  return {
    ...{ country_code: countryCode, party_id: partyId, id, currency },
    tariff_alt_text: [{ language: "en", text: tariffText(terms) }],
    min_price: tariff.minPrice === undefined ? undefined : boundJson(tariff.minPrice, version),
    max_price: tariff.maxPrice === undefined ? undefined : boundJson(tariff.maxPrice, version),
    elements: rules.length === 0 ? [FREE] : rules.map((rule) => elementJson(rule, tariff, version)),
    tax_included: version === "2.3.0" ? TAX_INCLUDED[tariff.taxIncluded] : undefined,
    last_updated: lastUpdated,
  };
}

const TAX_INCLUDED: Readonly<Record<Tariff["taxIncluded"], string>> = { yes: "YES", no: "NO", none: "N/A" };
const FREE: JsonOut = { price_components: [{ type: "FLAT", price: number("0.00"), step_size: number("1") }] };
/** mWh in a Wh, in which OCPI states the steps of energy. */
const STEP_UNITS: Readonly<Record<TariffDimension, bigint>> = {
  ENERGY: 1000n,
  TIME: 1n,
  PARKING_TIME: 1n,
  FLAT: 1n,
};

function elementJson(rule: TariffRule, { taxIncluded }: Tariff, version: OcpiVersion): JsonOut {
  // In 2.2.1 a price is always one without tax.
  const isGross = taxIncluded === "yes" && version === "2.2.1";
  const micro = isGross ? netMicro(rule) : BigInt(rule.microPrice);
  const component = {
    type: rule.dimension,
    price: number(trimDigits(decimalDigits(micro, 6), 2)),
    vat: taxIncluded === "none" ? undefined : number(percentDigits(rule.taxPpm)),
    step_size: number((BigInt(rule.step) / STEP_UNITS[rule.dimension] || 1n).toString()),
  };
  return { price_components: [component], restrictions: restrictionsJson(rule) };
}

function netMicro({ microPrice, taxPpm }: TariffRule): bigint {
  const factor = 1_000_000n + BigInt(taxPpm);
  return (2n * BigInt(microPrice) * 1_000_000n + factor) / (2n * factor);
}

function restrictionsJson({ energyMilliWh, durationSeconds, powerW, phase }: TariffRule): JsonOut | undefined {
  const members: Record<string, JsonOut> = {
    ...bounds("kwh", energyMilliWh, (milliWh) => trimDigits(decimalDigits(BigInt(milliWh), 6))),
    ...bounds("power", powerW, (watts) => trimDigits(decimalDigits(BigInt(watts), 3))),
    ...bounds("duration", durationSeconds, (seconds) => seconds.toString()),
    ...(phase === "charging" ? {} : { reservation: RESERVATIONS[phase] }),
  };
  return Object.keys(members).length === 0 ? undefined : members;
}

const RESERVATIONS = { reservation: "RESERVATION", "reservation-expired": "RESERVATION_EXPIRES" } as const;

function bounds(
  name: string,
  range: TariffRange | undefined,
  digits: (value: number) => string,
): Readonly<Record<string, JsonOut>> {
  if (range === undefined) return {};
  const [from, to] = range;
  return {
    ...(from === 0 ? {} : { [`min_${name}`]: number(digits(from)) }),
    ...(to === null ? {} : { [`max_${name}`]: number(digits(to)) }),
  };
}

function boundJson({ beforeTax, withTax }: PriceBound, version: OcpiVersion): JsonOut {
  const money = (micro: number): JsonOut => number(trimDigits(decimalDigits(BigInt(micro), 6), 2));
  const after = withTax === null ? undefined : money(withTax);
  return version === "2.2.1"
    ? { excl_vat: money(beforeTax), incl_vat: after }
    : { before_taxes: money(beforeTax), after_taxes: after };
}
