/**
 * Charges as a table: one row a charge, its newest revision, for spreadsheets and for paying a driver back what he
 * charged at home. Numbers are numbers, times are ISO 8601 in UTC and on the clock of the place.
 */
import { shortDeviceId } from "#core/identity/device-id.ts";
import { civilOfUnixMs, clockText, dateText } from "../civil-time.ts";
import type { LocalTime } from "../catalogue/local-time.ts";
import { agreedTax, percentDigits } from "../cdr/cdr-costs.ts";
import { decimalDigits } from "../decimal-text.ts";
import { endedAtMs, figuresOf, type ChargeRevision } from "../period/charge-revisions.ts";
import { tariffText } from "../tariff-text.ts";
import { writeCsv, type CsvField, type CsvForm } from "./write-csv.ts";

export interface TableForm extends CsvForm {
  /** The clock of the place; undefined writes UTC in both. */
  readonly localTime: LocalTime | undefined;
}

export function chargeTable(revisions: readonly ChargeRevision[], form: TableForm): string {
  const rows = revisions.map((revision) => ({ revision, taxes: taxesOf(revision) }));
  const rates = [...new Set(rows.flatMap(({ taxes }) => [...taxes.keys()]))].sort((left, right) => left - right);
  const head = [...HEAD, ...rates.map(taxName), "to_pay"];
  return writeCsv([head, ...rows.map(({ revision, taxes }) => rowOf(revision, { taxes, rates, form }))], form);
}

const HEAD = [
  "charge",
  "revision",
  "started_utc",
  "ended_utc",
  "started_local",
  "ended_local",
  "station",
  "outlet",
  "vehicle",
  "station_kwh",
  "vehicle_kwh",
  "billed_kwh",
  "contested_kwh",
  "state",
  "ending",
  "verdict",
  "difference_percent",
  "block",
  "confirmation",
  "tariff",
  "currency",
  "before_tax",
];

/** Of what the least or most price adds, which has no rate. */
const NO_RATE = -1;

function taxName(taxPpm: number): string {
  return taxPpm === NO_RATE ? "tax_other" : `tax_${percentDigits(taxPpm)}%`;
}

interface RowParts {
  readonly taxes: ReadonlyMap<number, number>;
  readonly rates: readonly number[];
  readonly form: TableForm;
}

function rowOf(revision: ChargeRevision, { taxes, rates, form }: RowParts): readonly CsvField[] {
  const { charge, result, key, block, level } = revision;
  const { open } = charge;
  const { currency, currencyDigits } = open.terms;
  const startedMs = open.startedAt * 1000;
  const endedMs = endedAtMs(revision);
  const money = (minorUnits: number): CsvField => ({ digits: decimalDigits(BigInt(minorUnits), currencyDigits) });
  const tax = [...taxes.values()].reduce((sum, each) => sum + each, 0);
  const hasVerdict = result.verdict !== "NONE";
  return [
    key,
    { digits: result.revision.toString() },
    ...[startedMs, endedMs].map((atMs) => timeText(atMs, undefined)),
    ...[startedMs, endedMs].map((atMs) => timeText(atMs, form.localTime)),
    shortDeviceId(open.station),
    { digits: open.evse.toString() },
    shortDeviceId(open.vehicle),
    ...[result.stationMilliWh, result.vehicleMilliWh, result.billedMilliWh, result.contestedMilliWh].map(kwh),
    ...[result.state, result.ending, result.verdict],
    hasVerdict ? { digits: decimalDigits(BigInt(result.differencePpm), 4) } : undefined,
    { digits: block.serial.toString() },
    level,
    tariffText(open.terms),
    currency,
    money(result.amount - tax),
    ...rates.map((rate) => (taxes.has(rate) ? money(taxes.get(rate) ?? 0) : undefined)),
    money(result.amount),
  ];
}

/** Minor units by rate. Of an amount that both have agreed on it is the tariff's share, by no rate. */
function taxesOf(revision: ChargeRevision): ReadonlyMap<number, number> {
  const { price, isAgreedAmount } = figuresOf(revision);
  const taxes = new Map<number, number>();
  if (isAgreedAmount) {
    const share = agreedTax(price, revision.result.amount);
    if (share !== 0) taxes.set(NO_RATE, share);
    return taxes;
  }
  for (const { taxPpm, taxMinorUnits } of price.taxes) {
    const rate = taxPpm ?? NO_RATE;
    if (rate !== 0 && (rate !== NO_RATE || taxMinorUnits !== 0))
      taxes.set(rate, (taxes.get(rate) ?? 0) + taxMinorUnits);
  }
  return taxes;
}

function kwh(milliWh: number): CsvField {
  return { digits: decimalDigits(BigInt(milliWh), 6) };
}

/** `2026-11-22 12:03:04`: as every spreadsheet reads a time. */
function timeText(unixMs: number, localTime: TableForm["localTime"]): string {
  const ahead = localTime?.offsetSecondsAt(Math.floor(unixMs / 1000)) ?? 0;
  const { date, clock } = civilOfUnixMs(unixMs + ahead * 1000);
  return `${dateText(date)} ${clockText(clock)}`;
}
