/** Reads the frames of one segment, goes on behind what is bad, and says what it could not read. Never fails. */
import { readFrame } from "./frame.ts";
import type { Frame, FrameKeys } from "./frame.ts";
import { FRAMES_START, framesEnd } from "./segment-format.ts";

/** Offsets from the start of the segment; `to` is the first one behind. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface SegmentScan {
  readonly frames: readonly Frame[];
  /** Bad places, each with a good frame somewhere behind it. */
  readonly holes: readonly Stretch[];
  /** Where the last good frame ends. */
  readonly end: number;
  /** From there to the last byte that is not zero, if there is one. */
  readonly tail: Stretch | undefined;
  /** The furthest offset that any head, also one of a bad record, says was durable before it was written. */
  readonly settled: number;
  /** Whether anything was ever written here, as far as the heads tell. */
  readonly hasHead: boolean;
}

/** What is kept of a scan, since the frames of a log of years are millions. */
export interface SegmentOutline extends Omit<SegmentScan, "frames"> {
  /** In their order: the last good frame before each bad place, and the last of all. None where nothing can be read. */
  readonly landmarks: readonly Frame[];
}

export function outlineOf({ frames, ...scan }: SegmentScan): SegmentOutline {
  const bad = new Set(scan.holes.map(({ from }) => from));
  return { ...scan, landmarks: frames.filter(({ end }) => end === scan.end || bad.has(end)) };
}

export function scanSegment(bytes: Uint8Array, keys: FrameKeys): SegmentScan {
  const limit = framesEnd(bytes.length);
  const written = lastWritten(bytes, limit);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const segment: Readable = { bytes, view, keys, limit, written };
  const frames: Frame[] = [];
  const holes: Stretch[] = [];
  let settled = FRAMES_START;
  let hasHead = false;
  let offset = FRAMES_START;
  while (offset < written) {
    const found = readFrame(segment, offset);
    const next = found?.end ?? findFrame(segment, offset + 1);
    if (next === undefined) break;
    if (found === undefined || found.kind === "broken") holes.push({ from: offset, to: next });
    else frames.push(found);
    hasHead ||= found !== undefined;
    settled = Math.max(settled, found?.settled ?? 0);
    offset = next;
  }
  const end = frames.at(-1)?.end ?? FRAMES_START;
  const tail = written > end ? { from: end, to: written } : undefined;
  return { frames, holes: holes.filter((hole) => hole.from < end), end, tail, settled, hasHead };
}

/**
 * The next place with a whole, good frame; a head alone only where no such frame follows. Behind a place where nothing
 * is right, a wrong length could otherwise make us jump over good records.
 */
function findFrame(segment: Readable, from: number): number | undefined {
  let firstHead: number | undefined;
  for (let offset = from; offset < segment.written; offset += 1) {
    const found = readFrame(segment, offset);
    if (found !== undefined && found.kind !== "broken") return offset;
    if (found !== undefined) firstHead ??= offset;
  }
  return firstHead;
}

/** Behind the last byte before `limit` that is not zero. */
function lastWritten(bytes: Uint8Array, limit: number): number {
  let end = limit;
  while (end > FRAMES_START && bytes[end - 1] === 0) end -= 1;
  return end;
}

interface Readable {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly keys: FrameKeys;
  readonly limit: number;
  readonly written: number;
}
