/** The start of a ledger whose log has rotted in some places (decision 0052). */
import { equalBytes } from "#base/bytes.ts";
import { FlashArchive, openSegmentLog, placeOf, StartIndexes } from "#adapters/flash-store/index.ts";
import { genesisRecord, type JournalFault } from "#core/ledger/journal.ts";
import { RECORD_KIND } from "#core/ledger/journal-record.ts";
import { ResumedJournal } from "#core/ledger/resumed-journal.ts";
import { SnapshotWriter } from "#core/ledger/snapshot-writer.ts";
import type { Flash } from "#hal/ports/flash.ts";
import {
  FROM_GENESIS,
  keysIn,
  ofAnotherRegion,
  optionsOf,
  type LedgerStoreParts,
  type OpenedLog,
} from "./ledger-store.ts";

/**
 * The whole journal, of which something has rotted: whatever still stands by itself. What had been lost before may have
 * been had from others since, and then stands behind what builds on it.
 */
export async function openRottenLog(parts: LedgerStoreParts, flash: Flash): Promise<OpenedLog> {
  const { genesis } = parts;
  const keysOf = keysIn(parts);
  const archive = new FlashArchive(flash, keysOf);
  const places: number[] = [];
  let first: Uint8Array | undefined;
  const isOwn = (): boolean => first !== undefined && equalBytes(first, genesisRecord(genesis));
  const indexes = new StartIndexes(archive, isOwn);
  const { log, damages } = await openSegmentLog(flash, {
    ...optionsOf(parts),
    enter: (segment) => indexes.enter(segment),
    visit: ({ bytes, segment, offset }) => {
      const place = placeOf(segment, offset);
      for (const key of keysOf(bytes)) archive.note(key, place);
      places.push(place);
      first ??= bytes;
    },
  });
  // The genesis may have rotted itself: nothing but what fits the given one is taken then.
  if (first?.[0] === RECORD_KIND.genesis && !isOwn()) throw ofAnotherRegion();
  const journal = ResumedJournal.fromGenesis({ ...parts, archive });
  for (const place of places) journal.take(archive.readAt(place));
  const chain = journal.finish();
  const writer = new SnapshotWriter(chain, undefined, parts.snapshotBlocks);
  const { left } = journal;
  return { log, archive, chain, writer, ...FROM_GENESIS, damages, left, hasRecords: places.length > 1 };
}

/** Whether something stands there without what it builds on, or before it: then that has rotted once. */
export function isGap(fault: JournalFault): boolean {
  if (fault.code === "JOURNAL_BAD_BLOCK") return fault.fault.code === "CHAIN_UNKNOWN_PARENT";
  return GAPS.has(fault.code);
}

const GAPS: ReadonlySet<JournalFault["code"]> = new Set([
  "JOURNAL_FACT_MISSING",
  "JOURNAL_FACT_TWICE",
  "JOURNAL_BLOCK_TWICE",
  "JOURNAL_BAD_CERTIFICATE",
]);
