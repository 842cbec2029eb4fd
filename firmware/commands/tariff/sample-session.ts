/** A session that nobody has had, priced by a tariff line by line: so that its owner sees what it asks. */
import type { Result } from "#base/result.ts";
import { priceSession, type Course, type Price } from "#core/tariff/price-session.ts";
import type { TariffTerms } from "#firmware/tariff-source.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { CATALOGUES } from "#records/catalogue/languages.ts";
import { priceContent } from "#records/price-content.ts";
import { compileTariff } from "#tariffs/compile-tariff.ts";
import type { OcpiFault, OcpiTariff } from "#tariffs/ocpi-tariff.ts";

export interface Sample {
  /** Unix seconds. */
  readonly startedAt: number;
  readonly powerW: number;
  readonly milliWh: number;
  readonly stayMs: number;
}

export interface CompileChoices {
  readonly zone: TimeZone;
  readonly voltageV: number | undefined;
}

export interface PricedSample {
  readonly terms: TariffTerms;
  readonly course: Course;
  readonly price: Price;
}

/** So long a charge may last. */
const SESSION_SECONDS_MAX = 7 * 86_400;

/** How long a session is, in seconds, with the time that the car stands on. */
export function lengthOf({ powerW, milliWh, stayMs }: Sample): number {
  return Math.ceil((chargingMs({ powerW, milliWh }) + stayMs) / 1000);
}

export function priceSample(
  ocpi: OcpiTariff,
  sample: Sample,
  choices: CompileChoices,
): Result<PricedSample, OcpiFault> {
  const { currency, currencyDigits } = ocpi;
  const { startedAt: from } = sample;
  const until = from + Math.min(SESSION_SECONDS_MAX, lengthOf(sample) + 1);
  const { zone: timeZone, voltageV } = choices;
  const voltage = voltageV === undefined ? {} : { voltageV };
  const tariff = compileTariff(ocpi, { from, until, timeZone, currencyDigits, ...voltage });
  if (!tariff.ok) return tariff;
  const terms = { currency, currencyDigits, tariff: tariff.value };
  const course = courseOf(sample);
  return { ok: true, value: { terms, course, price: priceSession(terms, course) } };
}

/** As a receipt shows it, in columns. */
export function sampleLines({ terms, course, price }: PricedSample, zone: TimeZone): readonly string[] {
  const { rows, sums, note } = priceContent({
    view: { charge: { open: { startedAt: course.startedAt, terms } } },
    figures: { price, ending: undefined, amount: price.minorUnits },
    texts: CATALOGUES.en,
    localTime: zone,
  });
  const cells = rows.map(({ what, when, quantity, price: each, amount }) => [what, when, quantity, each, amount]);
  const all = [...cells, ...sums.map(({ label, amount }) => [label, "", "", "", amount])];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 4 ? cell.padStart(widths[4] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ");
  return [...all.map(line), ...(note === undefined ? [] : [note])];
}

const READING_MS = 60_000;

/** At even power, read each minute. */
function courseOf({ startedAt, powerW, milliWh, stayMs }: Sample): Course {
  const chargingEndMs = chargingMs({ powerW, milliWh });
  const count = Math.ceil(chargingEndMs / READING_MS);
  const points = Array.from({ length: count + 1 }, (_, index) => {
    const atMs = Math.min(chargingEndMs, index * READING_MS);
    return { atMs, milliWh: index === count ? milliWh : Math.floor((powerW * atMs) / 3600) };
  });
  return { startedAt, points, chargingEndMs, endMs: chargingEndMs + stayMs };
}

/** W x ms / 3600 are mWh. */
function chargingMs({ powerW, milliWh }: Pick<Sample, "powerW" | "milliWh">): number {
  return Math.round((milliWh * 3600) / powerW);
}
