/** The options of an export, read and checked before anything is done. */
import { resolve } from "node:path";
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import type { Language } from "#records/catalogue/catalogue.ts";
import { LANGUAGES } from "#records/catalogue/languages.ts";
import { OCPI_VERSIONS } from "#records/cdr/cdr-version.ts";
import { readOperator } from "#records/cdr/operator.ts";
import { SEALED_LEVELS, type SealedLevel } from "#records/sealed-finality.ts";
import { plainText } from "#records/plain-text.ts";
import { readTableFile } from "../../read-table-file.ts";
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { CHARGE_FORMATS, type OcpiSettings } from "./formats.ts";
import { looksLikeTime, noTime, readPeriod, type Period } from "./period.ts";
import { readCdrTariff } from "./tariff-file.ts";

export interface ExportSettings {
  readonly format: string;
  /** Beginning of an address; undefined takes all of a period. */
  readonly which: string | undefined;
  readonly period: Period | undefined;
  readonly timeZone: TimeZone | undefined;
  readonly language: Language;
  readonly ocpi: OcpiSettings | undefined;
  /** What is less confirmed is left out; undefined takes what suits the format. */
  readonly level: SealedLevel | undefined;
  /** Path of the gateway or chain. */
  readonly source: string;
}

export const EXPORT_FORMATS: readonly string[] = [...Object.keys(CHARGE_FORMATS), "csv", "chain"];

export async function readSettings(given: CommandArguments, io: CommandIo): Promise<ExportSettings> {
  const { format, which } = wantedOf(given);
  const from = given.text("from");
  const isTime = from !== undefined && looksLikeTime(from);
  const named = given.text("source");
  if (from !== undefined && !isTime && named !== undefined) throw noTime("from", from);
  const timeZone = timeZoneOf(given);
  const period = readPeriod(isTime ? from : undefined, given.text("to"), timeZone);
  if (which !== undefined && period !== undefined) {
    throw new CommandError(EXIT.usage, "either one charge by its address, or the charges of a period");
  }
  if (format === "chain" && (which !== undefined || period !== undefined)) {
    throw new CommandError(EXIT.usage, "export chain takes no more words, and no period: a chain is whole");
  }
  const language = given.oneOf("language", LANGUAGES) ?? "en";
  const source = named ?? (isTime ? undefined : from) ?? ".";
  const level = given.oneOf("level", SEALED_LEVELS);
  return { format, which, period, timeZone, language, source, level, ocpi: await ocpiOf(given, io, format) };
}

/** `export pdf ADDRESS`, `export pdf --from DAY`: a format, and perhaps a charge. */
function wantedOf(given: CommandArguments): { readonly format: string; readonly which: string | undefined } {
  const [format = "", which] = given.words;
  if (EXPORT_FORMATS.includes(format)) return { format, which };
  throw new CommandError(EXIT.usage, `export what? ${notAmong(plainText(format), EXPORT_FORMATS)}`);
}

function timeZoneOf(given: CommandArguments): TimeZone | undefined {
  const name = given.text("time-zone");
  if (name === undefined) return undefined;
  const zone = openTimeZone(name);
  if (zone.ok) return zone.value;
  throw new CommandError(EXIT.usage, `--time-zone: found "${plainText(name)}", expected a name such as Europe/Berlin`);
}

async function ocpiOf(given: CommandArguments, io: CommandIo, format: string): Promise<OcpiSettings | undefined> {
  const version = given.oneOf("ocpi", OCPI_VERSIONS) ?? "2.2.1";
  if (format !== "ocpi") return undefined;
  const file = given.text("operator");
  if (file === undefined) {
    const why = "the operator, his location and his outlet, which no ledger knows";
    throw new CommandError(EXIT.usage, `--operator is missing: a TOML or JSON file with ${why}`);
  }
  const table = await readTableFile(resolve(io.cwd, file));
  if (!table.ok) {
    throw new CommandError(
      EXIT.badData,
      `--operator: ${file}: found ${table.fault.found}, expected ${table.fault.expected}`,
    );
  }
  const operator = readOperator(table.value);
  if (!operator.ok) {
    const faults = operator.fault.map(
      ({ path, found, expected }) => `${path || "file"}: found ${found}, expected ${expected}`,
    );
    throw new CommandError(EXIT.badData, `--operator: ${file}: ${faults.join("; ")}`);
  }
  return { version, operator: operator.value, tariff: await readCdrTariff(given.text("tariff"), io.cwd, version) };
}
