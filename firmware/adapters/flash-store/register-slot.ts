/**
 * One of the two slots of the safety register: a page of 4 KiB, zeros behind what is laid down here.
 *
 *     magic (4) | version and slot (4) | counter (6) | flags (2) | length (4) | CRC-32C of all others (4) | the value
 */
import { fail, ok } from "#base/result.ts";
import type { Result } from "#base/result.ts";
import { advanceCrc32c } from "./crc32c.ts";
import { isZero } from "./frame.ts";

export interface RegisterSlot {
  /** One more at each write; the slot with the higher one is the newer. */
  readonly counter: number;
  /** Undefined in the slot that a new register starts with. */
  readonly value: Uint8Array | undefined;
}

export type SlotFault = { readonly code: "SLOT_ZERO" } | { readonly code: "SLOT_DAMAGED" };

export const SLOT_BYTES = 4096;
export const REGISTER_VALUE_BYTES_MAX = SLOT_BYTES - 24;

export function encodeSlot(position: number, slot: RegisterSlot): Uint8Array {
  const bytes = new Uint8Array(SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  const value = slot.value ?? new Uint8Array(0);
  bytes.set(MAGIC, 0);
  view.setUint32(4, FORMAT_VERSION * 256 + position);
  view.setUint16(8, Math.floor(slot.counter / 2 ** 32));
  view.setUint32(10, slot.counter % 2 ** 32);
  view.setUint16(14, slot.value === undefined ? FLAG_EMPTY : 0);
  view.setUint32(16, value.length);
  bytes.set(value, VALUE_START);
  view.setUint32(20, slotCheck(bytes, VALUE_START + value.length));
  return bytes;
}

/** Refuses everything that `encodeSlot` does not write for this position, to the last bit of the page. */
export function decodeSlot(position: number, bytes: Uint8Array): Result<RegisterSlot, SlotFault> {
  if (isZero(bytes, 0, bytes.length)) return fail({ code: "SLOT_ZERO" });
  const damaged = fail<SlotFault>({ code: "SLOT_DAMAGED" });
  if (bytes.length !== SLOT_BYTES || !MAGIC.every((byte, index) => bytes[index] === byte)) return damaged;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(16);
  const flags = view.getUint16(14);
  if (length > REGISTER_VALUE_BYTES_MAX || view.getUint32(4) !== FORMAT_VERSION * 256 + position) return damaged;
  const end = VALUE_START + length;
  if (view.getUint32(20) !== slotCheck(bytes, end) || !isZero(bytes, end, SLOT_BYTES)) return damaged;
  return ok({
    counter: view.getUint16(8) * 2 ** 32 + view.getUint32(10),
    value: flags === FLAG_EMPTY ? undefined : bytes.slice(VALUE_START, end),
  });
}

function slotCheck(bytes: Uint8Array, end: number): number {
  return ~advanceCrc32c(advanceCrc32c(-1, bytes, 0, 20), bytes, VALUE_START, end) >>> 0;
}

const MAGIC = new TextEncoder().encode("TREG");
const FORMAT_VERSION = 1;
const FLAG_EMPTY = 1;
const VALUE_START = 24;
