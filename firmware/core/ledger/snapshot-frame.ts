/**
 * A snapshot of the state as frames: entries of tables, ids of blocks, and a mark at the end that says what they are
 * together. Later frames of the same kinds are what has changed since.
 *
 *     [1, table, [[key, value or null]…]]     entries that are new or others now; null: no longer there
 *     [2, serial, ids]                        ids of the chain's blocks from that serial on
 *     [3, mark]                               the frames so far are the state that the mark speaks of
 *     [4, [record…], 0]                       records of the journal that the state refers to and that came with it
 *     [5, epoch, [handoff…]]                  how the voters of that epoch handed over to the next, and so on
 */
import { checkpoint } from "#core/finality/checkpoint.ts";
import type { FinalityState } from "#core/finality/finality-state.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import {
  BLOCK_BYTES_MAX,
  CERTIFICATE_BYTES_MAX,
  HANDOFF_BYTES_MAX,
  MEMPOOL_FACTS_MAX,
  PARKED_FACTS_MAX,
} from "#core/limits.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import {
  bytes,
  decodeShape,
  field,
  integer,
  list,
  nullable,
  record,
  tuple,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";
import { finalityShape, stateHead, uncountedSession } from "./state-head.ts";
import { ROOTED_TABLES } from "./state-tables.ts";

/** What stands between two marks together is bounded by the file; what stands in a mark is bounded here. */
export const LATER_BLOCKS_MAX = 4096;
export const UNCOUNTED_MAX = 2048;
export const MARKED_CERTIFICATES_MAX = 256;
export const ENTRIES_PER_FRAME = 256;
export const IDS_PER_FRAME = 8192;
export const RECORDS_PER_FRAME = 32;
export const HANDOFFS_PER_FRAME = 64;

const hash = bytes(HASH_BYTES);
export const FINALITY_BYTES_MAX = 1024 * 1024;

export const snapshotMark = record({
  version: field(1, integer(1, 1)),
  genesisId: field(2, hash),
  /** Of the state: that of the block before the checkpoint. */
  head: field(3, stateHead),
  finality: field(4, bytes(1, FINALITY_BYTES_MAX)),
  uncounted: field(5, list(uncountedSession, UNCOUNTED_MAX)),
  /** The block whose header has the root of the state, and the score of the chain up to it. */
  checkpoint: field(6, checkpoint),
  score: field(7, unsigned),
  /** Of the blocks above it that were the head's chain. */
  later: field(8, bytes(0, LATER_BLOCKS_MAX * HASH_BYTES)),
  /** Ids of the facts that waited. */
  waiting: field(9, bytes(0, (MEMPOOL_FACTS_MAX + PARKED_FACTS_MAX) * HASH_BYTES)),
  /** Above the checkpoint, whether they stood in a block or not. */
  certificates: field(10, list(bytes(1, CERTIFICATE_BYTES_MAX), MARKED_CERTIFICATES_MAX)),
  /** Records from this place on may say more. */
  place: field(11, unsigned),
});
export type SnapshotMark = ValueOf<typeof snapshotMark>;

const entry = tuple(bytes(1, 64), nullable(bytes(1, 256 * 1024)));
const entriesFrame = tuple(integer(1, 1), integer(0, ROOTED_TABLES.length - 1), list(entry, ENTRIES_PER_FRAME));
const idsFrame = tuple(integer(2, 2), unsigned, bytes(HASH_BYTES, IDS_PER_FRAME * HASH_BYTES));
const markFrame = tuple(integer(3, 3), snapshotMark);

const recordsFrame = tuple(integer(4, 4), list(bytes(1, BLOCK_BYTES_MAX), RECORDS_PER_FRAME), integer(0, 0));
const handoffsFrame = tuple(integer(5, 5), unsigned, list(bytes(1, HANDOFF_BYTES_MAX), HANDOFFS_PER_FRAME));

export type SnapshotFrame =
  | { readonly kind: "entries"; readonly table: number; readonly entries: readonly SnapshotEntry[] }
  | { readonly kind: "ids"; readonly serial: number; readonly ids: Uint8Array }
  | { readonly kind: "records"; readonly records: readonly Uint8Array[] }
  | { readonly kind: "handoffs"; readonly epoch: number; readonly handoffs: readonly Uint8Array[] }
  | { readonly kind: "mark"; readonly mark: SnapshotMark };
export type SnapshotEntry = ValueOf<typeof entry>;

export function encodeEntries(table: number, entries: readonly SnapshotEntry[]): Uint8Array {
  return encodeCbor(entriesFrame.write([1, table, entries]));
}

export function encodeIds(serial: number, ids: Uint8Array): Uint8Array {
  return encodeCbor(idsFrame.write([2, serial, ids]));
}

export function encodeMark(mark: SnapshotMark): Uint8Array {
  return encodeCbor(markFrame.write([3, mark]));
}

export function encodeRecords(records: readonly Uint8Array[]): Uint8Array {
  return encodeCbor(recordsFrame.write([4, records, 0]));
}

export function encodeHandoffs(epoch: number, handoffs: readonly Uint8Array[]): Uint8Array {
  return encodeCbor(handoffsFrame.write([5, epoch, handoffs]));
}

export function isMarkFrame(frame: Uint8Array): boolean {
  return frame[0] === LIST_OF_TWO && frame[1] === MARK_KIND;
}

export function isRecordsFrame(frame: Uint8Array): boolean {
  return frame[0] === LIST_OF_THREE && frame[1] === RECORDS_KIND;
}

/** The first bytes of `[3, mark]`, the only frame with two items, and of `[4, …, …]`. */
const [LIST_OF_TWO, MARK_KIND] = [0x82, 3];
const [LIST_OF_THREE, RECORDS_KIND] = [0x83, 4];

export function decodeMark(frame: Uint8Array): SnapshotMark | undefined {
  const read = decodeShape(markFrame, frame);
  return read.ok ? read.value[1] : undefined;
}

export function decodeFrame(frame: Uint8Array): SnapshotFrame | undefined {
  const entries = decodeShape(entriesFrame, frame);
  if (entries.ok) return { kind: "entries", table: entries.value[1], entries: entries.value[2] };
  const ids = decodeShape(idsFrame, frame);
  if (ids.ok) return { kind: "ids", serial: ids.value[1], ids: ids.value[2] };
  const records = decodeShape(recordsFrame, frame);
  if (records.ok) return { kind: "records", records: records.value[1] };
  const handoffs = decodeShape(handoffsFrame, frame);
  if (handoffs.ok) return { kind: "handoffs", epoch: handoffs.value[1], handoffs: handoffs.value[2] };
  const mark = decodeMark(frame);
  return mark && { kind: "mark", mark };
}

export function encodeFinality(finality: FinalityState): Uint8Array {
  return encodeCbor(finalityShape.write(finality));
}

export function decodeFinality(encoded: Uint8Array): FinalityState | undefined {
  const read = decodeShape(finalityShape, encoded);
  return read.ok ? read.value : undefined;
}
