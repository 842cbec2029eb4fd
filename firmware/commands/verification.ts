/**
 * What `verify` finds out: whether stored records, an exported chain or a receipt hold, by the rules that a gateway
 * applies to a stranger's word. Pure: bytes in, findings out.
 */
import { segmentName, type FolderInspection, type StoredRecord } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import { fail, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { JoinedFault, JoinedJournal } from "#core/ledger/joined-journal.ts";
import type { JournalFault, ReadJournal } from "#core/ledger/journal.ts";
import { RECORD_KIND } from "#core/ledger/journal-record.ts";
import type { TransactionState } from "#core/ledger/state.ts";
import { CHAIN_EXPORT_TITLE, decodeChainExport } from "#records/chain-export.ts";
import { checkSlip, type VerifiedSlip } from "#records/check-slip.ts";
import { RECEIPT_TITLE, verifyReceipt, type ReceiptFault, type VerifiedReceipt } from "#records/receipt.ts";
import { highestLevel } from "#records/sealed-finality.ts";
import { SLIP_PREFIX } from "#records/slip.ts";
import { factAt, nextBlockSerial } from "./journal-place.ts";
import { joinedNotes, joinedStore } from "./joined-store.ts";
import { readByOne, readInAnyOrder, type ReadRecords } from "./read-records.ts";
import { registerProblems } from "./register-problems.ts";

/** One thing that does not hold: which rule, and where. */
export interface Problem {
  /** The fault's code; its sentence is `ruleText(rule)`. */
  readonly rule: string;
  readonly file?: string;
  /** In the file. */
  readonly offset?: number;
  readonly lengthBytes?: number;
  /** Place among the records, from 0. */
  readonly record?: number;
  /** Serial of the block in which it is, or for a fact of the first block stored after it. */
  readonly block?: number;
  /** Id of the fact, in hex. */
  readonly fact?: string;
  readonly kind?: string;
  /** What exactly, as data. */
  readonly details: unknown;
}

export interface ChainSummary {
  readonly kind: "chain";
  /** Id of the last block, in hex: what two gateways compare. */
  readonly head: string;
  readonly serial: number;
  /** Serial up to which the certificates in it make it final; null where nobody votes. */
  readonly final: number | null;
  readonly network: string;
  readonly region: string;
  readonly records: number;
  readonly blocks: number;
  /** Blocks of branches that were left. */
  readonly sideBlocks: number;
  readonly facts: number;
  readonly waitingFacts: number;
  readonly charges: Readonly<Partial<Record<TransactionState, number>>>;
}

export type Verification =
  | { readonly ok: true; readonly summary: ChainSummary; readonly chain: Chain; readonly notes: readonly string[] }
  | { readonly ok: true; readonly receipt: VerifiedReceipt }
  | { readonly ok: true; readonly slip: VerifiedSlip; readonly text: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A folder of the store, as `inspectFolder` read it. */
export interface InspectedFolder {
  /** As the person who asked named it. */
  readonly path: string;
  readonly inspection: FolderInspection;
}

/** The chain in `ledger`, and the registers beside it. */
export async function verifyStore(
  crypto: Cryptography,
  ledger: InspectedFolder,
  registers: readonly InspectedFolder[] = [],
  read: ReadRecords = readByOne(crypto),
): Promise<Verification> {
  const { path, inspection } = ledger;
  const { records } = inspection;
  const problems = [
    ...inspection.findings.map(({ code, segment, file, ...place }): Problem => ({
      rule: code,
      file: `${path}/${file ?? segmentName(segment)}`,
      offset: place.offset,
      lengthBytes: place.lengthBytes,
      details: place.detail,
    })),
    ...[ledger, ...registers].flatMap(registerProblems),
  ];
  const bytes = records.map((record) => record.bytes);
  const isDropped = inspection.dropped !== undefined;
  // What was changed and has the right sums is no rot: then nothing may be left out.
  const readAll = inspection.findings.length === 0 ? read : readInAnyOrder(crypto, read);
  const whole = isDropped ? undefined : await readAll(bytes);
  const joined = whole?.ok === true ? undefined : await joinedStore(crypto, inspection, bytes);
  const verification = judgeStore(crypto, bytes, { whole, joined });
  if (verification.ok && problems.length === 0) {
    const notes = joined?.ok === true ? joinedNotes(joined, isDropped) : [];
    return { ...verification, notes: [...notes, ...notesOn(ledger)] };
  }
  const faults = verification.ok ? [] : verification.problems.map((problem) => atStored(problem, path, records));
  return { ok: false, problems: [...problems, ...faults] };
}

/** An exported chain, a receipt or the text of a code: told apart by what stands near the beginning. */
export async function verifyFile(
  crypto: Cryptography,
  path: string,
  bytes: Uint8Array,
  read: ReadRecords = readByOne(crypto),
): Promise<Verification> {
  const beginning = new TextDecoder("latin1").decode(bytes.subarray(0, TITLE_WITHIN_BYTES));
  if (isSlipText(beginning)) return verifySlip(crypto, path, new TextDecoder("latin1").decode(bytes));
  const inFile = (problem: Problem): Problem => ({ file: path, ...problem });
  if (beginning.includes(RECEIPT_TITLE)) {
    const receipt = verifyReceipt(crypto, bytes);
    if (receipt.ok) return { ok: true, receipt: receipt.value };
    return { ok: false, problems: [inFile(receiptProblem(receipt.fault))] };
  }
  if (!beginning.includes(CHAIN_EXPORT_TITLE)) {
    const details = `${bytes.length} bytes`;
    const rule = /^(%PDF-|\s*<(!doctype|html))/i.test(beginning) ? "FILE_IS_PAPER" : "FILE_UNKNOWN";
    return { ok: false, problems: [inFile({ rule, offset: 0, details })] };
  }
  const records = decodeChainExport(bytes);
  if (!records.ok) {
    const { fault } = records;
    const offset = "offset" in fault ? { offset: fault.offset } : {};
    return { ok: false, problems: [inFile({ rule: fault.code, ...offset, details: fault })] };
  }
  const verification = judgeRecords(crypto, records.value, await read(records.value));
  return verification.ok ? verification : { ok: false, problems: verification.problems.map(inFile) };
}

const TITLE_WITHIN_BYTES = 32;

/** Whether a word or a file is the text of a code and not the name of something. */
export function isSlipText(text: string): boolean {
  return plainCode(text).startsWith(SLIP_PREFIX);
}

/** The text of a code; `path` is what to call it. */
export function verifySlip(crypto: Cryptography, path: string, text: string): Verification {
  const plain = plainCode(text);
  const slip = checkSlip(crypto, plain);
  if (slip.ok) return { ok: true, slip: slip.value, text: plain };
  const { code, ...details } = slip.fault;
  return { ok: false, problems: [{ rule: code, file: path, details }] };
}

/** Without what editors and mail put around or into a long line: a byte order mark, breaks, space at the ends. */
function plainCode(text: string): string {
  return text
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .replace(/[\r\n]/g, "")
    .trim();
}

function judgeRecords(
  crypto: Cryptography,
  records: readonly Uint8Array[],
  journal: Result<ReadJournal, JournalFault>,
): Extract<Verification, { readonly summary: ChainSummary } | { readonly ok: false }> {
  if (!journal.ok) return { ok: false, problems: [journalProblem(crypto, records, journal.fault)] };
  const { chain } = journal.value;
  return { ok: true, chain, notes: [], summary: summarise(chain, records, journal.value.facts) };
}

interface ReadStore {
  readonly whole: Result<ReadJournal, JournalFault> | undefined;
  readonly joined: Result<JoinedJournal, JoinedFault> | undefined;
}

/** As one that begins with a state, where it may be that; else what was found first is told. */
function judgeStore(
  crypto: Cryptography,
  records: readonly Uint8Array[],
  { whole, joined }: ReadStore,
): ReturnType<typeof judgeRecords> {
  if (joined?.ok === false) return { ok: false, problems: [{ rule: joined.fault.code, details: joined.fault.reason }] };
  return judgeRecords(crypto, records, joined ?? whole ?? fail({ code: "JOURNAL_EMPTY" }));
}

/** How each charge stands: those that have ended by their newest results, which the state may have forgotten. */
function statesOfCharges(chain: Chain): Iterable<TransactionState> {
  const states = new Map<string, TransactionState>();
  for (let serial = 1; serial <= chain.head.serial; serial += 1) {
    for (const { address, state } of chain.at(serial)?.results ?? []) states.set(toHex(address), state);
  }
  for (const [key, { state }] of chain.head.state.transactions.walk()) states.set(key, state);
  return states.values();
}

function summarise(chain: Chain, records: readonly Uint8Array[], facts: number): ChainSummary {
  const { serial, id } = chain.head.state;
  const charges: Partial<Record<TransactionState, number>> = {};
  for (const state of statesOfCharges(chain)) charges[state] = (charges[state] ?? 0) + 1;
  return {
    kind: "chain",
    head: toHex(id),
    serial,
    final: highestLevel(chain) === "C1" ? null : chain.final.serial,
    network: toHex(chain.genesis.network),
    region: chain.genesis.body.name,
    records: records.length,
    blocks: serial,
    sideBlocks: Math.max(0, records.filter((record) => record[0] === RECORD_KIND.block).length - serial),
    facts,
    waitingFacts: chain.mempool.size,
    charges,
  };
}

function journalProblem(crypto: Cryptography, records: readonly Uint8Array[], fault: JournalFault): Problem {
  switch (fault.code) {
    case "JOURNAL_EMPTY":
    case "JOURNAL_NO_GENESIS":
      return { rule: fault.code, record: 0, details: fault };
    case "JOURNAL_UNKNOWN_RECORD":
    case "JOURNAL_BAD_GENESIS":
    case "JOURNAL_OF_EARLIER_FORM":
      return { rule: fault.code, record: fault.record, details: fault };
    case "JOURNAL_FACT_TWICE":
    case "JOURNAL_FACT_MISSING":
    case "JOURNAL_FACT_UNPROVEN":
      return {
        rule: fault.code,
        record: fault.record,
        fact: fault.fact,
        ...blockOf(crypto, records, fault),
        details: fault,
      };
    case "JOURNAL_BAD_CERTIFICATE":
      return { rule: fault.fault.code, record: fault.record, details: fault.fault };
    case "JOURNAL_BLOCK_TWICE":
      return { rule: fault.code, record: fault.record, block: fault.serial, details: fault };
    case "JOURNAL_BAD_FACT": {
      const fact = factAt(crypto, records, fault.record);
      const known = fact === undefined ? {} : { fact: fact.key, kind: fact.kind };
      return {
        rule: fault.fault.code,
        record: fault.record,
        ...known,
        ...blockOf(crypto, records, fault),
        details: fault.fault,
      };
    }
    case "JOURNAL_BAD_BLOCK": {
      const inner = fault.fault;
      const fact = inner.code === "BLOCK_BAD_FACT" ? { fact: inner.fact } : {};
      const isCertificate = inner.code === "BLOCK_BAD_CERTIFICATE";
      const rule = inner.code === "BLOCK_BAD_FACT" || isCertificate ? inner.fault.code : inner.code;
      return { rule, record: fault.record, ...blockOf(crypto, records, fault), ...fact, details: inner };
    }
  }
}

function blockOf(
  crypto: Cryptography,
  records: readonly Uint8Array[],
  fault: { readonly record: number; readonly serial?: number | undefined },
): Pick<Problem, "block"> {
  const serial = fault.serial ?? nextBlockSerial(crypto, records, fault.record);
  return serial === undefined ? {} : { block: serial };
}

/** Where the record of a problem stands in the store. */
function atStored(problem: Problem, path: string, records: readonly StoredRecord[]): Problem {
  const stored = problem.record === undefined ? undefined : records[problem.record];
  if (stored === undefined) return { file: path, ...problem };
  const { segment, offset, file = segmentName(segment) } = stored;
  return { file: `${path}/${file}`, offset, ...problem };
}

function receiptProblem(fault: ReceiptFault): Problem {
  if (fault.code !== "RECEIPT_BAD_FACT") return { rule: fault.code, details: fault };
  return { rule: fault.fault.code, fact: fault.fact, kind: fault.kind, details: fault.fault };
}

function notesOn({ path, inspection }: InspectedFolder): readonly string[] {
  const { marks, otherFiles, register } = inspection;
  return [
    ...marks.map(
      ({ segment, offset }) => `${path}/${segmentName(segment)}: an interrupted write was covered at ${offset}`,
    ),
    ...otherFiles.map((name) => `${path}/${name}: not a file of the store`),
    ...(register === undefined ? [`${path}: no safety register; this is a copy, no gateway may go on from it`] : []),
  ];
}
