/**
 * Everything that one gateway holds of one charge in one file: the receipt, the signed meter records, and what raw
 * evidence there is. Checked offline; each part also checks the others.
 */
import { equalBytes, fromHex, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { decodeInception, deviceIdOf } from "#core/identity/device-id.ts";
import type { Role } from "#core/session/facts.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  record,
  text,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";
import { lastRegisterOf } from "./last-word.ts";
import { picoWh } from "./ocmf/energy-digits.ts";
import { readRecords, type OcmfRecord } from "./ocmf/read-record.ts";
import { verifyReceipt, type ReceiptFault, type VerifiedReceipt } from "./receipt.ts";

export const BUNDLE_TITLE = "TALLY1/bundle";

/** The other side's may be there, too. */
const RECORDS_MAX = 8;
const EVIDENCE_MAX = 4096;
const RECEIPT_BYTES_MAX = 16 * 1024 * 1024;

const evidence = record({
  /** Intervals of one charge count from 0. */
  index: field(1, unsigned),
  /** SHA-256 of the stored record of the interval, and its length. */
  hash: field(2, bytes(HASH_BYTES)),
  lengthBytes: field(3, unsigned),
  fromWallMs: field(4, unsigned),
  durationMs: field(5, unsigned),
});

const bundle = record({
  title: field(0, text(BUNDLE_TITLE.length)),
  version: field(1, integer(1, 1)),
  /** `TALLY1/receipt`, as a file of its own would hold it. */
  receipt: field(2, bytes(1, RECEIPT_BYTES_MAX)),
  /** OCMF texts as they were signed. */
  records: field(3, list(text(8 * 1024), RECORDS_MAX)),
  /** Of the car's raw replies: who has the records can be asked for them, and cannot change them. */
  evidence: field(4, list(evidence, EVIDENCE_MAX)),
});

export type EvidenceReference = ValueOf<typeof evidence>;
export type BundleParts = Pick<ValueOf<typeof bundle>, "receipt" | "records" | "evidence">;

export type BundleFault =
  | ReceiptFault
  | { readonly code: "BUNDLE_UNREADABLE"; readonly reason: string }
  /** A record that neither of the two has signed. */
  | { readonly code: "BUNDLE_RECORD_UNSIGNED"; readonly record: number }
  /** A record says something else than the facts that its maker signed. */
  | {
      readonly code: "BUNDLE_RECORD_DIFFERS";
      readonly record: number;
      readonly field: string;
      readonly found: string;
      readonly expected: string;
    };

export interface VerifiedBundle {
  readonly receipt: VerifiedReceipt;
  /** Each with whose it is. */
  readonly records: readonly { readonly role: Role; readonly record: OcmfRecord }[];
  readonly evidence: readonly EvidenceReference[];
}

export function encodeBundle(parts: BundleParts): Uint8Array {
  return encodeShape(bundle, { title: BUNDLE_TITLE, version: 1, ...parts });
}

/** Whether this key has signed this record as it stands. */
export type HoldsRecord = (record: OcmfRecord, publicKey: Uint8Array) => boolean;

export function verifyBundle(
  crypto: Cryptography,
  holdsRecord: HoldsRecord,
  file: Uint8Array,
): Result<VerifiedBundle, BundleFault> {
  const read = decodeShape(bundle, file);
  if (!read.ok) return fail({ code: "BUNDLE_UNREADABLE", reason: read.fault.code });
  if (read.value.title !== BUNDLE_TITLE) return fail({ code: "BUNDLE_UNREADABLE", reason: "not a bundle" });
  const receipt = verifyReceipt(crypto, read.value.receipt);
  if (!receipt.ok) return receipt;
  const judged: { role: Role; record: OcmfRecord }[] = [];
  for (const [place, written] of read.value.records.entries()) {
    const records = readRecords(written);
    const [only] = records.ok ? records.value : [];
    if (only?.text !== written) return fail({ code: "BUNDLE_UNREADABLE", reason: `record ${place + 1}` });
    const role = ROLES.find((each) => {
      return publicKeysOf(crypto, receipt.value, each).some((publicKey) => holdsRecord(only, publicKey));
    });
    if (role === undefined) return fail({ code: "BUNDLE_RECORD_UNSIGNED", record: place + 1 });
    const difference = differenceOf(only, receipt.value, role);
    if (difference !== undefined) return fail({ code: "BUNDLE_RECORD_DIFFERS", record: place + 1, ...difference });
    judged.push({ role, record: only });
  }
  return ok({ receipt: receipt.value, records: judged, evidence: read.value.evidence });
}

/** The public keys of a side of the charge: the one with which it became a member, and those it has rotated to. */
function publicKeysOf(crypto: Cryptography, receipt: VerifiedReceipt, role: Role): readonly Uint8Array[] {
  const did = receipt.transaction.open[role];
  const joined = receipt.facts.flatMap((fact) => (fact.kind === "JOIN" ? [fact.body.inception] : []));
  const inceptions = [...receipt.genesis.body.authorities.map(([inception]) => inception), ...joined];
  const own = inceptions.find((inception) => equalBytes(deviceIdOf(crypto, inception), did));
  const decoded = own === undefined ? undefined : decodeInception(own);
  if (decoded?.ok !== true) return [];
  const later = receipt.facts.flatMap((fact) =>
    fact.kind === "ROTATE" && equalBytes(fact.body.device, did) ? [fact.body.publicKey] : [],
  );
  return [decoded.value.publicKey, ...later];
}

const ROLES: readonly Role[] = ["station", "vehicle"];
const PICO_PER_MILLI_WH = 1_000_000_000n;

interface Difference {
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

/** The record's charge, begin and end are those of the facts that the same side signed for the ledger. */
function differenceOf({ texts, readings }: OcmfRecord, receipt: VerifiedReceipt, role: Role): Difference | undefined {
  const { transaction } = receipt;
  const { address, open } = transaction;
  const stated = texts.get("UA") ?? "";
  const isSameCharge = equalBytes(fromHex(stated) ?? new Uint8Array(), address);
  if (!isSameCharge) return { field: "UA", found: stated.slice(0, 80), expected: toHex(address) };

  const expected = [open.startMilliWh[role === "station" ? 0 : 1], lastRegisterOf(receipt, role)];
  const [begin, end] = [readings[0], readings.at(-1)];
  for (const [place, reading] of [begin, end].entries()) {
    const milliWh = expected[place] ?? 0;
    const value = picoWh(reading?.digits, reading?.unit ?? "");
    if (readings.length === 2 && value === BigInt(milliWh) * PICO_PER_MILLI_WH) continue;
    const found = `${reading?.digits ?? "nothing"} ${reading?.unit ?? ""}`.trim();
    return { field: `RD.${place}.RV`, found, expected: `${milliWh} mWh` };
  }
  return undefined;
}
