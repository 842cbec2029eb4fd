/**
 * HDLC frames as meters push them: frame format type 3 of ISO/IEC 13239, IEC 62056-46.
 *
 *     7e | 1010 S LLLLLLLLLLL | destination | source | control | HCS | information | FCS | 7e
 *
 * L counts the bytes between the flags; there is no bit or byte stuffing, so a flag byte may occur inside. S says that
 * the APDU goes on in the next frame. An address ends with its first odd byte: DLMS has 1, 2 or 4 bytes, and ISO/IEC
 * 13239 as many as one likes, of which 4 are taken here. One flag may end a frame and begin the next.
 */
import { toHex } from "#base/bytes.ts";
import { crc16X25 } from "../crc16.ts";
import type { LinkFrame } from "./link-frame.ts";

export const HDLC_FLAG = 0x7e;

/** Eleven bits, and the two flags. */
export const HDLC_FRAME_BYTES_MAX = 0x7ff + 2;

export function readHdlcFrame(bytes: Uint8Array): LinkFrame {
  const [flag, formatHigh, formatLow] = bytes;
  if (flag !== HDLC_FLAG) return { kind: "none" };
  if (formatHigh === undefined) return { kind: "incomplete" };
  if (formatHigh >> 4 !== FORMAT_TYPE_3) return { kind: "none" };
  if (formatLow === undefined) return { kind: "incomplete" };
  const lengthBytes = (((formatHigh & 0x07) << 8) | formatLow) + 2;
  const header = readHeader(bytes, lengthBytes);
  if (typeof header === "string") return { kind: header };
  return readBody(bytes, lengthBytes, header);
}

const FORMAT_TYPE_3 = 0b1010;
const FORMAT_BYTES = 2;
const CHECK_BYTES = 2;
const ADDRESS_BYTES_MAX = 4;
/** The LLC header of IEC 62056-46, in commands e6 e6, in answers and notifications e6 e7, then its quality 00. */
const LLC_HEADERS: readonly string[] = ["e6e700", "e6e600"];
const LLC_BYTES = 3;

interface Header {
  /** With its check sequence. */
  readonly endsAt: number;
  readonly addresses: string;
  readonly isSegmented: boolean;
  readonly isIntact: boolean;
}

function readHeader(bytes: Uint8Array, lengthBytes: number): Header | "none" | "incomplete" {
  let at = 1 + FORMAT_BYTES;
  for (let address = 0; address < 2; address += 1) {
    const length = addressLength(bytes, at);
    if (typeof length === "string") return length;
    at += length;
  }
  const controlEndsAt = at + 1;
  const endsAt = controlEndsAt + CHECK_BYTES;
  // A frame without information has no second check sequence, and tells nothing.
  if (endsAt + CHECK_BYTES + 1 > lengthBytes) return "none";
  if (bytes.length < endsAt) return "incomplete";
  return {
    endsAt,
    addresses: toHex(bytes.subarray(1 + FORMAT_BYTES, at)),
    isSegmented: ((bytes[1] ?? 0) & 0x08) !== 0,
    isIntact: endsWithCrc(bytes.subarray(1, endsAt)),
  };
}

function addressLength(bytes: Uint8Array, at: number): number | "none" | "incomplete" {
  for (let length = 1; length <= ADDRESS_BYTES_MAX; length += 1) {
    const last = bytes[at + length - 1];
    if (last === undefined) return "incomplete";
    if ((last & 1) === 1) return length;
  }
  return "none";
}

function readBody(bytes: Uint8Array, lengthBytes: number, header: Header): LinkFrame {
  if (!header.isIntact) {
    const reason = "the check sequence of the HDLC header does not fit";
    return { kind: "damaged", lengthBytes: header.endsAt, skipBytes: 1, reason };
  }
  if (bytes.length < lengthBytes) return { kind: "incomplete" };
  const isClosed = bytes[lengthBytes - 1] === HDLC_FLAG;
  if (!isClosed || !endsWithCrc(bytes.subarray(1, lengthBytes - 1))) {
    const reason = isClosed
      ? "the frame check sequence does not fit"
      : `no flag after the ${lengthBytes - 2} bytes that the frame announces`;
    return { kind: "damaged", lengthBytes, skipBytes: header.endsAt, reason };
  }
  const information = bytes.subarray(header.endsAt, lengthBytes - 1 - CHECK_BYTES);
  const isFirst = LLC_HEADERS.includes(toHex(information.subarray(0, LLC_BYTES)));
  return {
    kind: "frame",
    lengthBytes,
    // The closing flag may be the opening one of the next frame.
    skipBytes: lengthBytes - 1,
    segment: {
      source: `HDLC ${header.addresses}`,
      isFirst,
      isLast: !header.isSegmented,
      sequence: null,
      bytes: isFirst ? information.subarray(LLC_BYTES) : information,
    },
  };
}

function endsWithCrc(bytes: Uint8Array): boolean {
  const crc = crc16X25(bytes.subarray(0, -CHECK_BYTES));
  return bytes[bytes.length - 2] === (crc & 0xff) && bytes[bytes.length - 1] === crc >> 8;
}
