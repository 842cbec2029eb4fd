/**
 * Long frames of wired M-Bus as Austrian meters push them: EN 13757-2 (link), EN 13757-1 (DLMS over M-Bus).
 *
 *     68 | L | L | 68 | C | A | CI | STSAP | DTSAP | part of the APDU | sum | 16
 *
 * L counts from C to the last byte before the sum, which is the low byte of their sum. CI numbers the parts of an APDU:
 * the low four bits count from 0, bit 4 marks the last.
 *
 * The sum is weak: two errors that cancel out pass it, and deciphering without a tag does not see them either.
 */
import { toHex } from "#base/bytes.ts";
import type { LinkFrame } from "./link-frame.ts";

export const M_BUS_START = 0x68;

export function readMBusFrame(bytes: Uint8Array): LinkFrame {
  const [start, length, lengthAgain, startAgain] = bytes;
  if (start !== M_BUS_START) return { kind: "none" };
  if (length === undefined) return { kind: "incomplete" };
  if (length <= HEADER_BYTES) return { kind: "none" };
  if (lengthAgain === undefined) return { kind: "incomplete" };
  if (lengthAgain !== length) return { kind: "none" };
  if (startAgain === undefined) return { kind: "incomplete" };
  if (startAgain !== M_BUS_START) return { kind: "none" };
  return readContents(bytes, PREFIX_BYTES + length);
}

const PREFIX_BYTES = 4;
/** C, A, CI, STSAP, DTSAP. */
const HEADER_BYTES = 5;
const STOP = 0x16;

function readContents(bytes: Uint8Array, sumAt: number): LinkFrame {
  const lengthBytes = sumAt + 2;
  if (bytes.length < lengthBytes) return { kind: "incomplete" };
  const contents = bytes.subarray(PREFIX_BYTES, sumAt);
  const sum = contents.reduce((total, byte) => (total + byte) & 0xff, 0);
  if (bytes[sumAt] !== sum || bytes[sumAt + 1] !== STOP) {
    const reason = bytes[sumAt] === sum ? "no stop byte ends the M-Bus frame" : "the sum of the M-Bus frame is wrong";
    return { kind: "damaged", lengthBytes, skipBytes: PREFIX_BYTES, reason };
  }
  const control = contents[2] ?? 0;
  // Other control information fields carry M-Bus' own data records, which are not DLMS.
  if (control > 0x1f) return { kind: "none" };
  const sequence = control & 0x0f;
  return {
    kind: "frame",
    lengthBytes,
    skipBytes: lengthBytes,
    segment: {
      source: `M-Bus ${toHex(contents.subarray(1, 2))} ${toHex(contents.subarray(3, HEADER_BYTES))}`,
      isFirst: sequence === 0,
      isLast: (control & 0x10) !== 0,
      sequence,
      bytes: contents.subarray(HEADER_BYTES),
    },
  };
}
