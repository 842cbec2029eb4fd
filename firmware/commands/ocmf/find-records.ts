/** The signed meter values in a file: a text of OCMF records, the container of the transparency software, or a CDR. */
import { fail, ok, type Result } from "#base/result.ts";
import { readContainer } from "#records/ocmf/safe-container.ts";
import { readRecords } from "#records/ocmf/read-record.ts";
import { recordsOfCdr } from "./cdr-records.ts";
import type { FoundRecord } from "./judge-ocmf.ts";
import { signedText } from "./signed-text.ts";

export interface FoundFile {
  readonly records: readonly FoundRecord[];
  /** Of an OCPI CDR: what it says itself of the energy, with its digits, in kWh. */
  readonly cdrKwh?: string;
}

export interface FoundFault {
  readonly rule: string;
  readonly details: string;
}

/** The records of a file, in order. */
export function findRecords(bytes: Uint8Array): Result<FoundFile, FoundFault> {
  const text = textOfFile(bytes);
  if (text === undefined) return fail({ rule: "OCMF_UNREADABLE", details: "it is not UTF-8 text" });
  const start = text.trimStart();
  if (start.startsWith("<")) return recordsOfContainer(text);
  return start.startsWith("{") ? recordsOfCdr(text) : recordsOf(text);
}

function recordsOf(text: string): Result<FoundFile, FoundFault> {
  const records = readRecords(text);
  if (!records.ok)
    return fail({ rule: records.fault.code, details: `${records.fault.reason}, at ${records.fault.offset}` });
  return ok({
    records: records.value.map((record) => ({ record, transactionId: undefined, keyText: record.statedKey })),
  });
}

function recordsOfContainer(xml: string): Result<FoundFile, FoundFault> {
  const values = readContainer(xml);
  if (!values.ok)
    return fail({ rule: values.fault.code, details: "reason" in values.fault ? values.fault.reason : "" });
  const found: FoundRecord[] = [];
  for (const [place, value] of values.value.entries()) {
    const text = signedText(value.signedData);
    const records = text === undefined ? undefined : readRecords(text);
    if (records?.ok !== true) {
      const details = records === undefined ? `format ${value.signedData.format ?? "unknown"}` : records.fault.reason;
      return fail({ rule: "OCMF_UNREADABLE", details: `value ${place + 1}: ${details}` });
    }
    const keyText = value.publicKey?.text.trim();
    for (const record of records.value) {
      const hasKey = keyText !== undefined && keyText !== "";
      found.push({ record, transactionId: value.transactionId, keyText: hasKey ? keyText : record.statedKey });
    }
  }
  return ok({ records: found });
}

function textOfFile(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The signed bytes are UTF-8; only a container may be in another encoding, which its first line names.
    const head = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
    const isLatin = /^<\?xml[^>]*encoding=["'](?:iso-8859-1|windows-1252|latin1)["']/i.test(head);
    return isLatin ? new TextDecoder("latin1").decode(bytes) : undefined;
  }
}
