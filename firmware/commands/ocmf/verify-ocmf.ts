/**
 * `verify` on signed meter values, in whatever file they are. Exit 0 when every record is signed by its key as it
 * stands and every whole transaction may be billed by; 1 when not.
 */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fail, ok, type Result } from "#base/result.ts";
import { kwhDigits } from "#records/ocmf/energy-digits.ts";
import type { OcmfRecord } from "#records/ocmf/read-record.ts";
import { plainText } from "#records/plain-text.ts";
import { ocmfRuleText } from "#records/ocmf/ocmf-rule-text.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { cdrFault } from "./cdr-records.ts";
import { findRecords, type FoundFault } from "./find-records.ts";
import { judgeOcmf, type JudgedRecord, type JudgedTransaction, type OcmfJudgement } from "./judge-ocmf.ts";
import { keyCandidates } from "./key-text.ts";

/** Whether the beginning of a file is one that this command reads; an HTML page is none. */
export function looksLikeOcmf(beginning: Uint8Array): boolean {
  const text = new TextDecoder().decode(beginning);
  if (/^\s*\{/.test(text)) return text.includes('"signed_data"');
  return /^\ufeff?\s*(?:OCMF\||<\?xml|<!--|<(?:\w+:)?values?[\s>])/.test(text);
}

export async function runVerifyOcmf(given: CommandArguments, io: CommandIo, bytes: Uint8Array): Promise<number> {
  const [path = ""] = given.words;
  const judged = judgeFile(bytes, await givenKey(given, io));
  if (given.flag("json")) io.out(JSON.stringify(judged.ok ? dataOf(judged.value) : faultData(judged.fault)));
  else for (const line of judged.ok ? textOf(path, judged.value) : faultLines(path, judged.fault)) io.out(line);
  return judged.ok && doesHold(judged.value) ? EXIT.ok : EXIT.verificationFailed;
}

function judgeFile(bytes: Uint8Array, key: string | undefined): Result<OcmfJudgement, FoundFault> {
  const found = findRecords(bytes);
  if (!found.ok) return found;
  const { records, cdrKwh } = found.value;
  const judgement = judgeOcmf(records, key);
  const fault = cdrKwh === undefined || !doesHold(judgement) ? undefined : cdrFault(cdrKwh, judgement);
  return fault === undefined ? ok(judgement) : fail(fault);
}

/** A file of keys, or the key itself. */
async function givenKey(given: CommandArguments, io: CommandIo): Promise<string | undefined> {
  const key = given.text("key");
  if (key === undefined) return undefined;
  const path = resolve(io.cwd, key);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const text = isFile ? await keyFile(path) : key;
  if (keyCandidates(text).some((bytes) => bytes.length >= KEY_BYTES_MIN)) return text;
  throw new CommandError(EXIT.usage, `--key: found ${plainText(key, 60)}, expected a file or digits of a public key`);
}

/** A point of 192 bits in its short form. */
const KEY_BYTES_MIN = 25;

/** PEM and text as they are; a file of DER as digits. */
async function keyFile(path: string): Promise<string> {
  const bytes = await readFile(path);
  const isText = bytes.every(
    (byte) => byte < 0x80 && (byte >= 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09),
  );
  return isText ? bytes.toString("latin1") : bytes.toString("hex");
}

function doesHold({ records, transactions }: OcmfJudgement): boolean {
  return records.every(({ fault }) => fault === undefined) && transactions.every(({ broken }) => broken.length === 0);
}

function textOf(path: string, judgement: OcmfJudgement): readonly string[] {
  const { records, transactions } = judgement;
  const bad = records.filter(({ fault }) => fault !== undefined).length;
  const broken = transactions.filter((each) => each.broken.length > 0).length;
  const head =
    bad > 0
      ? `verification FAILED: ${bad} of ${records.length} records do not hold`
      : broken > 0
        ? "every signature holds, but NOT TRUSTWORTHY: rules of billing are broken"
        : `every signature holds: ${records.length} signed ${records.length === 1 ? "record" : "records"}`;
  return [
    `${path}: ${head}.`,
    ...records.map(recordLine),
    ...transactions.flatMap((each) => transactionLines(each, records)),
    ...(records.some(({ keyFrom }) => keyFrom === "file") ? [KEY_FROM_FILE] : []),
    ONLY_RECORDS,
  ];
}

/** What its key has not signed is not told as an amount. */
function transactionLines(
  { transaction, places, broken }: JudgedTransaction,
  records: readonly JudgedRecord[],
): readonly string[] {
  const isSigned = places.every((place) => records[place]?.fault === undefined);
  const energy = isSigned ? transaction?.picoWh : undefined;
  return [
    ...(energy === undefined ? [] : [`  energy ${placesText(places)}: ${kwhDigits(energy)}`]),
    ...broken.map(({ rule, found }) => `  ${placesText(places)}: ${rule}: ${ocmfRuleText(rule)} (${plainText(found)})`),
  ];
}

const KEY_FROM_FILE =
  "  The key came with the record: compare it with the one on the meter, or give that one with --key.";

/** A CDR with another price, or a container with another name of the transaction, has the same signatures. */
const ONLY_RECORDS =
  "  Only these records are signed: prices, names and all else in the file are the word of whoever wrote it.";

function recordLine(judged: JudgedRecord, place: number): string {
  const { record, fault } = judged;
  const verdict =
    fault === undefined ? `holds (${plainText(record.signature.algorithm)})` : `${fault}: ${ocmfRuleText(fault)}`;
  const oddities = record.oddities.map((oddity) => `; ${oddity}: ${ocmfRuleText(oddity)}`).join("");
  return `  record ${place + 1} (${aboutRecord(record)}): ${verdict}${oddities}`;
}

function aboutRecord({ texts, readings }: OcmfRecord): string {
  const serial = texts.get("MS") ?? texts.get("GS") ?? "";
  const parts = [
    texts.get("PG") ?? "no page",
    serial === "" ? "no serial number" : `meter ${serial}`,
    readings.map(({ reason, digits, unit }) => `${reason} ${digits ?? "-"} ${unit}`.trim()).join(", "),
  ];
  return plainText(parts.join(", "), 160);
}

function placesText(places: readonly number[]): string {
  return `${places.length === 1 ? "record" : "records"} ${places.map((place) => place + 1).join(" and ")}`;
}

function dataOf(judgement: OcmfJudgement): Readonly<Record<string, unknown>> {
  const records = judgement.records.map(({ record, fault, keyFrom, transactionId }, place) => ({
    record: place + 1,
    verified: fault === undefined,
    ...(fault === undefined ? {} : { rule: fault, words: ocmfRuleText(fault) }),
    algorithm: record.signature.algorithm,
    keyFrom,
    transactionId,
    fields: Object.fromEntries(record.texts),
    readings: record.readings,
    oddities: record.oddities,
  }));
  const transactions = judgement.transactions.map(({ places, transaction, broken }) => ({
    records: places.map((place) => place + 1),
    isWhole: transaction !== undefined,
    ...(transaction?.picoWh === undefined ? {} : { energy: kwhDigits(transaction.picoWh) }),
    broken: broken.map((rule) => ({ ...rule, words: ocmfRuleText(rule.rule) })),
  }));
  return { ok: doesHold(judgement), kind: "ocmf", proves: "records only", records, transactions };
}

function faultData(fault: FoundFault): Readonly<Record<string, unknown>> {
  return { ok: false, kind: "ocmf", problems: [{ ...fault, words: ocmfRuleText(fault.rule) }] };
}

function faultLines(path: string, { rule, details }: FoundFault): readonly string[] {
  return [`${path}: verification FAILED`, `  ${rule}: ${ocmfRuleText(rule)} (${plainText(details)})`];
}
