/**
 * What a gateway keeps of the ledger, record by record, in the order in which it became durable. The first byte of a
 * record says what it is:
 *
 *     G  genesis, once, first
 *     F  a fact as it travels
 *     B  a block: [header, [id of fact…], [certificate…], [result…]] in CBOR; its facts stand before it
 *     Q  a quorum certificate that was made of votes and stands in no block yet; its target stands before it
 *
 * Beside the journal, of what was dropped from it:
 *
 *     K  a block of which only some facts are kept: [header, [id of fact…], [result…]]; those stand before it
 *     P  the mark that records before a place are dropped: [place, serial, unix seconds] of the first block behind it
 *
 * A fact is stored once, however many branches hold it. Results follow from the facts; they stand here so that how a
 * charge ended can be said when the state has forgotten it.
 */
import { concatBytes } from "#base/bytes.ts";
import type { Result } from "#base/result.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import {
  BLOCK_HEADER_BYTES_MAX,
  CERTIFICATE_BYTES_MAX,
  CERTIFICATES_PER_BLOCK_MAX,
  FACTS_PER_BLOCK_MAX,
  RESULT_BYTES_MAX,
  RESULTS_PER_BLOCK_MAX,
} from "#core/limits.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  list,
  tuple,
  unsigned,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeHeader, type Block, type Header } from "./block.ts";
import type { Fact, FactContext } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import type { RecordPlace } from "./record-archive.ts";

export const RECORD_KIND = {
  ...{ genesis: 0x47, fact: 0x46, block: 0x42, certificate: 0x51 },
  ...{ keptBlock: 0x4b, dropped: 0x50 },
} as const;

const blockRecord = tuple(
  bytes(1, BLOCK_HEADER_BYTES_MAX),
  list(bytes(HASH_BYTES), FACTS_PER_BLOCK_MAX),
  list(bytes(1, CERTIFICATE_BYTES_MAX), CERTIFICATES_PER_BLOCK_MAX),
  list(bytes(1, RESULT_BYTES_MAX), RESULTS_PER_BLOCK_MAX),
);

const keptBlockRecord = tuple(
  bytes(1, BLOCK_HEADER_BYTES_MAX),
  list(bytes(HASH_BYTES), FACTS_PER_BLOCK_MAX),
  list(bytes(1, RESULT_BYTES_MAX), RESULTS_PER_BLOCK_MAX),
);

const droppedRecord = tuple(unsigned, unsigned, unsigned);

/** What a log that was dropped up to a place begins with. */
export interface DroppedMark {
  readonly place: RecordPlace;
  /** Of the first block that is whole. */
  readonly serial: number;
  /** Its time, unix seconds. */
  readonly sealedAt: number;
}

export function genesisRecord(genesis: Genesis): Uint8Array {
  return concatBytes(Uint8Array.of(RECORD_KIND.genesis), genesis.bytes);
}

export function factRecord(fact: Fact): Uint8Array {
  return concatBytes(Uint8Array.of(RECORD_KIND.fact), fact.bytes);
}

export function blockRecordOf(block: Block): Uint8Array {
  const ids = block.facts.map((fact) => fact.id);
  const certificates = block.certificates.map((certificate) => certificate.bytes);
  const content = encodeShape(blockRecord, [block.headerBytes, ids, certificates, block.results]);
  return concatBytes(Uint8Array.of(RECORD_KIND.block), content);
}

export function certificateRecord(certificate: QuorumCertificate): Uint8Array {
  return concatBytes(Uint8Array.of(RECORD_KIND.certificate), certificate.bytes);
}

/** What stands behind the byte that says which kind it is. */
export function contentOf(record: Uint8Array): Uint8Array {
  return record.subarray(1);
}

/** Signed header, ids of the facts, certificates, results. */
export function decodeBlockRecord(content: Uint8Array): Result<ValueOf<typeof blockRecord>, WireFault> {
  return decodeShape(blockRecord, content);
}

/** What the record of a block says, whether all of its facts are kept or some. */
export interface StoredBlock {
  readonly headerBytes: Uint8Array;
  readonly ids: readonly Uint8Array[];
  /** As they travel; none where only some facts are kept. */
  readonly certificates: readonly Uint8Array[];
  readonly results: readonly Uint8Array[];
  readonly isPart: boolean;
}

/** Undefined for a record of something else, or that cannot be read. */
export function readStoredBlock(record: Uint8Array): StoredBlock | undefined {
  if (record[0] === RECORD_KIND.block) {
    const read = decodeBlockRecord(contentOf(record));
    if (!read.ok) return undefined;
    const [headerBytes, ids, certificates, results] = read.value;
    return { headerBytes, ids, certificates, results, isPart: false };
  }
  const read = record[0] === RECORD_KIND.keptBlock ? decodeShape(keptBlockRecord, contentOf(record)) : undefined;
  if (read?.ok !== true) return undefined;
  const [headerBytes, ids, results] = read.value;
  return { headerBytes, ids, certificates: [], results, isPart: true };
}

export interface StoredHeader {
  readonly stored: StoredBlock;
  readonly header: Header;
}

/** The record of a block with its header read; undefined for a record of something else, or that cannot be read. */
export function readStoredHeader(context: FactContext, record: Uint8Array): StoredHeader | undefined {
  const stored = readStoredBlock(record);
  const header = stored && decodeHeader(context, stored.headerBytes);
  return stored === undefined || header?.ok !== true ? undefined : { stored, header: header.value };
}

/** Of a block whose other facts are dropped. */
export function partOfBlock({ headerBytes, ids, results }: StoredBlock): Uint8Array {
  const content = encodeShape(keptBlockRecord, [headerBytes, ids, results]);
  return concatBytes(Uint8Array.of(RECORD_KIND.keptBlock), content);
}

export function droppedMarkRecord({ place, serial, sealedAt }: DroppedMark): Uint8Array {
  return concatBytes(Uint8Array.of(RECORD_KIND.dropped), encodeShape(droppedRecord, [place, serial, sealedAt]));
}

export function readDroppedMark(record: Uint8Array): DroppedMark | undefined {
  const read = record[0] === RECORD_KIND.dropped ? decodeShape(droppedRecord, contentOf(record)) : undefined;
  if (read?.ok !== true) return undefined;
  const [place, serial, sealedAt] = read.value;
  return { place, serial, sealedAt };
}
