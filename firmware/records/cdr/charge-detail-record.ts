/**
 * A charge as an OCPI charge detail record, 2.2.1 or 2.3.0 (mod_cdrs). A CDR is never changed: a later revision of the
 * same charge has an id of its own, and the one before is taken back by a credit CDR.
 */
import { toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { rfc3339 } from "../civil-time.ts";
import { decimalDigits, fractionDigits } from "../decimal-text.ts";
import { encodeBase64 } from "../base64.ts";
import { figuresOf, type ChargeRevision } from "../period/charge-revisions.ts";
import { encodeUtf8 } from "#core/wire/utf8.ts";
import { agreedCost, costKinds, totalCost, type CostForm } from "./cdr-costs.ts";
import { cdrTariffs } from "./cdr-tariff.ts";
import type { OcpiVersion } from "./cdr-version.ts";
import { chargePeriods, OCPI_DECIMALS, type ChargePeriod } from "./charge-periods.ts";
import type { Operator } from "./operator.ts";
import { number, writeJson, type JsonOut } from "./write-json.ts";

export interface CdrParts {
  readonly version: OcpiVersion;
  readonly operator: Operator;
  /** The station's own signed record of the charge; absent where this gateway has none. */
  readonly signed?: SignedRecord;
  /** The operator's tariff object, where it is known: in place of one made from the signed rules. */
  readonly tariff?: { readonly id: string; readonly json: JsonOut };
}

export interface SignedRecord {
  /** `OCMF|…|…` */
  readonly text: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly meterSerial: string;
}

/** The id of a CDR: at most 36 characters, so that a credit CDR can have two more. */
export function cdrId({ key, result }: Pick<ChargeRevision, "key" | "result">): string {
  return `${key.slice(0, ID_DIGITS)}-${result.revision}`;
}

/** The text of the CDR. */
export function chargeDetailRecord(revision: ChargeRevision, parts: CdrParts): string {
  return `${writeJson(cdrJson(revision, parts, undefined))}\n`;
}

/** Takes the CDR of a revision back: all of it again, and what was to be paid below zero. */
export function creditRecord(revision: ChargeRevision, parts: CdrParts): string {
  return `${writeJson(cdrJson(revision, parts, cdrId(revision)))}\n`;
}

const ID_DIGITS = 32;
const MILLI_WH_PER_KWH = 1_000_000n;
const MS_PER_HOUR = 3_600_000n;
const REMARK_MAX = 255;

function cdrJson(revision: ChargeRevision, parts: CdrParts, credited: string | undefined): JsonOut {
  const { charge, result, block, key } = revision;
  const { version, operator, signed, tariff } = parts;
  const { open } = charge;
  const { terms } = open;
  const { price, course, isAgreedAmount } = figuresOf(revision);
  const periods = chargePeriods(course, price, result.billedMilliWh);
  const { countryCode, partyId, taxName } = operator;
  const form: CostForm = { version, taxName, currencyDigits: terms.currencyDigits };
  const lastUpdated = rfc3339(block.sealedAt * 1000);
  const id = cdrId(revision);
  const made = cdrTariffs(terms, periods, { version, countryCode, partyId, idPrefix: key.slice(0, 24), lastUpdated });
  const kinds = isAgreedAmount ? undefined : costKinds(price, form);
  const sign = credited === undefined ? 1 : -1;
  const endMs = periods.at(-1)?.toMs ?? 0;
  const parkedMs = Math.max(0, course.endMs - course.chargingEndMs);
  return {
    country_code: countryCode,
    party_id: partyId,
    id: credited === undefined ? id : `${id}-C`,
    start_date_time: rfc3339(open.startedAt * 1000),
    end_date_time: rfc3339(open.startedAt * 1000 + endMs),
    session_id: key.slice(0, ID_DIGITS),
    cdr_token: tokenJson(revision, operator),
    auth_method: "WHITELIST",
    cdr_location: locationJson(operator),
    meter_id: signed === undefined || signed.meterSerial === "" ? undefined : signed.meterSerial.slice(0, 255),
    currency: terms.currency,
    tariffs: tariff === undefined ? made.tariffs : [tariff.json],
    charging_periods: periods.map((period) => periodJson(open.startedAt, period, tariff?.id ?? made.idOf(period))),
    signed_data: signed === undefined ? undefined : signedJson(signed),
    total_cost: isAgreedAmount ? agreedCost(price, result.amount, form, sign) : totalCost(price, form, sign),
    total_fixed_cost: kinds?.fixed,
    total_energy: number(fractionDigits(BigInt(result.billedMilliWh), MILLI_WH_PER_KWH, OCPI_DECIMALS)),
    total_energy_cost: kinds?.energy,
    total_time: number(hours(endMs)),
    total_time_cost: kinds?.time,
    total_parking_time: parkedMs === 0 ? undefined : number(hours(parkedMs)),
    total_parking_cost: kinds?.parking,
    total_reservation_cost: kinds?.reservation,
    remark: remarkOf(revision, isAgreedAmount).slice(0, REMARK_MAX),
    credit: credited === undefined ? undefined : true,
    credit_reference_id: credited,
    last_updated: lastUpdated,
  };
}

function hours(ms: number): string {
  return fractionDigits(BigInt(ms), MS_PER_HOUR, OCPI_DECIMALS);
}

/** The vehicle's own key is what it has proven itself with; who pays for it, the operator knows. */
function tokenJson({ charge }: ChargeRevision, { token }: Operator): JsonOut {
  const uid = toHex(charge.open.vehicle).slice(0, 36);
  return {
    country_code: token.countryCode,
    party_id: token.partyId,
    uid,
    type: "OTHER",
    contract_id: token.contractId ?? shortDeviceId(charge.open.vehicle),
  };
}

function locationJson({ location }: Operator): JsonOut {
  const { latitude, longitude, ...rest } = location;
  const { id, name, address, city, postal_code: postalCode, country, ...outlet } = rest;
  return {
    ...{ id, name, address, city, postal_code: postalCode, country },
    coordinates: { latitude, longitude },
    ...outlet,
  };
}

function periodJson(startedAt: number, period: ChargePeriod, tariffId: string | undefined): JsonOut {
  const { energy, time, parkingTime } = period;
  const dimensions = [
    ["ENERGY", energy],
    ["TIME", time],
    ["PARKING_TIME", parkingTime],
  ] as const;
  const used = dimensions.flatMap(([type, volume]) => (volume === undefined ? [] : [{ type, volume: number(volume) }]));
  return {
    start_date_time: rfc3339(startedAt * 1000 + period.fromMs),
    dimensions: used.length === 0 ? [{ type: "ENERGY", volume: number(decimalDigits(0n, OCPI_DECIMALS)) }] : used,
    tariff_id: tariffId,
  };
}

/** OCPI leaves open where a record with begin and end goes: whole in both fields, once as it is, once in base64. */
function signedJson({ text, publicKey }: SignedRecord): JsonOut {
  return {
    encoding_method: "OCMF",
    public_key: encodeBase64(publicKey),
    signed_values: [{ nature: "End", plain_data: text, signed_data: encodeBase64(encodeUtf8(text)) }],
  };
}

function remarkOf({ result, key, block }: ChargeRevision, isAgreedAmount: boolean): string {
  const contested = fractionDigits(BigInt(result.contestedMilliWh), MILLI_WH_PER_KWH, 3);
  return [
    `${result.state} by ${result.ending}, verdict ${result.verdict}, revision ${result.revision}`,
    ...(result.contestedMilliWh > 0 ? [`${contested} kWh contested and not billed`] : []),
    ...(isAgreedAmount ? ["amount as both sides have agreed"] : []),
    `charge ${key} in block ${block.serial}`,
  ].join("; ");
}
