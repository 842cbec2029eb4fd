/**
 * Opens the log of a folder for writing: reads all of it, tidies what a power cut interrupted, and goes on behind.
 *
 * What is changed on flash, and nothing else:
 * - a torn tail is zeroed; a torn place in front of good records of the same write is covered with a mark;
 * - the last write is written once more and synced, because the process that was killed may not have lived to sync it,
 *   and a sync that failed once reports success the second time (Linux drops the dirty pages): what a caller is given
 *   as a record must survive the next power cut;
 * - headers that do not match their check are written anew.
 *
 * Damage, that is bad bytes that were durable once, is reported at each open and stays as it is: the record can be had
 * from a peer by its id, the bytes may still help somebody.
 */
import { assert } from "#base/assert.ts";
import type { Flash, FlashFile } from "#hal/ports/flash.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { examineLog } from "./examine-log.ts";
import type { LogReader, StoredRecord } from "./examine-log.ts";
import { isTear } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { repairSegments } from "./repair-segments.ts";
import { makeSegment } from "./segment-file.ts";
import { SALT_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, segmentIndex } from "./segment-format.ts";
import { SegmentLog } from "./segment-log.ts";
import type { SegmentRead } from "./segment-read.ts";

export interface SegmentLogOptions extends LogReader {
  /** For the salt of a new log. */
  readonly randomness: Randomness;
  /** Of segments made from now on; the ones there keep theirs. */
  readonly segmentBytes?: number;
}

export interface OpenedSegmentLog {
  readonly log: SegmentLog;
  /** All of them, in the order of their appends; none where they were given to `visit`. */
  readonly records: readonly StoredRecord[];
  /** Durable bytes that have changed: records are lost or in doubt. */
  readonly damages: readonly Finding[];
  /** What a power cut had interrupted; tidied up now, so the next open does not report it again. */
  readonly tears: readonly Finding[];
}

/** About 16,000 records of 500 B. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Rejects with a FlashError when the flash fails. No content of the files makes it reject. */
export async function openSegmentLog(flash: Flash, options: SegmentLogOptions): Promise<OpenedSegmentLog> {
  const sizeBytes = options.segmentBytes ?? SEGMENT_BYTES;
  assert(sizeBytes >= SEGMENT_BYTES_MIN && sizeBytes <= SEGMENT_BYTES_MAX, "a segment has a size it can have");
  const first = options.from?.segment ?? 0;
  const files = new Map<number, FlashFile>();
  for (const name of await flash.list()) {
    const index = segmentIndex(name);
    if (index !== undefined && index >= first) files.set(index, await flash.open(name));
  }
  const sources = [...files].map(([index, file]) => ({
    index,
    sizeBytes: file.sizeBytes,
    read: (offset: number, length: number) => file.read(offset, length),
  }));
  const examination = await examineLog(sources, options);
  const own = examination.segments.find((each) => each.heads.salt !== undefined)?.heads.salt;
  const salt = own ?? options.from?.salt;
  const shape = { sizeBytes, salt: salt ?? options.randomness.bytes(SALT_BYTES) };
  const usable = await repairSegments(examination, files, shape.salt);
  const [active, ...spares] = usable;
  const inUse = new Set(usable.map((segment) => segment.file));
  for (const file of files.values()) if (!inUse.has(file)) await file.close();
  const lastIndex = examination.segments.at(-1)?.index ?? first - 1;
  const start = {
    active: active ?? (await makeSegment(flash, lastIndex + 1, shape)),
    spares,
    nextIndex: active === undefined ? lastIndex + 2 : lastIndex + 1,
    previous: examination.segments.findLast(hasFrames)?.scan?.landmarks.at(-1)?.check ?? 0,
    shape,
  };
  return {
    log: new SegmentLog(flash, start),
    records: examination.records,
    damages: examination.findings.filter((finding) => !isTear(finding)),
    tears: examination.findings.filter(isTear),
  };
}

function hasFrames(read: SegmentRead): boolean {
  return (read.scan?.landmarks.length ?? 0) > 0;
}
