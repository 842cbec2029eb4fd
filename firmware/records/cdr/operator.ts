/**
 * What an operator has to say for a CDR that no meter and no ledger knows: who he is, where the outlet stands, of what
 * kind it is. From a file that he writes once.
 */
import { fail, ok, type Result } from "#base/result.ts";

export interface Operator {
  readonly countryCode: string;
  readonly partyId: string;
  readonly taxName: string;
  readonly location: Readonly<Record<LocationField, string>>;
  /** Of the e-mobility provider, where there is one. */
  readonly token: { readonly countryCode: string; readonly partyId: string; readonly contractId: string | undefined };
}

type LocationField = (typeof LOCATION_FIELDS)[number]["name"];

export interface OperatorFault {
  /** Such as `location.city`. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

interface FieldRule {
  readonly name: string;
  /** Longest, in characters (OCPI, mod_cdrs and mod_locations). */
  readonly max: number;
  readonly pattern?: RegExp;
  readonly expected?: string;
  readonly isOptional?: true;
}

const LOCATION_FIELDS = [
  { name: "id", max: 36 },
  { name: "name", max: 255, isOptional: true },
  { name: "address", max: 45 },
  { name: "city", max: 45 },
  { name: "postal_code", max: 10, isOptional: true },
  { name: "country", max: 3, pattern: /^[A-Z]{3}$/, expected: "three capital letters (ISO 3166-1 alpha-3)" },
  { name: "latitude", max: 10, pattern: /^-?[0-9]{1,2}\.[0-9]{5,7}$/, expected: "a text such as 51.047599" },
  { name: "longitude", max: 11, pattern: /^-?[0-9]{1,3}\.[0-9]{5,7}$/, expected: "a text such as 3.729944" },
  { name: "evse_uid", max: 36 },
  { name: "evse_id", max: 48 },
  { name: "connector_id", max: 36 },
  { name: "connector_standard", max: 40, pattern: /^[A-Z0-9_]+$/, expected: "a word such as IEC_62196_T2" },
  { name: "connector_format", max: 10, pattern: /^(?:SOCKET|CABLE)$/, expected: "SOCKET or CABLE" },
  {
    name: "connector_power_type",
    max: 20,
    pattern: /^(?:AC_1_PHASE|AC_2_PHASE|AC_2_PHASE_SPLIT|AC_3_PHASE|DC)$/,
    expected: "AC_1_PHASE, AC_2_PHASE, AC_2_PHASE_SPLIT, AC_3_PHASE or DC",
  },
] as const satisfies readonly FieldRule[];

const COUNTRY: FieldRule = { name: "country_code", max: 2, pattern: /^[A-Z]{2}$/, expected: "two capital letters" };
const PARTY: FieldRule = {
  name: "party_id",
  max: 3,
  pattern: /^[A-Z0-9]{3}$/,
  expected: "three capital letters or digits",
};
const OWN: readonly FieldRule[] = [COUNTRY, PARTY, { name: "tax_name", max: 100, isOptional: true }];
const TOKEN: readonly FieldRule[] = [
  { ...COUNTRY, isOptional: true },
  { ...PARTY, isOptional: true },
  { name: "contract_id", max: 36, isOptional: true },
];

/** All that is wrong with it at once. */
export function readOperator(table: unknown): Result<Operator, readonly OperatorFault[]> {
  const faults: OperatorFault[] = [];
  if (!isTable(table)) return fail([{ path: "", found: kindOf(table), expected: "a table" }]);
  const own = readFields(table, { path: "", rules: OWN, tables: ["location", "token"] }, faults);
  const location = readFields(
    tableAt(table, "location", faults),
    { path: "location.", rules: LOCATION_FIELDS },
    faults,
  );
  const token =
    "token" in table ? readFields(tableAt(table, "token", faults), { path: "token.", rules: TOKEN }, faults) : {};
  if (faults.length > 0) return fail(faults);
  const countryCode = own["country_code"] ?? "";
  const partyId = own["party_id"] ?? "";
  return ok({
    ...{ countryCode, partyId, taxName: own["tax_name"] ?? "VAT" },
    location: location,
    token: {
      countryCode: token["country_code"] ?? countryCode,
      partyId: token["party_id"] ?? partyId,
      contractId: token["contract_id"],
    },
  });
}

interface FieldsOf {
  readonly path: string;
  readonly rules: readonly FieldRule[];
  readonly tables?: readonly string[];
}

function readFields(
  table: Readonly<Record<string, unknown>>,
  { path, rules, tables = [] }: FieldsOf,
  faults: OperatorFault[],
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(table)) {
    if (rules.some((rule) => rule.name === name) || tables.includes(name)) continue;
    const known = [...rules.map((rule) => rule.name), ...tables].join(", ");
    faults.push({ path: `${path}${name}`, found: "this name", expected: `one of ${known}` });
  }
  for (const { name, max, pattern, expected = `a text of at most ${max} characters`, isOptional } of rules) {
    const value = Object.hasOwn(table, name) ? table[name] : undefined;
    if (value === undefined && isOptional === true) continue;
    const isText = typeof value === "string" && value.length > 0 && value.length <= max && SHOWABLE.test(value);
    if (isText && pattern?.test(value) !== false) values[name] = value;
    else faults.push({ path: `${path}${name}`, found: value === undefined ? "nothing" : shownOf(value), expected });
  }
  return values;
}

function tableAt(
  table: Readonly<Record<string, unknown>>,
  name: string,
  faults: OperatorFault[],
): Readonly<Record<string, unknown>> {
  const value = table[name];
  if (isTable(value)) return value;
  faults.push({ path: name, found: kindOf(value), expected: "a table" });
  return {};
}

/** No controls: these texts are shown by programs of others. */
const SHOWABLE = /^[^\p{C}]*$/u;

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  return value === undefined ? "nothing" : Array.isArray(value) ? "a list" : shownOf(value);
}

function shownOf(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : typeof value;
}
