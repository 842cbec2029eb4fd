/** The signed values of an OCPI CDR. Nothing else of it is signed, so the energy that it bills is held against them. */
import { fail, ok, type Result } from "#base/result.ts";
import { kwhDigits, picoWh } from "#records/ocmf/energy-digits.ts";
import { memberOf, readJson, type JsonText } from "#records/ocmf/json-text.ts";
import { readRecords } from "#records/ocmf/read-record.ts";
import type { FoundFault, FoundFile } from "./find-records.ts";
import type { FoundRecord, OcmfJudgement } from "./judge-ocmf.ts";
import { signedText } from "./signed-text.ts";

/** Each value with the key that the CDR names. */
export function recordsOfCdr(text: string): Result<FoundFile, FoundFault> {
  const json = readJson(text.slice(0, CDR_TEXT_MAX));
  if (!json.ok) return fail({ rule: "OCMF_UNREADABLE", details: `${json.fault.reason}, at ${json.fault.offset}` });
  const signed = memberOf(json.value.value, "signed_data");
  const keyText = textOf(memberOf(signed, "public_key"));
  const values = memberOf(signed, "signed_values");
  const found: FoundRecord[] = [];
  for (const value of values?.kind === "list" ? values.items : []) {
    const plain = textOf(memberOf(value, "plain_data")) ?? "";
    const encoded = textOf(memberOf(value, "signed_data"));
    const hidden = encoded === undefined ? undefined : signedText({ text: encoded });
    // Readers differ in which of the two they take.
    if (encoded !== undefined && hidden !== plain.trim() && plain !== "") return fail(TEXTS_DIFFER);
    const records = readRecords(plain === "" ? (hidden ?? "") : plain);
    if (!records.ok) return fail({ rule: records.fault.code, details: records.fault.reason });
    found.push(...records.value.map((record) => ({ record, transactionId: undefined, keyText })));
  }
  if (found.length === 0) return fail({ rule: "OCMF_UNREADABLE", details: "no signed values" });
  const energy = memberOf(json.value.value, "total_energy");
  return ok({ records: found, cdrKwh: energy?.kind === "number" ? energy.digits : "" });
}

/**
 * What is wrong with the energy that a CDR bills: no more than was signed, to its rounding. Less is right where a part
 * is contested. Undefined where nothing is wrong, or the records make up no energy.
 */
export function cdrFault(cdrKwh: string, { transactions }: OcmfJudgement): FoundFault | undefined {
  const amounts = transactions.map(({ transaction }) => transaction?.picoWh).filter((each) => each !== undefined);
  if (amounts.length === 0) return undefined;
  const signed = amounts.reduce((sum, each) => sum + each, 0n);
  const billed = picoWh(cdrKwh, "kWh");
  if (billed !== undefined && billed >= 0n && billed <= signed + ROUNDING_PICO_WH) return undefined;
  const stated = billed === undefined ? "no energy" : kwhDigits(billed);
  return { rule: "CDR_ENERGY_NOT_SIGNED", details: `total_energy says ${stated}, signed are ${kwhDigits(signed)}` };
}

const CDR_TEXT_MAX = 1024 * 1024;
/** A Wh: some round to three decimals, and up. */
const ROUNDING_PICO_WH = 10n ** 12n;
const TEXTS_DIFFER = { rule: "CDR_TEXTS_DIFFER", details: "plain_data is not what signed_data holds" };

function textOf(value: JsonText | undefined): string | undefined {
  return value?.kind === "text" ? value.text : undefined;
}
