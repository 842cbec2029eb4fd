/**
 * Opens the ledger's part of the flash. It begins with the newest snapshot that holds and reads what came after it; an
 * older one, or at last the whole journal, where none does. What is there is checked again by sums and roots,
 * signatures are not: they were before it was stored. Where records have rotted it begins with what the others tell
 * (decision 0052).
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail } from "#base/result.ts";
import {
  ArchivedLog,
  FlashArchive,
  openSafetyRegister,
  openSegmentLog,
  openSnapshotFiles,
  KeptStore,
  partsOf,
  placeOf,
  removeSegmentsBefore,
  segmentName,
  StartIndexes,
  type DroppedSegments,
  type SnapshotFiles,
} from "#adapters/flash-store/index.ts";
import { genesisRecord, type JournalFault } from "#core/ledger/journal.ts";
import { GENESIS_KEY, keptKeys } from "#core/ledger/record-keys.ts";
import { RecordOverlay } from "#core/ledger/record-overlay.ts";
import { NOTHING_LEFT, ResumedJournal, snapshotReaderFor } from "#core/ledger/resumed-journal.ts";
import { decodeMark, isMarkFrame, type SnapshotMark } from "#core/ledger/snapshot-frame.ts";
import type { SnapshotGeneration } from "#core/ledger/snapshot-store.ts";
import { SnapshotWriter } from "#core/ledger/snapshot-writer.ts";
import { StoredJournal } from "#core/ledger/stored-journal.ts";
import type { Flash } from "#hal/ports/flash.ts";
import { GatewayError } from "./gateway-error.ts";
import {
  contextOf,
  FROM_GENESIS,
  keysIn,
  ofAnotherRegion,
  optionsOf,
  type LedgerStore,
  type LedgerStoreParts,
  type OpenedLog,
} from "./ledger-store.ts";
import { isGap, openRottenLog } from "./open-rotten-log.ts";

/** Rejects with a GatewayError when what is on flash does not let it run. */
export async function openLedgerStore(parts: LedgerStoreParts, flash: Flash): Promise<LedgerStore> {
  const snapshots = await openSnapshotFiles(flash);
  const { kept, damages } = await openKept(parts, flash);
  const first = kept.mark === undefined ? 0 : partsOf(kept.mark.place).segment;
  // A power cut may have left some of what is dropped.
  await removeSegmentsBefore(flash, first);
  await refuseGap(flash, first);
  const files = { flash, snapshots, dropped: { first, older: first === 0 ? undefined : kept.archive } };
  let opened: OpenedLog | undefined;
  for (const generation of snapshots.generations) opened ??= await openFrom(generation, parts, files);
  if (opened === undefined && first > 0) throw withoutStart(parts, kept);
  opened ??= await openWhole(parts, flash);
  // Also where nothing was dropped yet: what an interrupted dropping has kept is in the log as well.
  opened.archive.lookFurtherIn(kept.archive);
  const { register, state } = await openSafetyRegister(flash);
  // A register that was never written beside a log with blocks has been lost: that is amnesia as well.
  const isLost = state === "amnesia" || (state === "new" && opened.hasRecords);
  const doubt = isLost ? "REGISTER_LOST" : state === "doubtful" ? "REGISTER_DOUBTFUL" : undefined;
  const all = [...damages, ...opened.damages];
  return {
    ...opened,
    damages: all,
    kept,
    journal: new ArchivedLog(opened.log, opened.archive),
    snapshots,
    register,
    doubt,
  };
}

interface Files {
  readonly flash: Flash;
  readonly snapshots: SnapshotFiles;
  readonly dropped: DroppedSegments;
}

function openKept(parts: LedgerStoreParts, flash: Flash): ReturnType<typeof KeptStore.open> {
  const { randomness, segmentBytes } = parts;
  const keysOf = (record: Uint8Array): readonly string[] => keptKeys(contextOf(parts), record);
  return KeptStore.open(flash, { randomness, segmentBytes, keysOf });
}

/** Where a mark says that segments were dropped, the first that was not has to be there. */
async function refuseGap(flash: Flash, first: number): Promise<void> {
  if (first === 0 || (await flash.list()).includes(segmentName(first))) return;
  const what = `${segmentName(first)} is missing, and was not dropped`;
  throw new GatewayError("STORE_DAMAGED", `${what}. Run \`tallystick verify\`, then restore a copy.`);
}

/** The blocks that would say how the state came about are gone. */
function withoutStart({ genesis }: LedgerStoreParts, kept: KeptStore): GatewayError {
  const stored = kept.archive.read(GENESIS_KEY);
  if (stored !== undefined && !equalBytes(stored, genesisRecord(genesis))) return ofAnotherRegion();
  const how = "old blocks were dropped, and neither of the snapshots of the state with which it could begin holds";
  return new GatewayError("STORE_DAMAGED", `${how}. Run \`tallystick verify\`, then restore a copy.`);
}

/** Undefined when the generation does not hold, or not with what else is there. */
async function openFrom(
  generation: SnapshotGeneration,
  parts: LedgerStoreParts,
  { flash, snapshots, dropped }: Files,
): Promise<OpenedLog | undefined> {
  const last = await lastMark(generation);
  if (last === undefined || !equalBytes(last.mark.genesisId, parts.genesis.id)) return undefined;
  const { mark, frames } = last;
  const keysOf = keysIn(parts);
  const archive = new FlashArchive(flash, keysOf, dropped);
  await archive.takeFull(partsOf(mark.place).segment);
  const { salt, endOfFull: segment } = archive;
  const later: number[] = [];
  const { log, damages } = await openSegmentLog(flash, {
    ...optionsOf(parts),
    ...(segment === 0 ? {} : { from: { segment, salt } }),
    visit: ({ bytes, segment: at, offset }) => {
      const place = placeOf(at, offset);
      for (const key of keysOf(bytes)) archive.note(key, place);
      if (place >= mark.place) later.push(place);
    },
  });
  const overlay = new RecordOverlay(archive, contextOf(parts));
  const reader = snapshotReaderFor({ ...parts, archive: overlay });
  let unread = frames;
  for await (const frame of generation.frames()) {
    if (unread === 0) break;
    overlay.takeFrame(frame);
    reader.take(frame);
    unread -= 1;
  }
  const read = reader.finish();
  const journal = read === undefined ? undefined : ResumedJournal.begin({ ...parts, archive: overlay }, read);
  if (read === undefined || journal === undefined) {
    await log.close();
    return undefined;
  }
  for (const place of later) journal.take(archive.readAt(place));
  // The power went between the snapshot and the journal.
  for (const record of overlay.missing) {
    const place = await log.append(record);
    for (const key of keysOf(record)) archive.note(key, place);
  }
  overlay.clear();
  const chain = journal.finish();
  const isContinued = await snapshots.resume(generation, frames);
  const writer = new SnapshotWriter(chain, isContinued ? read : undefined, parts.snapshotBlocks);
  const { serial } = mark.checkpoint;
  const startedWith = isContinued ? { serial, state: read.state, place: mark.place } : undefined;
  const left = damages.length === 0 ? NOTHING_LEFT : journal.left;
  return { log, archive, chain, writer, startedFrom: serial, startedWith, damages, left, hasRecords: true };
}

async function lastMark(
  generation: SnapshotGeneration,
): Promise<{ readonly mark: SnapshotMark; readonly frames: number } | undefined> {
  let [count, frames] = [0, 0];
  let mark: SnapshotMark | undefined;
  for await (const frame of generation.frames()) {
    count += 1;
    const found = isMarkFrame(frame) ? decodeMark(frame) : undefined;
    if (found === undefined) continue;
    mark = found;
    frames = count;
  }
  return mark && { mark, frames };
}

async function openWhole(parts: LedgerStoreParts, flash: Flash): Promise<OpenedLog> {
  const { crypto, genesis } = parts;
  const archive = new FlashArchive(flash, keysIn(parts));
  const stored = new StoredJournal(crypto, archive);
  let fault: JournalFault | undefined;
  const take = (bytes: Uint8Array, place: number): void => {
    const taken = fault === undefined ? stored.take(bytes, place) : undefined;
    if (taken?.ok === false) fault = taken.fault;
  };
  const indexes = new StartIndexes(archive, () => fault === undefined);
  const { log, damages } = await openSegmentLog(flash, {
    ...optionsOf(parts),
    enter: (segment) => indexes.enter(segment),
    visit: ({ bytes, segment, offset }) => {
      take(bytes, placeOf(segment, offset));
    },
  });
  if (damages.length > 0 || (fault !== undefined && isGap(fault))) {
    await log.close();
    return { ...(await openRottenLog(parts, flash)), disorder: damages.length === 0 ? fault?.code : undefined };
  }
  const hasRecords = stored.records > 1;
  if (stored.records === 0) take(genesisRecord(genesis), await log.append(genesisRecord(genesis)));
  const chain = fault === undefined ? stored.finish() : fail(fault);
  if (!chain.ok && chain.fault.code === "JOURNAL_OF_EARLIER_FORM") {
    throw new GatewayError("STORE_OF_EARLIER_FORM", "the flash folder holds a region of an earlier form of the ledger");
  }
  if (!chain.ok) throw new GatewayError("STORE_DAMAGED", JSON.stringify(chain.fault));
  if (toHex(chain.value.genesis.id) !== toHex(genesis.id)) throw ofAnotherRegion();
  const writer = new SnapshotWriter(chain.value, undefined, parts.snapshotBlocks);
  return { log, archive, chain: chain.value, writer, ...FROM_GENESIS, damages, left: NOTHING_LEFT, hasRecords };
}
