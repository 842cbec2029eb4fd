/** SML telegrams of any content, written after the standard and not after the decoder. */
import { concatBytes, fromHex } from "#base/bytes.ts";

export type SmlSum = (covered: Uint8Array) => Uint8Array;

/** CRC-16/X.25 bit by bit, low byte first. */
export const standardSum: SmlSum = (covered) => {
  const crc = bitwiseCrc(covered, 0xffff) ^ 0xffff;
  return Uint8Array.of(crc & 0xff, crc >> 8);
};

export const kermitSum: SmlSum = (covered) => {
  const crc = bitwiseCrc(covered, 0);
  return Uint8Array.of(crc >> 8, crc & 0xff);
};

export const NONE = hex("01");

export function octets(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? hex(value) : value;
  // The head of two bytes counts itself, too.
  const total = bytes.length + (bytes.length < 15 ? 1 : 2);
  const head = total < 16 ? [total] : [0x80 | (total >> 4), total & 0x0f];
  return concatBytes(Uint8Array.from(head), bytes);
}

export function text(value: string): Uint8Array {
  return octets(new TextEncoder().encode(value));
}

export function unsigned(value: number, bytes = 1): Uint8Array {
  return concatBytes(Uint8Array.of(0x61 + bytes), bigEndian(BigInt(value), bytes));
}

export function signed(value: bigint | number, bytes = 1): Uint8Array {
  return concatBytes(Uint8Array.of(0x51 + bytes), bigEndian(BigInt(value), bytes));
}

export function list(...elements: readonly Uint8Array[]): Uint8Array {
  const head =
    elements.length < 16 ? [0x70 | elements.length] : [0xf0 | (elements.length >> 4), elements.length & 0x0f];
  return concatBytes(Uint8Array.from(head), ...elements);
}

export interface SmlEntry {
  /** Six bytes in hex. */
  readonly name: string;
  readonly value: Uint8Array;
  readonly unit?: Uint8Array;
  readonly scaler?: Uint8Array;
  readonly time?: Uint8Array;
}

export function entry({ name, value, unit = NONE, scaler = NONE, time = NONE }: SmlEntry): Uint8Array {
  return list(octets(name), NONE, time, unit, scaler, value, NONE);
}

export const SERVER_ID = "0a01454d480000a1bd34";

export function getListResponse(entries: readonly Uint8Array[], serverId = SERVER_ID): Uint8Array {
  return message(0x0701, list(NONE, octets(serverId), NONE, NONE, list(...entries), NONE, NONE));
}

export function message(tag: number, body: Uint8Array, sum: SmlSum = standardSum): Uint8Array {
  const covered = concatBytes(hex("76"), octets("0001"), unsigned(0), unsigned(0), list(unsigned(tag, 2), body));
  return concatBytes(covered, hex("63"), sum(covered), hex("00"));
}

export function openResponse(): Uint8Array {
  return message(0x0101, list(NONE, NONE, octets("0001"), octets(SERVER_ID), NONE, NONE));
}

export function closeResponse(): Uint8Array {
  return message(0x0201, list(NONE));
}

/** A whole telegram as meters send it. */
export function telegram(entries: readonly Uint8Array[], serverId = SERVER_ID): Uint8Array {
  return transport(concatBytes(openResponse(), getListResponse(entries, serverId), closeResponse()));
}

export function transport(contents: Uint8Array, sum: SmlSum = standardSum): Uint8Array {
  const padding = (4 - (contents.length % 4)) % 4;
  const covered = concatBytes(
    hex("1b1b1b1b01010101"),
    escaped(concatBytes(contents, new Uint8Array(padding))),
    Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 0x1a, padding),
  );
  return concatBytes(covered, sum(covered));
}

/** Section 8: four 1b in a row are sent twice. */
function escaped(contents: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let run = 0;
  for (const byte of contents) {
    bytes.push(byte);
    run = byte === 0x1b ? run + 1 : 0;
    if (run < 4) continue;
    bytes.push(0x1b, 0x1b, 0x1b, 0x1b);
    run = 0;
  }
  return Uint8Array.from(bytes);
}

function bitwiseCrc(bytes: Uint8Array, preset: number): number {
  let crc = preset;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit += 1) {
      const differs = ((crc ^ (byte >> bit)) & 1) !== 0;
      crc = differs ? (crc >> 1) ^ 0x8408 : crc >> 1;
    }
  }
  return crc;
}

function bigEndian(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * (bytes - 1 - index))) & 0xffn));
}

function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`bug: ${text} is no hex`);
  return bytes;
}
