/**
 * Which meter was read last and what it showed, as it is kept on flash: a meter that was exchanged, set back or wound
 * on while the gateway was off is noticed at the first reading.
 */
import { decodeShape, encodeShape, field, nullable, record, text, unsigned } from "#core/wire/schema.ts";

export interface MeterMemory {
  /** As the meter gives it; null where it has none. */
  readonly serialNumber: string | null;
  /** What it showed. */
  readonly shownMilliWh: number;
  /** The same with its passages through its greatest value counted on: what is signed. */
  readonly registerMilliWh: number;
  readonly wallMs: number;
}

/** Longer than any serial number that a register map or a telegram can carry. */
const SERIAL_NUMBER_MAX = 64;

const memory = record({
  serialNumber: field(1, nullable(text(SERIAL_NUMBER_MAX))),
  shownMilliWh: field(2, unsigned),
  registerMilliWh: field(3, unsigned),
  wallMs: field(4, unsigned),
});

export function encodeMeterMemory(remembered: MeterMemory): Uint8Array {
  const serialNumber = remembered.serialNumber?.slice(0, SERIAL_NUMBER_MAX) ?? null;
  return encodeShape(memory, { ...remembered, serialNumber, wallMs: Math.max(0, Math.round(remembered.wallMs)) });
}

/** Undefined for anything that was not written by `encodeMeterMemory`; the meter is then met for the first time. */
export function decodeMeterMemory(bytes: Uint8Array): MeterMemory | undefined {
  const read = decodeShape(memory, bytes);
  return read.ok ? read.value : undefined;
}
