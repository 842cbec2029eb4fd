/** A signed snapshot from its registers: its values, and the bytes that the meter has signed. */
import { concatBytes } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import {
  SIGNATURE,
  SIGNED_POINTS,
  STATUS_OFFSET,
  BSM_REGISTERS,
  type SignedNumber,
  type SignedText,
} from "./snapshot-layout.ts";

export interface BsmSnapshot {
  /** 0 current, 1 turn-on, 2 turn-off, 3 start, 4 end. */
  readonly kind: number;
  readonly status: number;
  /** The lifetime counter. */
  readonly importedMilliWh: number;
  /** Since the contactor was last switched on by the meter. */
  readonly sinceTurnOnMilliWh: number;
  readonly stepMilliWh: number;
  readonly powerW: number;
  /** The number under which the meter signs. */
  readonly meterAddress: string;
  /** Counts all snapshots of the meter. */
  readonly responseCounter: number;
  readonly operatingSeconds: number;
  /** UTC, as somebody has set it; null while nobody has since the meter was switched on. */
  readonly epochSeconds: number | null;
  readonly offsetMinutes: number | null;
  readonly timeSetCount: number;
  readonly timeSetAtSeconds: number;
  readonly inputs: number;
  readonly outputs: number;
  /** What somebody has written into the meter to be signed along. */
  readonly texts: readonly [string, string, string];
  readonly events: number;
  /** Signed by ECDSA over its SHA-256. */
  readonly message: Uint8Array;
  /** DER, as it stands in the registers. */
  readonly signature: Uint8Array;
}

/** From all registers behind number and length of the model. The fault says what cannot be. */
export function decodeSnapshot(words: readonly number[]): Result<BsmSnapshot, string> {
  assert(words.length === BSM_REGISTERS.currentSnapshot.length, "a snapshot is decoded from all of its registers");
  const signatureBytes = words[SIGNATURE.bytesOffset] ?? 0;
  if (words[SIGNATURE.countOffset] !== SIGNATURE.count) {
    return fail(`a signature of ${words[SIGNATURE.countOffset] ?? 0} registers in place of ${SIGNATURE.count}`);
  }
  if (signatureBytes === 0 || signatureBytes > 2 * SIGNATURE.count)
    return fail(`a signature of ${signatureBytes} bytes`);
  const points = SIGNED_POINTS;
  const energyExponent = exponentAt(words, points.imported);
  const powerExponent = exponentAt(words, points.power);
  // From 1 mWh to 1 MWh a count: anything else is no counter of this meter.
  if (energyExponent < -3 || energyExponent > 6) return fail(`an energy exponent of ${energyExponent}`);
  if (Math.abs(powerExponent) > 10) return fail(`a power exponent of ${powerExponent}`);
  const stepMilliWh = 10 ** (energyExponent + 3);
  const number = (point: SignedNumber): number => rawNumber(words, point);
  return ok({
    kind: number(points.kind),
    status: words[STATUS_OFFSET] ?? 0,
    importedMilliWh: number(points.imported) * stepMilliWh,
    sinceTurnOnMilliWh: number(points.sinceTurnOn) * stepMilliWh,
    stepMilliWh,
    powerW: number(points.power) * 10 ** powerExponent,
    meterAddress: textOf(textBytes(words, points.meterAddress)),
    responseCounter: number(points.responseCounter),
    operatingSeconds: number(points.operatingSeconds),
    epochSeconds: unless(number(points.epochSeconds), 0xffff_ffff),
    offsetMinutes: unless(number(points.offsetMinutes), -0x8000),
    timeSetCount: number(points.timeSetCount),
    timeSetAtSeconds: number(points.timeSetAtSeconds),
    inputs: number(points.inputs),
    outputs: number(points.outputs),
    texts: [
      textOf(textBytes(words, points.text1)),
      textOf(textBytes(words, points.text2)),
      textOf(textBytes(words, points.text3)),
    ],
    events: number(points.events),
    message: signedMessage(words),
    signature: bytesOfWords(words.slice(SIGNATURE.offset, SIGNATURE.offset + SIGNATURE.count)).slice(0, signatureBytes),
  });
}

/**
 * A number is signed as 32 bits, exponent and unit; a text as its length in 32 bits and its bytes without the padding.
 */
function signedMessage(words: readonly number[]): Uint8Array {
  const points: readonly (SignedNumber | SignedText)[] = Object.values(SIGNED_POINTS);
  return concatBytes(
    ...points.map((point) => {
      if ("count" in point) {
        const bytes = textBytes(words, point);
        return concatBytes(bits32(bytes.length), bytes);
      }
      const exponent = exponentAt(words, point);
      return concatBytes(bits32(rawNumber(words, point)), Uint8Array.of(exponent & 0xff, point.unit));
    }),
  );
}

function rawNumber(words: readonly number[], { offset, type }: SignedNumber): number {
  const word = words[offset] ?? 0;
  if (type === "u16") return word;
  if (type === "i16") return signed16(word);
  return word * 0x1_0000 + (words[offset + 1] ?? 0);
}

/** 0 where there is none, and where it is not implemented. */
function exponentAt(words: readonly number[], { exponentOffset }: SignedNumber): number {
  const exponent = exponentOffset === undefined ? 0 : signed16(words[exponentOffset] ?? 0);
  return exponent === -0x8000 ? 0 : exponent;
}

function signed16(word: number): number {
  return word >= 0x8000 ? word - 0x1_0000 : word;
}

function textBytes(words: readonly number[], { offset, count }: SignedText): Uint8Array {
  const bytes = bytesOfWords(words.slice(offset, offset + count));
  return bytes.slice(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
}

/** Printable ASCII as it is; whatever else somebody has written there must not reach a terminal. */
function textOf(bytes: Uint8Array): string {
  const isPlain = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;
  return Array.from(bytes, (byte) => (isPlain(byte) ? String.fromCharCode(byte) : "\ufffd")).join("");
}

function bytesOfWords(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

function bits32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function unless(value: number, mark: number): number | null {
  return value === mark ? null : value;
}
