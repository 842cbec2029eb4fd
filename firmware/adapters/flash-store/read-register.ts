/** What the two slots of a safety register say together. */
import { decodeSlot } from "./register-slot.ts";
import type { RegisterSlot, SlotFault } from "./register-slot.ts";

/**
 * - `new`: no value was ever written.
 * - `sound`: the newest slot is the last value whose write had resolved, or a later one.
 * - `doubtful`: one slot is bad. If it was being written when the power went, the value is the last one that was
 *   acknowledged; if it has rotted, the value may be the one before. Nobody can tell, so whoever signs must ask the
 *   peers what they remember. Stays so until a value is written, which goes to the bad slot.
 * - `amnesia`: a value was written and none is readable.
 */
export type RegisterState = "new" | "sound" | "doubtful" | "amnesia";

export interface RegisterReading {
  readonly state: RegisterState;
  /** The newest slot that is right, and where it is. */
  readonly newest: (RegisterSlot & { readonly position: number }) | undefined;
  /** Of each slot, undefined where it is right. */
  readonly faults: readonly (SlotFault | undefined)[];
}

/**
 * A register starts with an empty slot 0, durable before the first value goes to slot 1. So as long as slot 1 is all
 * zeros no write of a value has resolved, whatever slot 0 looks like; and a bad slot 1 beside a bad slot 0 had one.
 */
export function readRegister(slots: readonly [Uint8Array, Uint8Array]): RegisterReading {
  const decoded = slots.map((bytes, position) => decodeSlot(position, bytes));
  const faults = decoded.map((slot) => (slot.ok ? undefined : slot.fault));
  const good = decoded.flatMap((slot, position) => (slot.ok ? [{ ...slot.value, position }] : []));
  const newest = good.toSorted((left, right) => right.counter - left.counter)[0];
  if (newest === undefined) return { state: faults[1]?.code === "SLOT_ZERO" ? "new" : "amnesia", newest, faults };
  if (newest.counter === FIRST_COUNTER && faults[1]?.code === "SLOT_ZERO") return { state: "new", newest, faults };
  return { state: faults.some((fault) => fault !== undefined) ? "doubtful" : "sound", newest, faults };
}

export const FIRST_COUNTER = 1;
