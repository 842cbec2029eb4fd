/**
 * A segment: one file of fixed size, all zeros but for what is laid down here.
 *
 *     0                32                                     size - 32        size
 *     | header         | frames, end to end, then zeros       | header again   |
 *
 *     header = magic (8) | version (4) | index (4) | size (4) | salt (8) | CRC-32C of these (4), big-endian
 *
 * The second copy is in another page: without the salt no frame can be told from chance.
 */
import { fail, ok } from "#base/result.ts";
import type { Result } from "#base/result.ts";
import { crc32c } from "./crc32c.ts";

export interface SegmentHeader {
  /** Place in the log, from 0. */
  readonly index: number;
  readonly sizeBytes: number;
  /** Drawn once for a log and never sent anywhere: it keys the checks of the frames. */
  readonly salt: Uint8Array;
}

export type HeaderFault =
  | { readonly code: "HEADER_ZERO" }
  | { readonly code: "HEADER_DAMAGED" }
  | { readonly code: "HEADER_VERSION"; readonly version: number };

export const HEADER_BYTES = 32;
export const SALT_BYTES = 8;
export const FRAMES_START = HEADER_BYTES;
/** Below it there is no room for a record, above it offsets no longer fit the frame's fields. */
export const SEGMENT_BYTES_MIN = 128;
export const SEGMENT_BYTES_MAX = 1024 * 1024 * 1024;

export function segmentName(index: number): string {
  return `segment-${index.toString().padStart(NAME_DIGITS, "0")}`;
}

/** The index in a segment's name, or undefined for any other file. */
export function segmentIndex(name: string): number | undefined {
  const digits = /^segment-(\d{8})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Where the frames of a segment of this size must end. */
export function framesEnd(sizeBytes: number): number {
  return sizeBytes - HEADER_BYTES;
}

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC, 0);
  view.setUint32(8, FORMAT_VERSION);
  view.setUint32(12, header.index);
  view.setUint32(16, header.sizeBytes);
  bytes.set(header.salt, 20);
  view.setUint32(28, crc32c(bytes.subarray(0, 28)));
  return bytes;
}

export function decodeHeader(bytes: Uint8Array): Result<SegmentHeader, HeaderFault> {
  if (bytes.every((byte) => byte === 0)) return fail({ code: "HEADER_ZERO" });
  if (bytes.length !== HEADER_BYTES) return fail({ code: "HEADER_DAMAGED" });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isIntact = MAGIC.every((byte, index) => bytes[index] === byte);
  if (!isIntact || view.getUint32(28) !== crc32c(bytes.subarray(0, 28))) return fail({ code: "HEADER_DAMAGED" });
  const version = view.getUint32(8);
  if (version !== FORMAT_VERSION) return fail({ code: "HEADER_VERSION", version });
  return ok({ index: view.getUint32(12), sizeBytes: view.getUint32(16), salt: bytes.slice(20, 28) });
}

const NAME_DIGITS = 8;
const FORMAT_VERSION = 1;
const MAGIC = new TextEncoder().encode("TALLYSEG");
