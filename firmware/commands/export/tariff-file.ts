/** The operator's own tariff object, to stand in a CDR as he wrote it, where it is the one that was signed. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Terms } from "#core/contract/terms.ts";
import type { OcpiVersion } from "#records/cdr/cdr-version.ts";
import { number, type JsonOut } from "#records/cdr/write-json.ts";
import { readJson, type JsonText } from "#records/ocmf/json-text.ts";
import type { OcpiTariff } from "#tariffs/ocpi-tariff.ts";
import { readOcpiTariff } from "#tariffs/read-ocpi-tariff.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export interface CdrTariffFile {
  readonly id: string;
  /** With the digits that the file has. */
  readonly json: JsonOut;
  readonly tariff: OcpiTariff;
}

/** Rejects with a CommandError when it is no tariff of this version. */
export async function readCdrTariff(
  path: string | undefined,
  cwd: string,
  version: OcpiVersion,
): Promise<CdrTariffFile | undefined> {
  if (path === undefined) return undefined;
  const file = await readFile(resolve(cwd, path), "utf8").catch((cause: unknown) => {
    throw new CommandError(EXIT.badData, `--tariff: ${path} cannot be read`, cause);
  });
  const text = file.replace(/^\ufeff/, "");
  if (text.length > TEXT_MAX) {
    throw new CommandError(EXIT.badData, `--tariff: ${path}: ${text.length} characters are no tariff`);
  }
  const read = readJson(text);
  if (!read.ok) throw new CommandError(EXIT.badData, `--tariff: ${path}: ${read.fault.reason} at ${read.fault.offset}`);
  const tariff = readOcpiTariff(JSON.parse(text), version);
  if (!tariff.ok) {
    const { path: place, reason } = tariff.fault;
    throw new CommandError(
      EXIT.badData,
      `--tariff: ${path}: no tariff of OCPI ${version}: ${`${place} ${reason}`.trim()}`,
    );
  }
  return { id: tariff.value.id, json: jsonOut(read.value.value), tariff: tariff.value };
}

/**
 * Whether the signed rules can come from this tariff: the same currency, and each price with its tax is one of it. The
 * times, which the signed rules have in UTC, are not compared.
 */
export function isSignedTariff({ tariff }: CdrTariffFile, { currency, tariff: signed }: Terms): boolean {
  const components = tariff.elements.flatMap((element) => element.components);
  return (
    tariff.currency === currency &&
    tariff.taxIncluded === signed.taxIncluded &&
    signed.rules.every(({ dimension, microPrice, taxPpm }) =>
      components.some((each) => each.type === dimension && each.microPrice === microPrice && each.taxPpm === taxPpm),
    )
  );
}

const TEXT_MAX = 256 * 1024;

function jsonOut(value: JsonText): JsonOut {
  switch (value.kind) {
    case "null":
      return [];
    case "boolean":
      return value.value;
    case "number":
      return number(value.digits);
    case "text":
      return value.text;
    case "list":
      return value.items.map(jsonOut);
    case "object":
      return Object.fromEntries(
        value.members.filter(([, member]) => member.kind !== "null").map(([name, member]) => [name, jsonOut(member)]),
      );
  }
}
