/**
 * OCMF records as texts of anybody's making: `OCMF|{payload}|{signature}`, behind it sometimes `|key` and the next
 * record. What is signed is the payload section, byte for byte, so it is cut out and never written anew.
 *
 * No section may hold a `|` (readers that split at each would read another record), but some meters' texts do. The
 * sections end where their JSON ends; a `|` within is allowed and told.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { memberOf, readJson, repeatedNames, type JsonText } from "./json-text.ts";
import { readReadings, type OcmfReading } from "./reading.ts";

export interface OcmfRecord {
  /** From `OCMF|` to the end of the signature section. */
  readonly text: string;
  /** What is signed: its UTF-8 is the message. */
  readonly payload: string;
  readonly signature: OcmfSignature;
  /** A fourth section: what its maker says its public key is. */
  readonly statedKey: string | undefined;
  /** Top level members with a text: FV, PG, MS, ID and others, as they are. */
  readonly texts: ReadonlyMap<string, string>;
  readonly readings: readonly OcmfReading[];
  /** `OCMF_…` codes of what other readers may stumble over. */
  readonly oddities: readonly OcmfOddity[];
}

export interface OcmfSignature {
  /** SA; `ECDSA-secp256r1-SHA256` where it is left out. */
  readonly algorithm: string;
  /** SE; `hex` where it is left out. */
  readonly encoding: string;
  /** SM; `application/x-der` where it is left out. */
  readonly mimeType: string;
  /** SD */
  readonly data: string;
}

export type OcmfOddity = "OCMF_PIPE_INSIDE" | "OCMF_NAME_REPEATED";

export interface OcmfReadFault {
  readonly code: "OCMF_UNREADABLE";
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly reason: string;
}

/** More in one text is no record of a charge. */
export const OCMF_TEXT_MAX = 256 * 1024;
const RECORDS_MAX = 4096;

/** All records of a text, one behind the other with blanks between; the first that cannot be read ends it. */
export function readRecords(text: string): Result<readonly OcmfRecord[], OcmfReadFault> {
  const records: OcmfRecord[] = [];
  let place = skipBlanks(text, 0);
  do {
    if (records.length >= RECORDS_MAX) return unreadable(place, `more than ${RECORDS_MAX} records`);
    const read = readRecord(text, place);
    if (!read.ok) return read;
    records.push(read.value.record);
    place = skipBlanks(text, read.value.end);
  } while (place < text.length);
  return ok(records);
}

interface ReadRecord {
  readonly record: OcmfRecord;
  readonly end: number;
}

function readRecord(whole: string, start: number): Result<ReadRecord, OcmfReadFault> {
  // What is longer is not read at all.
  const text = whole.slice(0, start + OCMF_TEXT_MAX + KEY_TEXT_MAX);
  if (!text.startsWith(HEADER, start)) return unreadable(start, "it does not begin with OCMF|");
  const payload = readSection(text, start + HEADER.length, "payload");
  if (!payload.ok) return payload;
  if (text[payload.value.end] !== "|") return unreadable(payload.value.end, "no | behind the payload");
  const signature = readSection(text, payload.value.end + 1, "signature");
  if (!signature.ok) return signature;
  if (signature.value.end - start > OCMF_TEXT_MAX) return unreadable(start, `longer than ${OCMF_TEXT_MAX} characters`);
  const readings = readReadings(memberOf(payload.value.json, "RD"));
  if (!readings.ok) return unreadable(start, readings.fault);
  const signed = readSignature(signature.value.json);
  if (!signed.ok) return unreadable(payload.value.end, signed.fault);
  const recordText = text.slice(start, signature.value.end);
  const stated = STATED_KEY.exec(text.slice(signature.value.end, signature.value.end + KEY_TEXT_MAX));
  const record: OcmfRecord = {
    text: recordText.trimEnd(),
    payload: payload.value.text,
    signature: signed.value,
    statedKey: stated?.[1],
    texts: textsOf(payload.value.json),
    readings: readings.value,
    oddities: odditiesOf(payload.value, signature.value),
  };
  return ok({ record, end: signature.value.end + (stated?.[0].length ?? 0) });
}

interface Section {
  /** With the blanks around it: they are signed, too. */
  readonly text: string;
  readonly json: JsonText;
  readonly end: number;
}

function readSection(text: string, start: number, name: string): Result<Section, OcmfReadFault> {
  const json = readJson(text, start);
  if (!json.ok) return unreadable(json.fault.offset, `${name}: ${json.fault.reason}`);
  if (json.value.value.kind !== "object") return unreadable(start, `the ${name} is no object`);
  const end = skipBlanks(text, json.value.end);
  // Blanks in front of the next | belong to the section; at the end of a line they do not.
  const isClosed = text[end] === "|";
  const sectionEnd = isClosed ? end : json.value.end;
  return ok({ text: text.slice(start, sectionEnd), json: json.value.value, end: sectionEnd });
}

function readSignature(json: JsonText): Result<OcmfSignature, string> {
  const text = (name: string, otherwise: string): string | undefined => {
    const value = memberOf(json, name);
    if (value === undefined || value.kind === "null") return otherwise;
    return value.kind === "text" ? value.text : undefined;
  };
  const algorithm = text("SA", "ECDSA-secp256r1-SHA256");
  const encoding = text("SE", "hex");
  const mimeType = text("SM", "application/x-der");
  const data = memberOf(json, "SD");
  if (algorithm === undefined || encoding === undefined || mimeType === undefined) {
    return fail("the signature section has something other than texts");
  }
  if (data?.kind !== "text" || data.text === "") return fail("there is no signature (SD)");
  return ok({ algorithm, encoding, mimeType, data: data.text });
}

function textsOf(json: JsonText): ReadonlyMap<string, string> {
  const members = json.kind === "object" ? json.members : [];
  return new Map(
    members.flatMap(([name, value]): readonly (readonly [string, string])[] =>
      value.kind === "text" ? [[name, value.text]] : value.kind === "number" ? [[name, value.digits]] : [],
    ),
  );
}

function odditiesOf(...sections: readonly Section[]): readonly OcmfOddity[] {
  return [
    ...(sections.some(({ text }) => text.includes("|")) ? (["OCMF_PIPE_INSIDE"] as const) : []),
    ...(sections.some(({ json }) => repeatedNames(json).length > 0) ? (["OCMF_NAME_REPEATED"] as const) : []),
  ];
}

const HEADER = "OCMF|";
const KEY_TEXT_MAX = 4096;
const STATED_KEY = /^\|([0-9A-Za-z+/=]*)/;

function skipBlanks(text: string, start: number): number {
  let place = start;
  while (place < text.length && BLANKS.has(text[place] ?? "")) place += 1;
  return place;
}

const BLANKS = new Set([" ", "\t", "\r", "\n", "\ufeff"]);

function unreadable(offset: number, reason: string): { readonly ok: false; readonly fault: OcmfReadFault } {
  return fail({ code: "OCMF_UNREADABLE", offset, reason });
}
