/**
 * A frame: one record in a segment.
 *
 *     length (4) | settled (4) | previous (4) | head check (4) | check (4) | the record's bytes
 *
 * - `length` of the bytes, never 0: zeros are the end of the log. Its top bit makes the frame a mark over a gap
 *   (below).
 * - `settled`: all of this segment before this offset was durable when the frame was written. A bad place before it is
 *   damage for certain; a bad place after it may be the write that a power cut interrupted.
 * - `previous`: the check of the frame before (0 for the log's first), so that no record can vanish, move or be
 *   repeated between two others. Being stored, it lets a reader go on behind a bad place.
 * - `head check` over the twelve bytes before it: if it holds, the length can be relied on although the record is bad.
 * - `check` over the sixteen before and the bytes.
 *
 * Both checks are CRC-32C started from the log's salt, the segment's index and (the head's) the offset. So old bytes in
 * another place are not a frame, and neither is what a stranger puts inside a record in the hope that the frame around
 * it gets damaged one day: without having seen a value of either check he has one chance in 2^64.
 *
 * A mark (`length` with the top bit, all its bytes zero) covers the place of records that an interrupted write left
 * unreadable in front of others; the frame behind it does not have the mark as `previous`.
 */
import { advanceCrc32c } from "./crc32c.ts";
import { FRAMES_START } from "./segment-format.ts";

export interface Frame {
  readonly kind: "record" | "mark";
  readonly offset: number;
  /** Where the next one starts. */
  readonly end: number;
  readonly settled: number;
  readonly previous: number;
  readonly check: number;
}

/** A head that is right with bytes that are not. */
export interface BrokenFrame extends Pick<Frame, "end" | "settled"> {
  readonly kind: "broken";
}

export interface FrameKeys {
  readonly head: number;
  readonly body: number;
}

export const FRAME_HEAD_BYTES = 20;

/** What the checks of a segment's frames start from. */
export function frameKeys(salt: Uint8Array, segment: number): FrameKeys {
  const place = new Uint8Array(4);
  new DataView(place.buffer).setUint32(0, segment);
  const half = salt.length / 2;
  return {
    head: advanceCrc32c(advanceCrc32c(-1, salt, 0, half), place, 0, 4),
    body: advanceCrc32c(advanceCrc32c(-1, salt, half, salt.length), place, 0, 4),
  };
}

/** Lays a frame into `target`, which stands for the segment from `base` on, and returns it. */
export function writeFrame(
  target: { readonly bytes: Uint8Array; readonly base: number; readonly keys: FrameKeys },
  frame: Pick<Frame, "kind" | "offset" | "settled" | "previous">,
  record: Uint8Array,
): Frame {
  const start = frame.offset - target.base;
  const view = new DataView(target.bytes.buffer, target.bytes.byteOffset + start, FRAME_HEAD_BYTES);
  view.setUint32(0, (frame.kind === "mark" ? record.length | MARK : record.length) >>> 0);
  view.setUint32(4, frame.settled);
  view.setUint32(8, frame.previous);
  view.setUint32(12, headCheck(target.bytes, start, target.keys.head ^ frame.offset));
  target.bytes.set(record, start + FRAME_HEAD_BYTES);
  const check = bodyCheck(target.bytes, { start, length: record.length }, target.keys.body);
  view.setUint32(16, check);
  return { ...frame, check, end: frame.offset + FRAME_HEAD_BYTES + record.length };
}

/** How many bytes the record behind this head at an offset of its segment has; undefined when it is no head. */
export function recordLength(head: Uint8Array, offset: number, keys: FrameKeys): number | undefined {
  const view = new DataView(head.buffer, head.byteOffset, FRAME_HEAD_BYTES);
  return view.getUint32(12) === headCheck(head, 0, keys.head ^ offset) ? view.getUint32(0) & ~MARK : undefined;
}

/** Whether the bytes of one frame, the head of which is right, are what was written. */
export function isIntact(frame: Uint8Array, keys: FrameKeys): boolean {
  const check = new DataView(frame.buffer, frame.byteOffset, FRAME_HEAD_BYTES).getUint32(16);
  return check === bodyCheck(frame, { start: 0, length: frame.length - FRAME_HEAD_BYTES }, keys.body);
}

/** What stands at `offset` of a segment whose frames end at `limit`: undefined when not even a head does. */
export function readFrame(
  segment: { readonly view: DataView; readonly bytes: Uint8Array; readonly limit: number; readonly keys: FrameKeys },
  offset: number,
): Frame | BrokenFrame | undefined {
  const room = segment.limit - offset - FRAME_HEAD_BYTES;
  if (room < 1) return undefined;
  const lengthField = segment.view.getUint32(offset);
  const length = lengthField & ~MARK;
  const settled = segment.view.getUint32(offset + 4);
  // What rules out most places by two comparisons, when every byte of a damaged stretch is tried.
  if (length === 0 || length > room || settled < FRAMES_START || settled > offset) return undefined;
  const head = headCheck(segment.bytes, offset, segment.keys.head ^ offset);
  if (segment.view.getUint32(offset + 12) !== head) return undefined;
  const end = offset + FRAME_HEAD_BYTES + length;
  const check = segment.view.getUint32(offset + 16);
  const kind = length === lengthField ? "record" : "mark";
  const isIntact = check === bodyCheck(segment.bytes, { start: offset, length }, segment.keys.body);
  if (!isIntact || (kind === "mark" && !isZero(segment.bytes, offset + FRAME_HEAD_BYTES, end))) {
    return { kind: "broken", end, settled };
  }
  return { kind, offset, end, settled, previous: segment.view.getUint32(offset + 8), check };
}

export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) if (bytes[index] !== 0) return false;
  return true;
}

function headCheck(bytes: Uint8Array, start: number, key: number): number {
  return ~advanceCrc32c(key, bytes, start, start + 12) >>> 0;
}

function bodyCheck(bytes: Uint8Array, place: { readonly start: number; readonly length: number }, key: number): number {
  const afterHead = advanceCrc32c(key, bytes, place.start, place.start + 16);
  const from = place.start + FRAME_HEAD_BYTES;
  return ~advanceCrc32c(afterHead, bytes, from, from + place.length) >>> 0;
}

const MARK = 0x80000000;
