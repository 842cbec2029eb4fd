/**
 * How a charge controller is asked and told: everything in which two of them differ, as data. Addresses as on the wire.
 */
import type { ContactorState, PlugState } from "#hal/ports/charge-point.ts";

export interface ChargePointMap {
  /** As a configuration names it. */
  readonly model: string;
  /** Asked in this order at every look, one request each. */
  readonly reads: readonly StateRead[];
  /** The first rule that knows its value decides; `next` leaves it to the following one. */
  readonly plug: readonly PlugRule[];
  /** Of devices that read their contactor back. */
  readonly contactor?: StateRule<ContactorState>;
  /** Where the device tells whether it is switched on: off when these bits of the field are this. */
  readonly off?: { readonly field: StateField; readonly mask: number; readonly value: number };
  /** The limit as the device has it now, in the counts that are written; also less than what was told, by its cable. */
  readonly limit?: StateField;
  readonly current: CurrentRange;
  /**
   * The current is made to be changed often: its register is no memory that wears out, and a new value is told to the
   * car at once. Left out where no document says so.
   */
  readonly variesLimit?: true;
  readonly permit: readonly RegisterWrite[];
  readonly forbid: readonly RegisterWrite[];
  /** What has to be so before current may flow, such as the device's own watchdog. Written only where it is not. */
  readonly settings?: readonly DeviceSetting[];
  /** What was told holds for less than twice this long in the device, a forbid as well as a permit. */
  readonly refreshMs?: number;
  /** Written as long as the gateway lives, for devices that do not take reading for a sign of life. */
  readonly heartbeat?: { readonly write: RegisterWrite; readonly everyMs: number };
  /** Rest that the device needs between two requests. */
  readonly pauseMs: number;
}

export interface StateRead {
  readonly functionCode: 1 | 3 | 4;
  readonly address: number;
  readonly count: number;
  /** Some variants do not have it: then what is told by it is unknown. */
  readonly optional?: true;
}

/** A value in what was read. */
export interface StateField {
  /** Index in `reads`. */
  readonly read: number;
  /** Words from the read's beginning; 0 where it is not said. */
  readonly at?: number;
  readonly form: FieldForm;
}

/** `letters`: the two characters of a word without blanks and zeros; `low-letter`: the second of them only. */
export type FieldForm = "u16" | "u32" | "f32" | "high-byte" | "letters" | "low-letter";

export interface StateRule<State> {
  readonly field: StateField;
  /** Bits of a number that count; all where it is not said. */
  readonly mask?: number;
  readonly states: Readonly<Record<string, State>>;
}

export type PlugRule = StateRule<PlugState | "next">;

export interface CurrentRange {
  /** What is told for one ampere; a fraction of a count is rounded down. */
  readonly countsPerA: number;
  readonly form: "u16" | "u32" | "f32";
  /** Less than 6 A cannot be told to a car (IEC 61851-1, table A.8). */
  readonly minA: number;
  readonly maxA: number;
}

export interface RegisterWrite {
  readonly functionCode: 5 | 6 | 16;
  readonly address: number;
  readonly words: readonly number[] | "current";
}

export interface DeviceSetting {
  readonly read: StateRead;
  readonly form: "u16" | "u32";
  readonly value: number;
  readonly write: RegisterWrite;
}

/** States of the control pilot by their letters, IEC 61851-1, annex A. With a 1 the station offers no current. */
export const PILOT_LETTERS = {
  ...{ A: "unplugged", A1: "unplugged", A2: "unplugged" },
  ...{ B: "plugged", B1: "plugged", B2: "plugged", C1: "plugged", D1: "plugged" },
  ...{ C: "charging", C2: "charging", D: "charging", D2: "charging" },
  ...{ E: "fault", E0: "fault", F: "fault", F0: "fault" },
} as const satisfies Readonly<Record<string, PlugState>>;
