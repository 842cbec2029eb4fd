/**
 * What may be the matter when two sides' measurements of one charge do not fit, as codes and figures. Words for people
 * are made elsewhere. A cause is a likelihood, never an accusation: the verdict alone decides anything.
 */
import type { Role } from "#core/session/facts.ts";

export interface Diagnosis {
  readonly comparability: Comparability;
  /** Likely causes, the best fitting first; empty when there is nothing to explain or nothing that explains it. */
  readonly causes: readonly Cause[];
  /** Energy at the vehicle's measuring point that the terms and known losses cannot explain. */
  readonly unexplainedMilliWh: number;
}

export type Comparability =
  | "comparable"
  /** Facts of one side only, or readings without a common index and no two completions. */
  | "not-comparable"
  /** Both have signed, but less than what the registers and the time between readings can blur. */
  | "too-little";

export type Cause =
  /** One interval is far off, the rest in agreement. */
  | (CauseFit & { readonly code: "counter-jump"; readonly jumpMilliWh: number })
  /** A register fell or stood still from some reading on, while the other went on. */
  | (CauseFit & { readonly code: "counter-reset"; readonly fellMilliWh: number; readonly missingMilliWh: number })
  /** One side counts one phase (333,333) or two (666,667) of three. */
  | (CauseFit & { readonly code: "lost-phase"; readonly nominalPpm: number; readonly foundPpm: number })
  /** A power of ten between the two: 3 is kWh taken for Wh. The exponent is that of vehicle over expected. */
  | (CauseFit & { readonly code: "factor-1000"; readonly exponent: number; readonly foundPpm: number })
  /** A constant ratio far outside; `nominalPpm` is the usual constant next to it, 0 when there is none. */
  | (CauseFit & { readonly code: "pulse-constant"; readonly nominalPpm: number; readonly foundPpm: number })
  /** The station counts nothing or backwards while the car receives, or a third: one of three phases is reversed. */
  | (CauseFit & { readonly code: "reversed-transformer"; readonly foundPpm: number; readonly missingMilliWh: number })
  /** The two courses of power have nothing to do with each other. */
  | (CauseFit & { readonly code: "swapped-vehicles"; readonly correlationPpm: number })
  /** What is lost between the two measuring points; `isAgreed`: within what the terms let expect. */
  | (CauseFit & {
      readonly code: "charging-loss";
      readonly lossPpm: number;
      readonly plausiblePpm: readonly [least: number, most: number];
      readonly isAgreed: boolean;
    })
  /** The courses fit when the vehicle's readings are taken so many intervals later (negative: earlier). */
  | (CauseFit & { readonly code: "clock-offset"; readonly intervals: number; readonly seconds: number })
  /** A steady power beside the battery: heating, cooling, 12 V. */
  | (CauseFit & { readonly code: "standing-consumption"; readonly powerW: number; readonly milliWh: number });

export type CauseCode = Cause["code"];

export interface CauseFit {
  /** Whose measurement the figures point at; `either` when two amounts cannot tell. */
  readonly side: Role | "either";
  /**
   * The readings between which it shows: from the state at `firstIndex` to that at `lastIndex`. -1 is the contract's
   * start; the completion counts as the reading after the last.
   */
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** How much of what needs explaining it explains: 1,000,000 is all. */
  readonly fitPpm: number;
}

/** Every code by its name: whoever has words for them is told by the compiler when one is missing. */
const CODES: Readonly<Record<CauseCode, true>> = {
  "counter-jump": true,
  "counter-reset": true,
  "lost-phase": true,
  "factor-1000": true,
  "pulse-constant": true,
  "reversed-transformer": true,
  "swapped-vehicles": true,
  "charging-loss": true,
  "clock-offset": true,
  "standing-consumption": true,
};

export const CAUSE_CODES = Object.keys(CODES) as readonly CauseCode[];
