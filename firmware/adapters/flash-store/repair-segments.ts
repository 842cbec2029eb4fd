/** Tidies what an interrupted write left, before a log is appended to. Power may be cut at each write here, too. */
import type { FlashFile } from "#hal/ports/flash.ts";
import { splitTail, tornHoles } from "./examine-log.ts";
import type { LogExamination } from "./examine-log.ts";
import { FRAME_HEAD_BYTES, frameKeys, writeFrame } from "./frame.ts";
import { openSegment, writeHeaders } from "./segment-file.ts";
import type { OpenSegment } from "./segment-file.ts";
import { FRAMES_START } from "./segment-format.ts";
import type { SegmentRead } from "./segment-read.ts";
import type { SegmentOutline } from "./segment-scan.ts";

/**
 * Repairs what may be repaired, and returns the segments that may be appended to, in order. `logSalt` is for segments
 * that have not got one yet.
 */
export async function repairSegments(
  examination: LogExamination,
  files: ReadonlyMap<number, FlashFile>,
  logSalt: Uint8Array,
): Promise<readonly OpenSegment[]> {
  const { segments, lastWritten } = examination;
  // Records must come back in the order of their appends, so nothing is appended before a file that may hold some.
  const lastSealed = segments.findLast((read) => isSealed(read, lastWritten))?.index ?? -1;
  const firstUsable = Math.max(lastWritten, lastSealed + 1);
  const usable: OpenSegment[] = [];
  let previous = 0;
  for (const read of segments) {
    const file = files.get(read.index);
    const salt = read.salt ?? logSalt;
    const hasRecords = read.scan !== undefined && read.scan.landmarks.length > 0;
    if (file === undefined) continue;
    if (read.index >= firstUsable) usable.push(await repairForAppending(file, read, { salt, previous }));
    else if (read.heads.state === "damaged" && hasRecords) await repairHeaders(file, read.index, salt);
    previous = read.scan?.landmarks.at(-1)?.check ?? previous;
  }
  return usable;
}

/** A file whose end is not known for certain: it is read, and never written to. */
function isSealed(read: SegmentRead, lastWritten: number): boolean {
  if (read.heads.state === "foreign") return true;
  if (read.scan === undefined) return !read.isBlank;
  if (read.index < lastWritten) return false;
  const { damaged, torn } = splitTail(read.scan);
  return damaged !== undefined && torn === undefined;
}

async function repairForAppending(file: FlashFile, read: SegmentRead, before: Before): Promise<OpenSegment> {
  const { index, scan } = read;
  const { salt } = before;
  // The headers of a segment without records may not have been synced by whoever made it.
  const isSpare = scan === undefined || scan.landmarks.length === 0;
  if (isSpare || read.heads.state === "damaged") await writeHeaders(file, index, salt);
  if (scan !== undefined) await repairLastWrite(file, { index, scan }, before);
  await file.sync();
  const offset = scan === undefined ? FRAMES_START : Math.max(scan.end, splitTail(scan).damaged?.to ?? 0);
  return openSegment(file, { index, offset, salt });
}

async function repairHeaders(file: FlashFile, index: number, salt: Uint8Array): Promise<void> {
  await writeHeaders(file, index, salt);
  await file.sync();
}

/**
 * Everything from the last mark of durability on, written once more in one piece: torn places covered, the tail zeroed.
 */
async function repairLastWrite(
  file: FlashFile,
  segment: { readonly index: number; readonly scan: SegmentOutline },
  before: Before,
): Promise<void> {
  const { scan, index } = segment;
  const { torn } = splitTail(scan);
  const from = scan.settled;
  const to = Math.max(scan.end, torn?.to ?? 0);
  if (to <= from) return;
  const bytes = (await file.read(from, to - from)).slice();
  const target = { bytes, base: from, keys: frameKeys(before.salt, index) };
  for (const hole of tornHoles(scan)) {
    const previous = scan.landmarks.findLast((frame) => frame.end <= hole.from)?.check ?? before.previous;
    const covered = new Uint8Array(hole.to - hole.from - FRAME_HEAD_BYTES);
    writeFrame(target, { kind: "mark", offset: hole.from, settled: scan.settled, previous }, covered);
  }
  if (torn !== undefined) bytes.fill(0, torn.from - from, torn.to - from);
  await file.write(from, bytes);
}

interface Before {
  readonly salt: Uint8Array;
  /** Check of the last record of the segments before. */
  readonly previous: number;
}
