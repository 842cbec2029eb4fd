/**
 * The energy of a session from a meter's lifetime register: differences only, of values that a real meter in this place
 * can have shown. A single odd value is put aside; a second one that stands by it ends the metering with its fault.
 *
 *   metering --odd value--> suspicious --plausible value--> metering
 *                              \--value that confirms the odd one--> broken
 *   any --other serial number--> broken
 *
 * The state is plain data of whole numbers: written to a journal and read back, it goes on where it stood.
 */
import type { PowerDisagreement } from "./power-check.ts";
import { divideUp, saturate } from "./whole-numbers.ts";

/** One reading of the register. */
export interface RegisterReading {
  /** Lifetime import register, whole mWh. */
  readonly importedMilliWh: number;
  /** Smallest step of the register at its present size, whole mWh. */
  readonly resolutionMilliWh: number;
  readonly monotonicMs: number;
  /** As the meter gives it; null where it has none. */
  readonly serialNumber: string | null;
}

export interface RegisterLimits {
  readonly powerMaxW: number;
  /** The register starts again from 0 after so much; null when it is not known to. */
  readonly modulusMilliWh: number | null;
}

export type RegisterFault =
  | { readonly code: "METER_SWAPPED"; readonly expected: string | null; readonly found: string | null }
  | { readonly code: "METER_RAN_BACKWARDS"; readonly fromMilliWh: number; readonly toMilliWh: number }
  | {
      readonly code: "METER_JUMPED";
      readonly fromMilliWh: number;
      readonly toMilliWh: number;
      readonly plausibleMilliWh: number;
    }
  | PowerDisagreement;

/** What was made of the newest value. */
export type ReadingQuality =
  /** Taken as it is. */
  | "good"
  /** A little less than before: the value before stands. */
  | "held"
  /** Not what a meter here can show; waits for the next to confirm or to refute it. */
  | "put-aside";

export interface RegisterEnergy {
  readonly serialNumber: string | null;
  /** Energy since the start; never falls. */
  readonly energyMilliWh: number;
  /** The register at the last accepted reading, and when that was. */
  readonly lastMilliWh: number;
  readonly lastMs: number;
  /** The register's value that was put aside last, if no plausible one has followed, and when that was read. */
  readonly suspect: { readonly milliWh: number; readonly atMs: number } | null;
  /** Values put aside since the start. */
  readonly refused: number;
  /** Small steps back that were held. */
  readonly held: number;
  /** Passages of the register through its modulus. */
  readonly rollovers: number;
  /** Why the metering has ended; null while it has not. */
  readonly fault: RegisterFault | null;
}

export function startRegister(reading: RegisterReading): RegisterEnergy {
  return {
    serialNumber: reading.serialNumber,
    energyMilliWh: 0,
    lastMilliWh: reading.importedMilliWh,
    lastMs: reading.monotonicMs,
    suspect: null,
    refused: 0,
    held: 0,
    rollovers: 0,
    fault: null,
  };
}

/**
 * Continues a journalled state on a clock that began anew.
 *
 * @param elapsedMs the longest time that may have passed since the state's last reading: it bounds what may have flowed
 */
export function resumeRegister(state: RegisterEnergy, nowMs: number, elapsedMs: number): RegisterEnergy {
  return { ...state, lastMs: nowMs - Math.max(0, elapsedMs), suspect: null };
}

export function takeRegister(state: RegisterEnergy, reading: RegisterReading, limits: RegisterLimits): RegisterEnergy {
  if (state.fault !== null) return state;
  const { serialNumber, importedMilliWh: found } = reading;
  if (serialNumber !== state.serialNumber) {
    return { ...state, fault: { code: "METER_SWAPPED", expected: state.serialNumber, found: serialNumber } };
  }
  if (!Number.isSafeInteger(found) || found < 0) return { ...state, refused: state.refused + 1 };
  const step = stepTo(state.lastMilliWh, found, limits);
  const plausible = plausibleStep(reading, reading.monotonicMs - state.lastMs, limits);
  if (step.milliWh >= 0 && step.milliWh <= plausible) return accept(state, reading, step);
  // Float registers of some models tremble in their last digits.
  if (step.milliWh < 0 && -step.milliWh <= 2 * reading.resolutionMilliWh) {
    return { ...state, held: state.held + 1, suspect: null };
  }
  return putAside(state, reading, limits);
}

interface Step {
  readonly milliWh: number;
  readonly isRollover: boolean;
}

/** A fall is taken as a rollover when the way through the modulus is shorter than the way back. */
function stepTo(last: number, found: number, { modulusMilliWh: modulus }: RegisterLimits): Step {
  const direct = found - last;
  const wrapped = modulus === null ? direct : direct + modulus;
  const isRollover = modulus !== null && direct < 0 && last < modulus && wrapped < -direct;
  return { milliWh: isRollover ? wrapped : direct, isRollover };
}

function accept(state: RegisterEnergy, reading: RegisterReading, step: Step): RegisterEnergy {
  return {
    ...state,
    energyMilliWh: state.energyMilliWh + step.milliWh,
    lastMilliWh: reading.importedMilliWh,
    lastMs: reading.monotonicMs,
    suspect: null,
    rollovers: state.rollovers + (step.isRollover ? 1 : 0),
  };
}

/** An odd value is one of a broken telegram, unless the next one goes on from it as a register would. */
function putAside(state: RegisterEnergy, reading: RegisterReading, limits: RegisterLimits): RegisterEnergy {
  const { importedMilliWh: found, monotonicMs: atMs, resolutionMilliWh } = reading;
  const aside = { ...state, refused: state.refused + 1, suspect: { milliWh: found, atMs } };
  if (state.suspect === null) return aside;
  const { milliWh } = stepTo(state.suspect.milliWh, found, limits);
  const isConfirmed =
    milliWh >= -2 * resolutionMilliWh && milliWh <= plausibleStep(reading, atMs - state.suspect.atMs, limits);
  return isConfirmed ? { ...aside, fault: faultOf(state, reading, limits) } : aside;
}

function faultOf(state: RegisterEnergy, reading: RegisterReading, limits: RegisterLimits): RegisterFault {
  const ends = { fromMilliWh: state.lastMilliWh, toMilliWh: reading.importedMilliWh };
  if (ends.toMilliWh < ends.fromMilliWh) return { code: "METER_RAN_BACKWARDS", ...ends };
  const plausibleMilliWh = plausibleStep(reading, reading.monotonicMs - state.lastMs, limits);
  return { code: "METER_JUMPED", ...ends, plausibleMilliWh };
}

/**
 * What can have flowed between two readings: full power for the time between them, longer by how old a register may be
 * when it is read, and two steps of the register.
 */
function plausibleStep(reading: RegisterReading, betweenMs: number, limits: RegisterLimits): number {
  const longestMs = Math.ceil(Math.max(0, betweenMs)) + REGISTER_AGE_MS;
  const flowed = divideUp(BigInt(Math.ceil(limits.powerMaxW)) * BigInt(longestMs), WATT_MS_PER_MILLI_WH);
  return saturate(flowed + 2n * BigInt(Math.ceil(reading.resolutionMilliWh)));
}

/** Meters renew what they show each second or faster; the slowest we know need 1.5 s. */
const REGISTER_AGE_MS = 1_500;
const WATT_MS_PER_MILLI_WH = 3_600n;
