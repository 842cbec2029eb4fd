/**
 * What OCPI asks of a CDR (mod_cdrs, mod_tariffs and types of 2.2.1 and 2.3.0), as far as one can see it in the object:
 * fields that must be there, lengths, words, decimals of numbers, times. Says everything that is wrong.
 */
import { memberOf, readJson, type JsonText } from "#records/ocmf/json-text.ts";

export type CdrVersion = "2.2.1" | "2.3.0";

type Rule = (value: JsonText, path: string) => readonly string[];

interface Field {
  readonly rule: Rule;
  readonly isOptional?: true;
}

/** Empty when nothing is wrong. */
export function checkCdr(text: string, version: CdrVersion): readonly string[] {
  const read = readJson(text);
  if (!read.ok) return [`not JSON: ${read.fault.reason}`];
  if (text.slice(read.value.end).trim() !== "") return ["something behind the object"];
  const cdr = read.value.value;
  return [...object(cdrFields(version))(cdr, "cdr"), ...checkCredit(cdr)];
}

function cdrFields(version: CdrVersion): Readonly<Record<string, Field>> {
  const price = version === "2.2.1" ? oldPrice : newPrice;
  return {
    country_code: must(pattern(/^[A-Z]{2}$/)),
    party_id: must(pattern(/^[A-Z0-9]{3}$/)),
    id: must(ciString(39)),
    start_date_time: must(dateTime),
    end_date_time: must(dateTime),
    session_id: may(ciString(36)),
    cdr_token: must(
      object({
        country_code: must(pattern(/^[A-Z]{2}$/)),
        party_id: must(pattern(/^[A-Z0-9]{3}$/)),
        uid: must(ciString(36)),
        type: must(pattern(/^(AD_HOC_USER|APP_USER|EMAID|OTHER|RFID)$/)),
        contract_id: must(ciString(36)),
      }),
    ),
    auth_method: must(pattern(/^(AUTH_REQUEST|COMMAND|WHITELIST)$/)),
    authorization_reference: may(ciString(36)),
    cdr_location: must(location),
    meter_id: may(ciString(255)),
    currency: must(pattern(/^[A-Z]{3}$/)),
    tariffs: may(list(tariff(version))),
    charging_periods: must(list(chargingPeriod, 1)),
    signed_data: may(signedData),
    total_cost: must(price),
    total_fixed_cost: may(price),
    total_energy: must(number(0)),
    total_energy_cost: may(price),
    total_time: must(number(0)),
    total_time_cost: may(price),
    total_parking_time: may(number(0)),
    total_parking_cost: may(price),
    total_reservation_cost: may(price),
    remark: may(ciString(255)),
    credit: may(boolean),
    credit_reference_id: may(ciString(39)),
    last_updated: must(dateTime),
  };
}

function tariff(version: CdrVersion): Rule {
  const after = version === "2.2.1" ? "incl_vat" : "after_taxes";
  const before = version === "2.2.1" ? "excl_vat" : "before_taxes";
  const bound = object({ [before]: must(number()), [after]: may(number()) });
  return object({
    country_code: must(pattern(/^[A-Z]{2}$/)),
    party_id: must(pattern(/^[A-Z0-9]{3}$/)),
    id: must(ciString(36)),
    currency: must(pattern(/^[A-Z]{3}$/)),
    tariff_alt_text: may(list(object({ language: must(pattern(/^[a-z]{2}$/)), text: must(ciString(512)) }))),
    min_price: may(bound),
    max_price: may(bound),
    elements: must(list(element, 1)),
    ...(version === "2.3.0" ? { tax_included: must(pattern(/^(YES|NO|N\/A)$/)) } : {}),
    last_updated: must(dateTime),
  });
}

const wholeNumber = digits(/^\d+$/);

const element: Rule = (value, path) =>
  object({
    price_components: must(
      list(
        object({
          type: must(pattern(/^(ENERGY|FLAT|PARKING_TIME|TIME)$/)),
          price: must(number(0)),
          vat: may(number(0)),
          step_size: must(wholeNumber),
        }),
        1,
      ),
    ),
    restrictions: may(
      object({
        min_kwh: may(number(0)),
        max_kwh: may(number(0)),
        min_power: may(number(0)),
        max_power: may(number(0)),
        min_duration: may(wholeNumber),
        max_duration: may(wholeNumber),
        reservation: may(pattern(/^RESERVATION(_EXPIRES)?$/)),
      }),
    ),
  })(value, path);

const chargingPeriod: Rule = (value, path) =>
  object({
    start_date_time: must(dateTime),
    dimensions: must(
      list(
        object({ type: must(pattern(/^(ENERGY|TIME|PARKING_TIME|RESERVATION_TIME)$/)), volume: must(number(0)) }),
        1,
      ),
    ),
    tariff_id: may(ciString(36)),
  })(value, path);

const location: Rule = (value, path) =>
  object({
    id: must(ciString(36)),
    name: may(ciString(255)),
    address: must(ciString(45)),
    city: must(ciString(45)),
    postal_code: may(ciString(10)),
    country: must(pattern(/^[A-Z]{3}$/)),
    coordinates: must(
      object({
        latitude: must(pattern(/^-?[0-9]{1,2}\.[0-9]{5,7}$/)),
        longitude: must(pattern(/^-?[0-9]{1,3}\.[0-9]{5,7}$/)),
      }),
    ),
    evse_uid: must(ciString(36)),
    evse_id: must(ciString(48)),
    connector_id: must(ciString(36)),
    connector_standard: must(pattern(/^[A-Z0-9_]+$/)),
    connector_format: must(pattern(/^(SOCKET|CABLE)$/)),
    connector_power_type: must(pattern(/^(AC_1_PHASE|AC_2_PHASE|AC_2_PHASE_SPLIT|AC_3_PHASE|DC)$/)),
  })(value, path);

const signedData: Rule = (value, path) =>
  object({
    encoding_method: must(ciString(36)),
    encoding_method_version: may(wholeNumber),
    public_key: may(pattern(/^[0-9A-Za-z+/]+=*$/, 512)),
    signed_values: must(
      list(
        object({
          nature: must(pattern(/^(Start|End|Intermediate)$/)),
          plain_data: must(ciString(5000)),
          signed_data: must(pattern(/^[0-9A-Za-z+/]+=*$/, 5000)),
        }),
        1,
      ),
    ),
    url: may(ciString(512)),
  })(value, path);

const oldPrice: Rule = (value, path) => object({ excl_vat: must(number()), incl_vat: may(number()) })(value, path);

const newPrice: Rule = (value, path) =>
  object({
    before_taxes: must(number()),
    taxes: may(
      list(
        object({
          name: must(ciString(100)),
          account_number: may(ciString(100)),
          percentage: may(number(0)),
          amount: must(number()),
        }),
      ),
    ),
  })(value, path);

function checkCredit(cdr: JsonText): readonly string[] {
  const [credit, reference] = [memberOf(cdr, "credit"), memberOf(cdr, "credit_reference_id")];
  if ((credit === undefined) !== (reference === undefined)) return ["credit and credit_reference_id belong together"];
  const id = memberOf(cdr, "id");
  const isLong = credit === undefined && id?.kind === "text" && id.text.length > 36;
  return isLong ? ["the id of a CDR that is no credit has at most 36 characters"] : [];
}

function must(rule: Rule): Field {
  return { rule };
}

function may(rule: Rule): Field {
  return { rule, isOptional: true };
}

function object(fields: Readonly<Record<string, Field>>): Rule {
  return (value, path) => {
    if (value.kind !== "object") return [`${path} is no object`];
    const names = value.members.map(([name]) => name);
    return [
      ...names.filter((name) => !(name in fields)).map((name) => `${path}.${name} is no field of it`),
      ...names.filter((name, place) => names.indexOf(name) !== place).map((name) => `${path}.${name} stands twice`),
      ...Object.entries(fields).flatMap(([name, { rule, isOptional }]) => {
        const member = memberOf(value, name);
        if (member === undefined) return isOptional === true ? [] : [`${path}.${name} is missing`];
        return rule(member, `${path}.${name}`);
      }),
    ];
  };
}

function list(rule: Rule, least = 0): Rule {
  return (value, path) => {
    if (value.kind !== "list") return [`${path} is no list`];
    const few = value.items.length < least ? [`${path} has less than ${least}`] : [];
    return [...few, ...value.items.flatMap((item, place) => rule(item, `${path}[${place}]`))];
  };
}

function ciString(max: number): Rule {
  return (value, path) => {
    const isText = value.kind === "text" && value.text !== "" && /^[ -~]+$/.test(value.text);
    return isText && value.text.length <= max ? [] : [`${path} is no printable text of at most ${max} characters`];
  };
}

function pattern(form: RegExp, max = 255): Rule {
  return (value, path) =>
    value.kind === "text" && form.test(value.text) && value.text.length <= max
      ? []
      : [`${path} is not ${String(form)}`];
}

function digits(form: RegExp): Rule {
  return (value, path) =>
    value.kind === "number" && form.test(value.digits) ? [] : [`${path} is not ${String(form)}`];
}

/** At most four decimals (types, number). */
function number(least = Number.NEGATIVE_INFINITY): Rule {
  return (value, path) => {
    const isOne = value.kind === "number" && /^-?\d+(\.\d{1,4})?$/.test(value.digits);
    return isOne && Number(value.digits) >= least ? [] : [`${path} is no number of at most four decimals`];
  };
}

function boolean(value: JsonText, path: string): readonly string[] {
  return value.kind === "boolean" ? [] : [`${path} is neither true nor false`];
}

function dateTime(value: JsonText, path: string): readonly string[] {
  const form = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
  return value.kind === "text" && form.test(value.text) ? [] : [`${path} is no time in UTC`];
}
