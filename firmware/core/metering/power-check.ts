/**
 * Whether a register grows as the power says that it must. Both come from the same meter, so this finds mistakes of the
 * units, not of the meter: a register in kWh that is read as Wh, a current transformer's ratio that one of the two
 * leaves out. It is no second measurement, and its limits are wide.
 */
import { TWICE_MILLI_W_MS_PER_MILLI_WH } from "./battery-flow.ts";
import { divideUp, saturate } from "./whole-numbers.ts";

export interface PowerCheck {
  /** Power over time, in mW x ms x 2 (the sum of both ends of each step), and what the register gained meanwhile. */
  readonly poweredDouble: bigint;
  readonly registeredMilliWh: number;
  readonly last: PowerReading | null;
}

export interface PowerReading {
  readonly atMs: number;
  /** Total active power; null where the meter did not say. */
  readonly powerW: number | null;
  /** What the register has gained so far. */
  readonly energyMilliWh: number;
  readonly resolutionMilliWh: number;
}

export interface PowerDisagreement {
  readonly code: "METER_POWER_DISAGREES";
  readonly registeredMilliWh: number;
  readonly poweredMilliWh: number;
}

export const POWER_CHECK_START: PowerCheck = { poweredDouble: 0n, registeredMilliWh: 0, last: null };

/** The check begins anew once it has found enough energy in agreement, so a mistake of later shows as well. */
export function checkPower(
  check: PowerCheck,
  reading: PowerReading,
): { readonly check: PowerCheck; readonly fault: PowerDisagreement | null } {
  const grown = grow(check, reading);
  const poweredMilliWh = saturate(divideUp(grown.poweredDouble, BigInt(TWICE_MILLI_W_MS_PER_MILLI_WH)));
  const { registeredMilliWh } = grown;
  const enough = Math.max(ENOUGH_MILLI_WH, ENOUGH_STEPS * Math.ceil(reading.resolutionMilliWh));
  if (Math.max(poweredMilliWh, registeredMilliWh) < enough) return { check: grown, fault: null };
  const begun = { ...POWER_CHECK_START, last: grown.last };
  const isApart = Math.max(poweredMilliWh, registeredMilliWh) > APART * Math.min(poweredMilliWh, registeredMilliWh);
  if (!isApart) return { check: begun, fault: null };
  return { check: begun, fault: { code: "METER_POWER_DISAGREES", registeredMilliWh, poweredMilliWh } };
}

function grow(check: PowerCheck, reading: PowerReading): PowerCheck {
  const { last } = check;
  const stepMs = last === null ? 0 : reading.atMs - last.atMs;
  // What flowed while nobody looked is not known as power, so it is not counted as energy either.
  if (last === null || last.powerW === null || reading.powerW === null || stepMs <= 0 || stepMs > STEP_MS_MAX) {
    return { ...check, last: reading };
  }
  const milliW = Math.round(1000 * (Math.max(0, last.powerW) + Math.max(0, reading.powerW)));
  return {
    poweredDouble: check.poweredDouble + BigInt(milliW) * BigInt(Math.round(stepMs)),
    registeredMilliWh: check.registeredMilliWh + reading.energyMilliWh - last.energyMilliWh,
    last: reading,
  };
}

/**
 * 0.1 kWh: half a minute at 11 kW, ten times what a meter shows late; a tenth of the least that a trade is judged by.
 */
const ENOUGH_MILLI_WH = 100_000;
/** A register of coarse steps needs more before it can be judged. */
const ENOUGH_STEPS = 5;
/** Twice: the smallest mistake of units is far beyond, and no load swings that much between two looks all the time. */
const APART = 2;
const STEP_MS_MAX = 10_000;
