/** A segment on flash: making one, opening one, and writing its headers. */
import type { Flash, FlashFile } from "#hal/ports/flash.ts";
import { frameKeys } from "./frame.ts";
import type { FrameKeys } from "./frame.ts";
import { FRAMES_START, encodeHeader, framesEnd, segmentName } from "./segment-format.ts";

/** A segment that may be appended to, its headers durable. */
export interface OpenSegment {
  readonly index: number;
  readonly file: FlashFile;
  readonly keys: FrameKeys;
  /** Where the next frame goes, and where frames must end. */
  readonly offset: number;
  readonly limit: number;
}

/** What all segments of a log share. */
export interface LogShape {
  readonly sizeBytes: number;
  readonly salt: Uint8Array;
}

/** A new, empty segment. Rejects with the flash's own error; what an interrupted call leaves is repaired at open. */
export async function makeSegment(flash: Flash, index: number, shape: LogShape): Promise<OpenSegment> {
  const file = await flash.create(segmentName(index), shape.sizeBytes);
  await writeHeaders(file, index, shape.salt);
  await file.sync();
  return openSegment(file, { index, offset: FRAMES_START, salt: shape.salt });
}

export function openSegment(
  file: FlashFile,
  place: { readonly index: number; readonly offset: number; readonly salt: Uint8Array },
): OpenSegment {
  const { index, offset, salt } = place;
  return { index, file, keys: frameKeys(salt, index), offset, limit: framesEnd(file.sizeBytes) };
}

/** Writes both copies; durable after the next sync. */
export async function writeHeaders(file: FlashFile, index: number, salt: Uint8Array): Promise<void> {
  const header = encodeHeader({ index, sizeBytes: file.sizeBytes, salt });
  await file.write(0, header);
  await file.write(framesEnd(file.sizeBytes), header);
}
