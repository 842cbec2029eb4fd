/**
 * ECDSA signatures in DER: SEQUENCE { INTEGER r, INTEGER s } (RFC 3279, section 2.2.3), of any curve. Meters write
 * numbers with needless zeros in front now and then; a number that is negative or longer than any curve's is refused.
 */
import { concatBytes } from "#base/bytes.ts";

/** Both without zeros in front; not 0. */
export interface DerSignature {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

/** Undefined for anything else than the two numbers, one behind the other, and nothing behind them. */
export function readDerSignature(bytes: Uint8Array): DerSignature | undefined {
  const sequence = readElement(bytes, 0, SEQUENCE);
  if (sequence?.end !== bytes.length) return undefined;
  const r = readElement(bytes, sequence.start, INTEGER);
  const s = r === undefined ? undefined : readElement(bytes, r.end, INTEGER);
  if (r === undefined || s?.end !== bytes.length) return undefined;
  const [rValue, sValue] = [numberOf(bytes.subarray(r.start, r.end)), numberOf(bytes.subarray(s.start, s.end))];
  return rValue === undefined || sValue === undefined ? undefined : { r: rValue, s: sValue };
}

export function writeDerSignature({ r, s }: DerSignature): Uint8Array {
  const numbers = concatBytes(integer(r), integer(s));
  const length = numbers.length < 0x80 ? [numbers.length] : [0x81, numbers.length];
  return concatBytes(Uint8Array.of(SEQUENCE, ...length), numbers);
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** 384 bits, one zero for the sign, and the needless zeros of one meter or another. */
const NUMBER_BYTES_MAX = 56;

function readElement(
  bytes: Uint8Array,
  place: number,
  tag: number,
): { readonly start: number; readonly end: number } | undefined {
  const [found, first, second] = bytes.subarray(place, place + 3);
  if (found !== tag || first === undefined) return undefined;
  const isLong = first === 0x81;
  if (isLong ? second === undefined : first >= 0x80) return undefined;
  const start = place + (isLong ? 3 : 2);
  const end = start + (isLong ? (second ?? 0) : first);
  return end <= bytes.length && end > start ? { start, end } : undefined;
}

function numberOf(content: Uint8Array): Uint8Array | undefined {
  if (content.length > NUMBER_BYTES_MAX || (content[0] ?? 0) >= 0x80) return undefined;
  const first = content.findIndex((byte) => byte !== 0);
  return first < 0 ? undefined : content.subarray(first);
}

function integer(value: Uint8Array): Uint8Array {
  const sign = (value[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return concatBytes(Uint8Array.of(INTEGER, sign.length + value.length), sign, value);
}
