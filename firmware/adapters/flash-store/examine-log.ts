/**
 * Reads a whole log and judges what is bad in it, without changing anything: opening for writing and inspecting see the
 * same.
 *
 * How a torn write is told from damage: only the last write of the log can have been interrupted, and every frame says
 * how far the segment was durable when it was written (`settled`). What is bad and lies before such a mark, or in a
 * segment before the last one that has records, was durable and is damage. What is bad behind every mark was, as far as
 * anybody can know, never acknowledged.
 */
import type { Finding } from "./finding.ts";
import { FRAME_HEAD_BYTES } from "./frame.ts";
import { RecordLinks } from "./record-links.ts";
import type { SegmentOutline, Stretch } from "./segment-scan.ts";
import { readHeads, readSegment } from "./segment-read.ts";
import type { SegmentHeads, SegmentRead, SegmentSource } from "./segment-read.ts";

/** A record and its place. */
export interface StoredRecord {
  readonly segment: number;
  /** Of its frame in the segment's file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Name of that file, where it is not the segment's own. */
  readonly file?: string;
}

export interface LogPlace {
  readonly segment: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

export interface LogExamination {
  readonly segments: readonly SegmentRead[];
  /** In the order of their appends. */
  readonly records: readonly StoredRecord[];
  readonly findings: readonly Finding[];
  /** Places where an earlier start found an interrupted write in front of good records, and marked it. */
  readonly marks: readonly LogPlace[];
  /** Index of the last segment that was written to, by the heads found in it; -1 when there is none. */
  readonly lastWritten: number;
}

export interface SplitTail {
  readonly damaged?: Stretch | undefined;
  readonly torn?: Stretch | undefined;
}

/** The largest single write: what lies behind the last good record and is longer cannot be one interrupted write. */
export const BATCH_BYTES_MAX = 1024 * 1024;

export interface LogReader {
  /** Is given the records as they are read, instead of all of them at the end: a long log need not fit the memory. */
  readonly visit?: ((record: StoredRecord) => void) | undefined;
  /** Is waited for before the first record of a segment is given. */
  readonly enter?: ((segment: number) => Promise<void>) | undefined;
  /**
   * The segments before this one are left out: they are full and need not be read, or were dropped. Of the log's salt
   * they say what it is, if there are any; what the first record follows is not known.
   */
  readonly from?: { readonly segment: number; readonly salt: Uint8Array | undefined } | undefined;
}

/** `sources` in the order of their indexes. */
export async function examineLog(
  sources: readonly SegmentSource[],
  { visit, enter, from }: LogReader = {},
): Promise<LogExamination> {
  const heads: SegmentHeads[] = [];
  for (const source of sources) heads.push(await readHeads(source));
  const salt = heads.find((each) => each.salt !== undefined)?.salt ?? from?.salt;
  const segments: SegmentRead[] = [];
  const records: StoredRecord[] = [];
  const marks: LogPlace[] = [];
  const links = new RecordLinks(from?.segment ?? 0);
  for (const [position, source] of sources.entries()) {
    const own = heads[position];
    if (own === undefined) continue;
    const { read, bytes, frames } = await readSegment(source, own, salt);
    segments.push(read);
    links.follow(read, frames);
    if (frames.length > 0) await enter?.(read.index);
    for (const { kind, offset, end } of frames) {
      if (kind === "mark") {
        marks.push({ segment: read.index, offset, lengthBytes: end - offset });
        continue;
      }
      const stored = { segment: read.index, offset, bytes: bytes.slice(offset + FRAME_HEAD_BYTES, end) };
      if (visit === undefined) records.push(stored);
      else visit(stored);
    }
  }
  const lastWritten = segments.findLast((each) => each.scan?.hasHead === true)?.index ?? -1;
  const findings = [...links.broken, ...segments.flatMap((each) => judgeSegment(each, lastWritten))];
  return { segments, records, findings: findings.sort(byPlace), marks, lastWritten };
}

/** What lies behind the last good record of the log: the part that was durable once, and the interrupted write. */
export function splitTail(scan: SegmentOutline): SplitTail {
  if (scan.tail === undefined) return {};
  const { from, to } = scan.tail;
  const border = Math.max(from, Math.min(scan.settled, to));
  // A torn tail is at most one write long. What is longer has lost more than that.
  if (to - border > BATCH_BYTES_MAX) return { damaged: scan.tail };
  return {
    ...(border > from ? { damaged: { from, to: border } } : {}),
    ...(to > border ? { torn: { from: border, to } } : {}),
  };
}

/** Bad places in the last write, with good records of the same write behind them. */
export function tornHoles(scan: SegmentOutline): readonly Stretch[] {
  return scan.holes.filter((hole) => hole.from >= scan.settled && hole.to - hole.from > FRAME_HEAD_BYTES);
}

function judgeSegment(read: SegmentRead, lastWritten: number): readonly Finding[] {
  const { index, scan, heads } = read;
  const isSpare = index > lastWritten;
  const headerCode = isSpare && heads.state === "damaged" ? "TORN_SEGMENT" : "SEGMENT_HEADER";
  const findings = heads.findings.map((each): Finding => {
    return each.code === "SEGMENT_HEADER" ? { ...each, code: headerCode } : each;
  });
  if (scan === undefined) {
    if (read.isBlank || heads.findings.some((each) => each.code === "SEGMENT_UNREADABLE")) return findings;
    const detail = "no header of the log is readable, so no record can be told from chance";
    return [
      ...findings,
      { code: "SEGMENT_UNREADABLE", segment: index, offset: 0, lengthBytes: read.sizeBytes, detail },
    ];
  }
  const report = (code: Finding["code"], stretch: Stretch, detail: string): void => {
    findings.push({ code, segment: index, offset: stretch.from, lengthBytes: stretch.to - stretch.from, detail });
  };
  const torn = index === lastWritten ? tornHoles(scan) : [];
  for (const hole of scan.holes) {
    if (torn.includes(hole)) report("TORN_BATCH", hole, "an unfinished write, in front of records of the same write");
    else report("RECORD_DAMAGED", hole, "not a readable record, with good records behind it");
  }
  const tail: SplitTail = index < lastWritten ? { damaged: scan.tail } : splitTail(scan);
  if (tail.damaged !== undefined) report("RECORD_DAMAGED", tail.damaged, "not a readable record, but was durable");
  if (tail.torn !== undefined) report("TORN_TAIL", tail.torn, "an unfinished write at the end of the log");
  return findings;
}

function byPlace(left: Finding, right: Finding): number {
  return left.segment - right.segment || left.offset - right.offset;
}
