/** What is written down of a state, frame by frame. */
import { concatBytes } from "#base/bytes.ts";
import { HANDOFFS_PER_FRAME, IDS_PER_FRAME, RECORDS_PER_FRAME } from "./snapshot-frame.ts";
import { encodeEntries, encodeHandoffs, encodeIds, encodeRecords, ENTRIES_PER_FRAME } from "./snapshot-frame.ts";
import type { SnapshotEntry } from "./snapshot-frame.ts";
import type { LedgerState } from "./state.ts";
import { ROOTED_TABLES } from "./state-tables.ts";

/** The tables, or what has changed in them, between other frames. Records that charges refer to come first. */
export function* framesOf(
  before: LedgerState | undefined,
  state: LedgerState,
  last: readonly Uint8Array[],
  first: readonly Uint8Array[] = [],
): Generator<Uint8Array> {
  yield* first;
  for (const [number, name] of ROOTED_TABLES.entries()) {
    const table = state[name];
    const former = before === undefined ? table.emptied() : before[name];
    let entries: SnapshotEntry[] = [];
    // Each table is only ever compared with a former version of itself.
    for (const { key, encoded } of table.changesSince(former as never)) {
      entries.push([table.form.keyBytes(key), encoded ?? null]);
      if (entries.length < ENTRIES_PER_FRAME) continue;
      yield encodeEntries(number, entries);
      entries = [];
    }
    if (entries.length > 0) yield encodeEntries(number, entries);
  }
  yield* last;
}

/** @param idsOf ids of blocks from one serial up to, but without, another */
export function idFrames(
  from: number,
  to: number,
  idsOf: (from: number, to: number) => readonly Uint8Array[],
): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let serial = from; serial < to; serial += IDS_PER_FRAME) {
    frames.push(encodeIds(serial, concatBytes(...idsOf(serial, Math.min(to, serial + IDS_PER_FRAME)))));
  }
  return frames;
}

export function handoffFrames(epoch: number, handoffs: readonly Uint8Array[]): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let place = 0; place < handoffs.length; place += HANDOFFS_PER_FRAME) {
    frames.push(encodeHandoffs(epoch + place, handoffs.slice(place, place + HANDOFFS_PER_FRAME)));
  }
  return frames;
}

export function recordFrames(records: readonly Uint8Array[]): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let place = 0; place < records.length; place += RECORDS_PER_FRAME) {
    frames.push(encodeRecords(records.slice(place, place + RECORDS_PER_FRAME)));
  }
  return frames;
}
