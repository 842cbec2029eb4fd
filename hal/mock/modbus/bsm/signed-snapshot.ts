/** What a BSM-WS36A signs, built from values and not from registers: the driver's way is the other one. */
import { concatBytes } from "#base/bytes.ts";
import { characters, long, word } from "../images/word-encoders.ts";

export interface SnapshotValues {
  readonly kind: number;
  readonly sinceTurnOnCounts: number;
  readonly importedCounts: number;
  readonly energyExponent: number;
  readonly powerCounts: number;
  readonly powerExponent: number;
  readonly meterAddress: string;
  readonly responseCounter: number;
  readonly operatingSeconds: number;
  readonly epochSeconds: number;
  readonly offsetMinutes: number;
  readonly timeSetCount: number;
  readonly timeSetAtSeconds: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly texts: readonly [string, string, string];
  readonly events: number;
}

const WATT_HOURS = 30;
const WATTS = 27;
const SECONDS = 7;
const MINUTES = 6;
const NO_UNIT = 255;

export function messageOf(values: SnapshotValues): Uint8Array {
  const plain = (value: number, unit = NO_UNIT): Uint8Array => numeral(value, 0, unit);
  return concatBytes(
    plain(values.kind),
    numeral(values.sinceTurnOnCounts, values.energyExponent, WATT_HOURS),
    numeral(values.importedCounts, values.energyExponent, WATT_HOURS),
    numeral(values.powerCounts, values.powerExponent, WATTS),
    letters(values.meterAddress),
    plain(values.responseCounter),
    plain(values.operatingSeconds, SECONDS),
    plain(values.epochSeconds, SECONDS),
    plain(values.offsetMinutes, MINUTES),
    plain(values.timeSetCount),
    plain(values.timeSetAtSeconds, SECONDS),
    plain(values.inputs),
    plain(values.outputs),
    ...values.texts.map(letters),
    plain(values.events),
  );
}

/** All registers behind number and length. */
export function snapshotWords(values: SnapshotValues, status: number, signature: Uint8Array): readonly number[] {
  const [first, second, third] = values.texts;
  return [
    ...[values.kind, status],
    ...long(values.sinceTurnOnCounts),
    ...long(values.importedCounts),
    ...word(values.energyExponent),
    ...word(values.powerCounts),
    ...word(values.powerExponent),
    ...characters(values.meterAddress, 8),
    ...long(values.responseCounter),
    ...long(values.operatingSeconds),
    ...long(values.epochSeconds),
    ...word(values.offsetMinutes),
    ...long(values.timeSetCount),
    ...long(values.timeSetAtSeconds),
    ...[values.inputs, values.outputs],
    ...characters(first, 70),
    ...characters(second, 50),
    ...characters(third, 50),
    ...long(values.events),
    ...blob(signature, 48),
  ];
}

/** Number of registers, number of bytes, and the bytes. */
export function blob(bytes: Uint8Array, registers: number): readonly number[] {
  const words = Array.from({ length: registers }, (_, index) => {
    return ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0);
  });
  return [registers, bytes.length, ...words];
}

function numeral(value: number, exponent: number, unit: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(6));
  view.setInt32(0, value | 0);
  view.setInt8(4, exponent);
  view.setUint8(5, unit);
  return new Uint8Array(view.buffer);
}

function letters(text: string): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + text.length));
  view.setUint32(0, text.length);
  for (let index = 0; index < text.length; index += 1) view.setUint8(4 + index, text.charCodeAt(index));
  return new Uint8Array(view.buffer);
}
