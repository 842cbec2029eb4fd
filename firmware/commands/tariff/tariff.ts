/** `tariff check | explain`: what is wrong with an OCPI tariff, what it says, and what a session would cost by it. */
import { resolve } from "node:path";
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { paysForStanding } from "#core/session/idle.ts";
import { faultText, readTariffFile } from "#firmware/tariff-source.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { rfc3339 } from "#records/civil-time.ts";
import { kwhText } from "#records/quantity-text.ts";
import type { OcpiTariff } from "#tariffs/ocpi-tariff.ts";
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { problemsByDay } from "./check-days.ts";
import { instantOf, localTimeText, readLocalTime } from "./local-time.ts";
import { priceSample, sampleLines, type CompileChoices, type PricedSample, type Sample } from "./sample-session.ts";
import { lengthWords, tariffWords } from "./tariff-words.ts";

/** Exit 0 for a tariff that can be offered, 65 for one that cannot. */
export async function runTariff(given: CommandArguments, io: CommandIo): Promise<number> {
  const [action = "", file] = given.words;
  const known = ["check", "explain"];
  if (!known.includes(action)) throw new CommandError(EXIT.usage, `tariff what? ${notAmong(action, known)}`);
  if (file === undefined)
    throw new CommandError(EXIT.usage, `${action} which tariff? tallystick tariff ${action} FILE`);
  const choices = readChoices(given);
  const sample = readSample(given, choices.zone);
  const read = await readTariffFile(resolve(io.cwd, file));
  if (!read.ok) return report(given, io, [read.fault.detail]);
  const problems = problemsByDay(read.value, sample.startedAt, choices).map(
    (problem) => `${file}: ${faultText(problem)}${problem.from === undefined ? "" : ` (from ${problem.from} on)`}`,
  );
  if (action === "check" || problems.length > 0) return report(given, io, problems, read.value);
  const priced = priceSample(read.value, sample, choices);
  if (!priced.ok) return report(given, io, [`${file}: at the time of the sample, ${faultText(priced.fault)}`]);
  if (given.flag("json")) io.out(JSON.stringify(dataOf(read.value, priced.value), bigintAsText));
  else for (const line of explanation(read.value, { sample, priced: priced.value, zone: choices.zone })) io.out(line);
  return EXIT.ok;
}

const DEFAULT_ZONE = "Europe/Amsterdam";

function readChoices(given: CommandArguments): CompileChoices {
  const name = given.text("time-zone") ?? DEFAULT_ZONE;
  const zone = openTimeZone(name);
  if (!zone.ok) {
    throw new CommandError(EXIT.usage, `--time-zone: found "${name}", expected a name such as ${DEFAULT_ZONE}`);
  }
  return { zone: zone.value, voltageV: given.wholeNumber("voltage", 90, 500) };
}

function readSample(given: CommandArguments, zone: TimeZone): Sample {
  const now = Math.floor(new SystemClock().wallMs() / 1000);
  const at = given.text("at");
  const local = at === undefined ? undefined : readLocalTime(at);
  if (at !== undefined && local === undefined) {
    throw new CommandError(EXIT.usage, `--at: found "${at}", expected a local time such as 21:55 or 2026-03-28T21:55`);
  }
  return {
    startedAt: local === undefined ? now : instantOf(local, zone, now),
    powerW: scaled(given, "power", { default: 11, scale: 1000, min: 1, max: 400_000 }),
    milliWh: scaled(given, "energy", { default: 20, scale: 1_000_000, min: 0, max: 1_000_000_000 }),
    stayMs: scaled(given, "stay", { default: 30, scale: 60_000, min: 0, max: 4 * 86_400_000 }),
  };
}

/** A decimal of the option's unit as a whole number of a smaller one. */
function scaled(
  given: CommandArguments,
  name: string,
  range: { readonly default: number; readonly scale: number; readonly min: number; readonly max: number },
): number {
  const text = given.text(name);
  if (text === undefined) return range.default * range.scale;
  const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * range.scale) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  const [min, max] = [range.min / range.scale, range.max / range.scale];
  throw new CommandError(EXIT.usage, `--${name}: found "${text}", expected a number from ${min} to ${max}`);
}

function report(given: CommandArguments, io: CommandIo, problems: readonly string[], ocpi?: OcpiTariff): number {
  if (given.flag("json")) io.out(JSON.stringify({ ok: problems.length === 0, id: ocpi?.id, problems }));
  else if (problems.length > 0) for (const problem of problems) io.err(problem);
  else io.out(`Tariff "${ocpi?.id ?? ""}" can be offered${validityText(ocpi)}.`);
  return problems.length === 0 ? EXIT.ok : EXIT.badData;
}

function validityText({ validFrom, validTo }: Partial<OcpiTariff> = {}): string {
  const from = validFrom === undefined ? "" : ` from ${rfc3339(validFrom * 1000)}`;
  return `${from}${validTo === undefined ? "" : ` until ${rfc3339(validTo * 1000)}`}`;
}

function explanation(
  ocpi: OcpiTariff,
  { sample, priced, zone }: { readonly sample: Sample; readonly priced: PricedSample; readonly zone: TimeZone },
): readonly string[] {
  const { roundingMode, roundingPer } = priced.terms.tariff;
  const of = roundingPer === "total" ? "The total is rounded" : "What each price comes to is rounded";
  const ties = roundingMode === "half-even" ? "to the even neighbour" : "away from zero";
  const { startedAt, milliWh, powerW, stayMs } = sample;
  const day = rfc3339((startedAt + zone.offsetSecondsAt(startedAt)) * 1000).slice(0, 10);
  const start = `${day} ${localTimeText(startedAt, zone)}`;
  const stay = stayMs === 0 ? "" : `, then ${lengthWords(stayMs / 1000)} of standing on`;
  return [
    ...tariffWords(ocpi, zone.name),
    `${of} once to ${ocpi.currencyDigits} digits, halves ${ties}.`,
    ...(paysForStanding(priced.terms) ? [STANDING] : []),
    "",
    `A sample: ${kwhText(milliWh)} at ${powerW / 1000} kW from ${start} (${zone.name})${stay}:`,
    ...sampleLines(priced, zone).map((line) => `  ${line}`),
  ];
}

const STANDING =
  "A car that has enough stays in its charge, at this price, until the plug is pulled or either side ends the charge.";

function dataOf(ocpi: OcpiTariff, { terms, course, price }: PricedSample): unknown {
  return { ok: true, id: ocpi.id, ...terms, sample: { startedAt: course.startedAt, ...price } };
}

/** Exact amounts are in 1/36,000,000,000,000,000,000 of the currency unit: no number of JSON holds them. */
function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
