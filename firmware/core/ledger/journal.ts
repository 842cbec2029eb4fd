/** Reads a journal (`journal-record.ts`) of anybody's making back into the chain that it tells. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { decodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { WireFault } from "#core/wire/schema.ts";
import type { SignedFault } from "#core/wire/signed.ts";
import type { FactFault } from "./apply-fact.ts";
import { factIn } from "./archived-block.ts";
import { Chain, type ChainFault, type HeadChange } from "./chain.ts";
import type { HeardFault } from "./heard-votes.ts";
import { decodeCertificates, decodeHeader, type BareBlock, type BlockDecodeFault, type Header } from "./block.ts";
import { decodeFact, type Fact } from "./fact.ts";
import { isSignedByItsSigners } from "./fact-signers.ts";
import { decodeGenesis, type GenesisFault } from "./genesis.ts";
import { decodeBlockRecord, RECORD_KIND } from "./journal-record.ts";
import { merkleRoot } from "./merkle-tree.ts";
import { addressesIn, joinedIn } from "./record-keys.ts";
import { RecordsInHand } from "./records-in-hand.ts";

export { blockRecordOf, certificateRecord, factRecord, genesisRecord } from "./journal-record.ts";

export type JournalFault =
  | { readonly code: "JOURNAL_EMPTY" }
  | { readonly code: "JOURNAL_NO_GENESIS" }
  | { readonly code: "JOURNAL_UNKNOWN_RECORD"; readonly record: number; readonly kind: number }
  | { readonly code: "JOURNAL_BAD_GENESIS"; readonly record: number; readonly fault: GenesisFault }
  /** A store of before there was finality: it was whole, but nothing can be built on it. */
  | { readonly code: "JOURNAL_OF_EARLIER_FORM"; readonly record: number }
  | { readonly code: "JOURNAL_BAD_FACT"; readonly record: number; readonly fault: { readonly code: string } }
  | { readonly code: "JOURNAL_FACT_TWICE"; readonly record: number; readonly fact: string }
  /** Neither a block nor the chain's end ever had a place for it, and its signers have not signed it. */
  | { readonly code: "JOURNAL_FACT_UNPROVEN"; readonly record: number; readonly fact: string }
  | { readonly code: "JOURNAL_BLOCK_TWICE"; readonly record: number; readonly serial: number }
  | { readonly code: "JOURNAL_FACT_MISSING"; readonly record: number; readonly serial: number; readonly fact: string }
  | {
      readonly code: "JOURNAL_BAD_CERTIFICATE";
      readonly record: number;
      readonly fault: HeardFault | WireFault;
    }
  | {
      readonly code: "JOURNAL_BAD_BLOCK";
      readonly record: number;
      readonly serial: number | undefined;
      readonly fault: ChainFault | BlockDecodeFault | WireFault | SignedFault;
    };

export interface ReadJournal {
  /** It reads its old blocks in the records again, so nothing may be added to it but what they tell. */
  readonly chain: Chain;
  /** So many facts are among the records. */
  readonly facts: number;
}

/** Whose word the records are: one's own, whose signatures were checked before they were stored, or anybody's. */
export type JournalOrigin = "stored by ourselves" | "from anybody";

/**
 * Builds the chain that the records tell, checking everything again: every hash, serial, miner's turn and result, and
 * unless it is one's own, every signature. Stops at the first record that is not what it should be.
 */
export function readJournal(
  crypto: Cryptography,
  records: readonly Uint8Array[],
  origin: JournalOrigin,
): Result<ReadJournal, JournalFault> {
  const reading = readingJournal(crypto, records, origin);
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
  }
}

/** The same, pausing after each record, so that its reader can do something else with what it has learnt so far. */
export function* readingJournal(
  crypto: Cryptography,
  records: readonly Uint8Array[],
  origin: JournalOrigin,
): Generator<undefined, Result<ReadJournal, JournalFault>> {
  const [first, ...rest] = records;
  if (first === undefined) return fail({ code: "JOURNAL_EMPTY" });
  if (first[0] !== RECORD_KIND.genesis) return fail({ code: "JOURNAL_NO_GENESIS" });
  const genesis = decodeGenesis(crypto, first.subarray(1));
  if (!genesis.ok) return fail(genesisTrouble(genesis.fault));
  const archive = new RecordsInHand(records);
  const chain = new Chain(crypto, genesis.value, undefined, { archive });
  chain.believesSignatures = origin === "stored by ourselves";
  const reading: Reading = { chain, archive, waiting: new Map() };
  let facts = 0;
  for (const [index, record] of rest.entries()) {
    const read = readRecord(reading, record, index + 1);
    if (!read.ok) return firstUnsound(reading) ?? read;
    if (record[0] === RECORD_KIND.fact) facts += 1;
    yield undefined;
  }
  const unsound = firstUnsound(reading);
  if (unsound !== undefined) return unsound;
  const unproven = [...reading.waiting.values()].find((each) => !isProven(chain, each));
  chain.believesSignatures = false;
  if (unproven === undefined) return ok({ chain, facts });
  const { record, fact } = unproven;
  return fail({ code: "JOURNAL_FACT_UNPROVEN", record, fact: fact.key });
}

interface Reading {
  readonly chain: Chain;
  /** What was read so far: a journal of years is not in memory twice. */
  readonly archive: RecordsInHand;
  /**
   * Facts that no block of the head's chain holds so far, by id. What a block holds is judged where it stands there,
   * once; the others when there is nothing more to read, or something is wrong.
   */
  readonly waiting: Map<string, Waiting>;
}

interface Waiting {
  readonly fact: Fact;
  readonly record: number;
  /** A block of the head's chain held it once: its signatures were verified there. */
  readonly hadPlace: boolean;
}

/** What waits has to be sound as well, and from now on it waits in the chain. */
function firstUnsound({ chain, waiting }: Reading): Result<never, JournalFault> | undefined {
  for (const { fact, record } of waiting.values()) {
    const added = chain.addFact(fact, chain.head.sealedAt);
    if (added.ok || MAY_BE_STORED.has(added.fault.code)) continue;
    return fail({ code: "JOURNAL_BAD_FACT", record, fault: added.fault });
  }
  return undefined;
}

export function genesisTrouble(fault: GenesisFault): JournalFault {
  const isEarlier = fault.code === "GENESIS_OF_EARLIER_FORM";
  return isEarlier ? { code: "JOURNAL_OF_EARLIER_FORM", record: 0 } : { code: "JOURNAL_BAD_GENESIS", record: 0, fault };
}

function readRecord(reading: Reading, record: Uint8Array, index: number): Result<unknown, JournalFault> {
  const kind = record[0] ?? 0;
  const content = record.subarray(1);
  if (kind === RECORD_KIND.fact) return readFact(reading, content, index);
  if (kind === RECORD_KIND.block) return readBlock(reading, content, index);
  if (kind !== RECORD_KIND.certificate) return fail({ code: "JOURNAL_UNKNOWN_RECORD", record: index, kind });
  const read = readCertificate(content, index, (each) => reading.chain.addCertificate(each));
  if (read.ok && read.value !== undefined) follow(reading, read.value);
  return read;
}

function readFact(
  { chain, archive, waiting }: Reading,
  content: Uint8Array,
  index: number,
): Result<void, JournalFault> {
  const fact = decodeFact(chain.context, content);
  if (!fact.ok) return fail({ code: "JOURNAL_BAD_FACT", record: index, fault: fact.fault });
  const { key } = fact.value;
  if (archive.has(key)) return fail({ code: "JOURNAL_FACT_TWICE", record: index, fact: key });
  for (const each of [key, ...joinedIn(chain.context, content)]) archive.note(each, index);
  waiting.set(key, { fact: fact.value, record: index, hadPlace: false });
  return ok(undefined);
}

/** What waits after the head has moved. */
function follow({ archive, waiting }: Reading, { added, abandoned }: HeadChange): void {
  for (const fact of abandoned.flatMap((link) => link.block?.facts ?? [])) {
    waiting.set(fact.key, { fact, record: archive.placeOf(fact.key), hadPlace: true });
  }
  for (const fact of added.flatMap((link) => link.block?.facts ?? [])) waiting.delete(fact.key);
}

/**
 * Facts were stored in the order of their arrival, which may be before what they refer to or after a block with them.
 * They may also contradict what waited here: a member that signs two things for one place gets one of them into a block
 * and shows us the other. Its signature is proof against it, not a damage of our store. And a contract's program may
 * forbid after the facts that waited here what it allowed where the block was sealed. And a device that was let in on
 * one branch may be out on another.
 */
export const MAY_BE_STORED: ReadonlySet<FactFault["code"]> = new Set([
  "FACT_KNOWN",
  "FACT_REFERS_UNKNOWN",
  "FACT_NOT_CERTIFIED",
  "FACT_KEY_REPLACED",
  "FACT_REVOKED",
  "FACT_WRONG_STATE",
  "FACT_NOT_ALLOWED",
  "FACT_TOO_LATE",
  "FACT_OUT_OF_SEQUENCE",
  "FACT_CONFLICTS",
  "FACT_REGISTER_FELL",
  "FACT_NO_ROOM",
  // What governors decide is for an epoch that may have passed, from a checkpoint that may be final beside it by now.
  "FACT_TOO_SOON",
  "FACT_CONTRADICTS_FINAL",
  "FACT_BAD_PARAMS",
  "FACT_BAD_RECONFIG",
]);

/** A fact that had a place was verified there; one that never had any must still be the word of those whom it names. */
function isProven(chain: Chain, { fact, hadPlace }: Waiting): boolean {
  const { verified } = chain.context;
  return hadPlace || verified.has(fact) || isSignedByItsSigners(chain.pending, fact, chain.context);
}

/**
 * A certificate that stood in no block when it was stored. That something as high is final by now is no fault of it.
 */
export function readCertificate(
  content: Uint8Array,
  record: number,
  take: (certificate: QuorumCertificate) => Result<HeadChange, HeardFault>,
): Result<HeadChange | undefined, JournalFault> {
  const certificate = decodeCertificate(content);
  if (!certificate.ok) return fail({ code: "JOURNAL_BAD_CERTIFICATE", record, fault: certificate.fault });
  const taken = take(certificate.value);
  if (taken.ok || taken.fault.code === "VOTE_TOO_OLD") return ok(taken.ok ? taken.value : undefined);
  return fail({ code: "JOURNAL_BAD_CERTIFICATE", record, fault: taken.fault });
}

/** The results of a block's record have to be those that its header commits to. */
export function objectionToResults(
  { context: { crypto } }: Pick<Chain, "context">,
  { header }: Pick<Header, "header">,
  results: readonly Uint8Array[],
): ChainFault | undefined {
  const root = merkleRoot((message) => crypto.sha256(message), results);
  return equalBytes(root, header.resultsRoot) ? undefined : { code: "BLOCK_WRONG_RESULT", place: 0 };
}

function readBlock(reading: Reading, content: Uint8Array, index: number): Result<void, JournalFault> {
  const { chain, archive, waiting } = reading;
  const bad = (
    serial: number | undefined,
    fault: ChainFault | BlockDecodeFault | WireFault | SignedFault,
  ): Result<void, JournalFault> => fail({ code: "JOURNAL_BAD_BLOCK", record: index, serial, fault });
  const record = decodeBlockRecord(content);
  if (!record.ok) return bad(undefined, record.fault);
  const [headerBytes, ids, encoded, results] = record.value;
  const header = decodeHeader(chain.context, headerBytes);
  if (!header.ok) return bad(undefined, header.fault);
  const { serial } = header.value.header;
  if (chain.has(header.value.key)) return fail({ code: "JOURNAL_BLOCK_TWICE", record: index, serial });
  const held: Fact[] = [];
  for (const id of ids) {
    const key = toHex(id);
    const fact = waiting.get(key)?.fact ?? factIn(chain.context, archive, key);
    if (fact === undefined) return fail({ code: "JOURNAL_FACT_MISSING", record: index, serial, fact: key });
    held.push(fact);
  }
  const objection = objectionToResults(chain, header.value, results);
  if (objection !== undefined) return bad(serial, objection);
  const certificates = decodeCertificates(encoded);
  if (!certificates.ok) return bad(serial, certificates.fault);
  const bare = { ...header.value, certificates: certificates.value };
  // The facts are applied once, there: the results of the record are held against those that follow from them.
  const added = chain.addBlock({ ...bare, facts: held, results }, undefined);
  if (!added.ok) return bad(serial, faultOf(chain, bare, held) ?? added.fault);
  for (const key of [bare.key, ...addressesIn(results)]) archive.note(key, index);
  follow(reading, added.value);
  return ok(undefined);
}

/** What is wrong with a block that was refused, by its header and facts alone: as a record of it had no results. */
function faultOf(chain: Chain, bare: BareBlock, facts: readonly Fact[]): ChainFault | undefined {
  const block = chain.assemble(bare, facts);
  if (!block.ok) return block.fault;
  const added = chain.addBlock(block.value, undefined);
  return added.ok ? undefined : added.fault;
}
