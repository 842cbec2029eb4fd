/**
 * GENERAL-BLOCK-TRANSFER: an APDU in numbered blocks, IEC 62056-5-3.
 *
 *     e0 | last, streaming, window | block number (2) | acknowledged (2) | block (octet string)
 */
import { readLength } from "./axdr.ts";
import type { LinkSegment } from "./link-frame.ts";

export const GENERAL_BLOCK_TRANSFER = 0xe0;

/** The block as a part of its APDU; undefined when the lengths do not fit. */
export function readBlock(apdu: Uint8Array, source: string): LinkSegment | undefined {
  const cursor = { bytes: apdu, at: BLOCK_AT };
  const length = apdu.length < BLOCK_AT ? undefined : readLength(cursor);
  if (length?.ok !== true || length.value !== apdu.length - cursor.at) return undefined;
  const sequence = ((apdu[2] ?? 0) << 8) | (apdu[3] ?? 0);
  return {
    source,
    isFirst: sequence === FIRST_BLOCK,
    isLast: ((apdu[1] ?? 0) & LAST_BLOCK) !== 0,
    sequence,
    bytes: apdu.subarray(cursor.at),
  };
}

const BLOCK_AT = 6;
const FIRST_BLOCK = 1;
const LAST_BLOCK = 0x80;
