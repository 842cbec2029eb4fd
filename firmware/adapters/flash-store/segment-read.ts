/** One segment as it stands on flash: its headers judged, its frames read if its salt is known. */
import { toHex } from "#base/bytes.ts";
import { frameKeys, isZero } from "./frame.ts";
import type { Finding } from "./finding.ts";
import {
  FRAMES_START,
  HEADER_BYTES,
  SEGMENT_BYTES_MAX,
  SEGMENT_BYTES_MIN,
  decodeHeader,
  framesEnd,
} from "./segment-format.ts";
import type { Frame } from "./frame.ts";
import { outlineOf, scanSegment } from "./segment-scan.ts";
import type { SegmentOutline } from "./segment-scan.ts";

/** Where a segment's bytes come from: a file on flash, or a copy of one. */
export interface SegmentSource {
  readonly index: number;
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface SegmentHeads {
  readonly salt: Uint8Array | undefined;
  /**
   * `intact`: both copies right. `damaged`: a copy is not readable, none says anything else. `foreign`: a copy is in
   * order, but for another segment, size, log or version; nothing in such a file is ever changed.
   */
  readonly state: "intact" | "damaged" | "foreign";
  readonly findings: readonly Finding[];
}

export interface SegmentRead {
  readonly index: number;
  readonly sizeBytes: number;
  readonly heads: SegmentHeads;
  /** Its own, or else the log's. */
  readonly salt: Uint8Array | undefined;
  /** Undefined where nothing can be read: no segment at all, or its log is unknown. */
  readonly scan: SegmentOutline | undefined;
  /** Nothing but zeros, apart from the headers. */
  readonly isBlank: boolean;
}

export async function readHeads(source: SegmentSource): Promise<SegmentHeads> {
  if (!isSegmentSize(source.sizeBytes)) {
    const detail = `a segment cannot have ${source.sizeBytes} bytes`;
    const finding = { segment: source.index, offset: 0, lengthBytes: source.sizeBytes, detail };
    return { salt: undefined, state: "foreign", findings: [{ code: "SEGMENT_UNREADABLE", ...finding }] };
  }
  const offsets = [0, framesEnd(source.sizeBytes)];
  const copies = await Promise.all(offsets.map(async (offset) => judgeCopy(source, offset)));
  const salts = copies.flatMap((copy) => (copy.salt === undefined ? [] : [copy.salt]));
  const salt = salts[0];
  const findings = copies.flatMap((copy) => (copy.finding === undefined ? [] : [copy.finding]));
  const isTwoLogs = new Set(salts.map(toHex)).size > 1;
  if (isTwoLogs) findings.push(headerFinding(source.index, framesEnd(source.sizeBytes), "the copies name two logs"));
  if (isTwoLogs || copies.some((copy) => copy.isForeign)) return { salt, state: "foreign", findings };
  return { salt, state: findings.length === 0 ? "intact" : "damaged", findings };
}

/** What is kept of a segment, and what was read of it. */
export interface WholeSegment {
  readonly read: SegmentRead;
  readonly bytes: Uint8Array;
  readonly frames: readonly Frame[];
}

/** Reads all of it. `logSalt` is for a segment that has lost its own. */
export async function readSegment(
  source: SegmentSource,
  heads: SegmentHeads,
  logSalt: Uint8Array | undefined,
): Promise<WholeSegment> {
  const { index, sizeBytes } = source;
  if (!isSegmentSize(sizeBytes)) {
    const read = { index, sizeBytes, heads, salt: heads.salt, scan: undefined, isBlank: false };
    return { read, bytes: new Uint8Array(0), frames: [] };
  }
  const bytes = await source.read(0, sizeBytes);
  const isBlank = isZero(bytes, FRAMES_START, framesEnd(sizeBytes));
  const salt = heads.salt ?? logSalt;
  const scan = salt === undefined ? undefined : scanSegment(bytes, frameKeys(salt, index));
  const read = { index, sizeBytes, heads, salt, scan: scan && outlineOf(scan), isBlank };
  return { read, bytes, frames: scan?.frames ?? [] };
}

function isSegmentSize(sizeBytes: number): boolean {
  return sizeBytes >= SEGMENT_BYTES_MIN && sizeBytes <= SEGMENT_BYTES_MAX;
}

interface CopyJudgement {
  readonly salt?: Uint8Array;
  readonly finding?: Finding;
  readonly isForeign: boolean;
}

async function judgeCopy(source: SegmentSource, offset: number): Promise<CopyJudgement> {
  const decoded = decodeHeader(await source.read(offset, HEADER_BYTES));
  const finding = (detail: string): Finding => headerFinding(source.index, offset, detail);
  if (!decoded.ok) {
    switch (decoded.fault.code) {
      case "HEADER_ZERO":
        return { finding: finding("the header is all zeros"), isForeign: false };
      case "HEADER_DAMAGED":
        return { finding: finding("the header does not match its check"), isForeign: false };
      case "HEADER_VERSION":
        return { finding: finding(`the header is of format version ${decoded.fault.version}`), isForeign: true };
    }
  }
  const { index, sizeBytes, salt } = decoded.value;
  if (index === source.index && sizeBytes === source.sizeBytes) return { salt, isForeign: false };
  const detail = `the header is of segment ${index} with ${sizeBytes} bytes, the file has ${source.sizeBytes}`;
  return { salt, finding: finding(detail), isForeign: true };
}

function headerFinding(segment: number, offset: number, detail: string): Finding {
  return { code: "SEGMENT_HEADER", segment, offset, lengthBytes: HEADER_BYTES, detail };
}
