/** `verify` on a bundle: the receipt, the signed meter records, and whether they say the same. */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { toHex } from "#base/bytes.ts";
import { verifyBundle, type BundleFault, type VerifiedBundle } from "#records/bundle.ts";
import { picoWh, kwhDigits } from "#records/ocmf/energy-digits.ts";
import type { OcmfRecord } from "#records/ocmf/read-record.ts";
import { plainText } from "#records/plain-text.ts";
import { receiptData, receiptLines } from "#records/receipt-text.ts";
import { viewOfReceipt } from "#records/receipt-view.ts";
import { ruleText } from "#records/rule-text.ts";
import type { CommandArguments } from "./command.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { holdsRecord } from "./export/own-records.ts";

export function runVerifyBundle(given: CommandArguments, io: CommandIo, bytes: Uint8Array): number {
  const [path = ""] = given.words;
  const verified = verifyBundle(new NodeCryptography(), holdsRecord, bytes);
  if (given.flag("json")) io.out(JSON.stringify(verified.ok ? dataOf(verified.value) : faultData(verified.fault)));
  else for (const line of verified.ok ? textOf(path, verified.value) : faultLines(path, verified.fault)) io.out(line);
  return verified.ok ? EXIT.ok : EXIT.verificationFailed;
}

function textOf(path: string, { receipt, records, evidence }: VerifiedBundle): readonly string[] {
  return [
    `${path}: the bundle holds: the receipt, and each meter record, which says what its side signed for the ledger.`,
    ...records.map(({ role, record }) => `  ${role}'s record ${record.texts.get("PG") ?? ""}: ${energyOf(record)}`),
    ...evidence.map(
      ({ index, hash, lengthBytes }) => `  raw evidence ${index}: ${lengthBytes} bytes of SHA-256 ${toHex(hash)}`,
    ),
    "",
    ...receiptLines(viewOfReceipt(receipt)),
  ];
}

function energyOf({ readings }: OcmfRecord): string {
  const values = [readings[0], readings.at(-1)].map((reading) => picoWh(reading?.digits, reading?.unit ?? ""));
  const [begin, end] = values;
  return begin === undefined || end === undefined ? "no energy" : kwhDigits(end - begin);
}

function dataOf({ receipt, records, evidence }: VerifiedBundle): Readonly<Record<string, unknown>> {
  return {
    ok: true,
    kind: "bundle",
    receipt: receiptData(viewOfReceipt(receipt)),
    records: records.map(({ role, record }) => ({
      role,
      fields: Object.fromEntries(record.texts),
      energy: energyOf(record),
    })),
    evidence: evidence.map((each) => ({ ...each, hash: toHex(each.hash) })),
  };
}

function faultData(fault: BundleFault): Readonly<Record<string, unknown>> {
  return { ok: false, kind: "bundle", problems: [{ rule: fault.code, details: fault, words: wordsOf(fault) }] };
}

function faultLines(path: string, fault: BundleFault): readonly string[] {
  const details = plainText(JSON.stringify(fault), 300);
  return [`${path}: verification FAILED`, `  ${fault.code}: ${wordsOf(fault)} (${details})`];
}

function wordsOf({ code }: BundleFault): string {
  return RULES.get(code) ?? ruleText(code);
}

const RULES = new Map([
  ["BUNDLE_UNREADABLE", "A bundle and its parts must be readable."],
  ["BUNDLE_RECORD_UNSIGNED", "Each meter record is signed by one of the two of the charge, as it stands."],
  ["BUNDLE_RECORD_DIFFERS", "A meter record says what the same side has signed for the ledger."],
]);
