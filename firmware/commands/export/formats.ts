/** The forms in which a charge leaves a gateway: what each is called, and how it is made. */
import type { Chain } from "#core/ledger/chain.ts";
import { encodeBundle } from "#records/bundle.ts";
import type { Language } from "#records/catalogue/catalogue.ts";
import type { LocalTime } from "#records/catalogue/local-time.ts";
import { chargeDetailRecord, creditRecord, type CdrParts } from "#records/cdr/charge-detail-record.ts";
import type { OcpiVersion } from "#records/cdr/cdr-version.ts";
import type { Operator } from "#records/cdr/operator.ts";
import { writeContainer } from "#records/ocmf/safe-container.ts";
import { receiptPage } from "#records/page/receipt-page.ts";
import { receiptPdf } from "#records/pdf/receipt-pdf.ts";
import { makeReceipt } from "#records/receipt.ts";
import { viewOfCharge, type ReceiptView } from "#records/receipt-view.ts";
import type { ChargeRevision } from "#records/period/charge-revisions.ts";
import { toHex } from "#base/bytes.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import type { OwnRecords, SignedMeterRecord } from "./own-records.ts";
import { isSignedTariff, type CdrTariffFile } from "./tariff-file.ts";

/** What an export is made from. */
export interface ExportSource {
  readonly chain: Chain;
  readonly own: OwnRecords;
  readonly language: Language;
  readonly localTime: LocalTime | undefined;
  readonly ocpi: OcpiSettings | undefined;
}

export interface OcpiSettings {
  readonly version: OcpiVersion;
  readonly operator: Operator;
  readonly tariff: CdrTariffFile | undefined;
}

export interface ExportedFile {
  /** Behind the name of the charge and its revision, such as `.pdf`. */
  readonly ending: string;
  readonly bytes: Uint8Array;
}

/** Files of one revision; none where there is nothing of this kind. */
export type WriteCharge = (revision: ChargeRevision, source: ExportSource) => Promise<readonly ExportedFile[]>;

export interface ChargeFormat {
  /** Whether a revision that another has followed is written, too. */
  readonly withSuperseded: boolean;
  /** What is written says how far the charge is confirmed. */
  readonly tellsLevel: boolean;
  /** What is missing where there is no file. */
  readonly nothing: string;
  readonly write: WriteCharge;
}

export const CHARGE_FORMATS: Readonly<Record<string, ChargeFormat>> = {
  receipt: newest("no receipt", (revision, { chain }) => only(".receipt.tally", receiptOf(chain, revision))),
  html: newest("no receipt", (revision, source) =>
    only(".html", textBytes(receiptPage(viewOf(revision, source), optionsOf(source)))),
  ),
  pdf: newest("no receipt", (revision, source) =>
    only(".pdf", receiptPdf(viewOf(revision, source), optionsOf(source))),
  ),
  ocmf: records((revision, { own }) => {
    const records = own.of(revision.key, revision.charge.open);
    return records.length === 0 ? [] : only(".ocmf", textBytes(records.map(({ text }) => `${text}\n`).join("")));
  }),
  "ocmf-xml": records((revision, { own }) => {
    const records = own.of(revision.key, revision.charge.open);
    return records.length === 0 ? [] : only(".ocmf.xml", textBytes(writeContainer(records.map(containerValue))));
  }),
  ocpi: {
    withSuperseded: true,
    tellsLevel: false,
    nothing: "no CDR",
    write: (revision, source) => Promise.resolve(cdrFiles(revision, source)),
  },
  bundle: { withSuperseded: false, tellsLevel: true, nothing: "no receipt", write: bundleFiles },
};

/** A CDR that another has followed is there with the credit CDR that takes it back. */
function cdrFiles(revision: ChargeRevision, { own, ocpi }: ExportSource): readonly ExportedFile[] {
  if (ocpi === undefined) throw new CommandError(EXIT.usage, "ocpi needs --operator FILE");
  const station = own.of(revision.key, revision.charge.open).find(({ role }) => role === "station");
  const { version, operator, tariff } = ocpi;
  if (tariff !== undefined && !isSignedTariff(tariff, revision.charge.open.terms)) {
    const message = `--tariff: charge ${revision.key.slice(0, 12)} was signed under another tariff than ${tariff.id}`;
    throw new CommandError(EXIT.badData, message);
  }
  const parts: CdrParts = {
    ...{ version, operator },
    ...(tariff === undefined ? {} : { tariff }),
    ...(station === undefined ? {} : { signed: signedOf(station) }),
  };
  const cdr = { ending: ".cdr.json", bytes: textBytes(chargeDetailRecord(revision, parts)) };
  if (!revision.isSuperseded) return [cdr];
  return [cdr, { ending: ".credit.cdr.json", bytes: textBytes(creditRecord(revision, parts)) }];
}

async function bundleFiles(revision: ChargeRevision, { chain, own }: ExportSource): Promise<readonly ExportedFile[]> {
  const records = own.of(revision.key, revision.charge.open).map(({ text }) => text);
  const evidence = await own.evidenceOf(revision.address);
  return only(".bundle.tally", encodeBundle({ receipt: receiptOf(chain, revision), records, evidence }));
}

function newest(
  nothing: string,
  make: (revision: ChargeRevision, source: ExportSource) => readonly ExportedFile[],
): ChargeFormat {
  const write: WriteCharge = (revision, source) => Promise.resolve(make(revision, source));
  return { withSuperseded: false, tellsLevel: true, nothing, write };
}

function records(make: Parameters<typeof newest>[1]): ChargeFormat {
  return { ...newest("no signed meter record is kept", make), tellsLevel: false };
}

function only(ending: string, bytes: Uint8Array): readonly ExportedFile[] {
  return [{ ending, bytes }];
}

function receiptOf(chain: Chain, { address, key }: ChargeRevision): Uint8Array {
  const receipt = makeReceipt(chain, address);
  if (receipt === undefined)
    throw new CommandError(EXIT.temporary, `no block holds a result of ${key.slice(0, 12)} yet`);
  return receipt;
}

function viewOf({ address, key }: ChargeRevision, { chain }: ExportSource): ReceiptView {
  const view = viewOfCharge(chain, address);
  if (view === undefined) throw new CommandError(EXIT.usage, `no charge at "${key}"`);
  return view;
}

function optionsOf({ language, localTime }: ExportSource): {
  readonly language: Language;
  readonly localTime?: LocalTime;
} {
  return localTime === undefined ? { language } : { language, localTime };
}

function signedOf({ text, publicKey, record }: SignedMeterRecord): NonNullable<CdrParts["signed"]> {
  return { text, publicKey, meterSerial: record.texts.get("MS") ?? "" };
}

function containerValue({ text, publicKey, record }: SignedMeterRecord): Parameters<typeof writeContainer>[0][number] {
  return { record: text, publicKey: toHex(publicKey), transactionId: record.texts.get("UA") ?? "" };
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
