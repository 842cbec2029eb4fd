/**
 * E_int: the integral of voltage times current, by trapezoids over samples that are at most 30 s apart.
 *
 * A longer gap is never interpolated. The car's counter bridges it; without one, what flowed is only known to lie
 * between nothing and full power. Of a gap up to 5 minutes the middle of that is taken, which is wrong by at most half
 * of it; of a longer one nothing, because charging may as well have ended. The half-width goes into the uncertainty.
 */
import {
  flowAtMost,
  GAP_MS,
  samplingMicroWh,
  SILENCE_MS,
  trapezoid,
  TWICE_MILLI_W_MS_PER_MILLI_WH,
} from "./battery-flow.ts";
import type { BatterySample, ChargeEnergy, Integral, LastSample, PendingGap } from "./battery-state.ts";

/** From one sample to the next, while the car charges or seems to. */
export interface Step {
  readonly from: LastSample;
  readonly to: LastSample;
  readonly elapsedMs: number;
  readonly sample: BatterySample;
  /** Whether the current into the battery counts at either end. */
  readonly counts: readonly [from: boolean, to: boolean];
  /** The most that can flow. */
  readonly powerMaxW: number;
  /** A contract is open: the car is expected to hang on its cable whatever the silence. */
  readonly isContract: boolean;
}

export function isGap({ from, elapsedMs }: Step): boolean {
  return from.resumed !== null || elapsedMs > GAP_MS;
}

/** The integral alone; a gap waits in `gaps.pending` until `closeGap` knows what it was. */
export function integrate(charge: ChargeEnergy, step: Step): ChargeEnergy {
  if (isGap(step)) return openGap(charge, step);
  const { from, to, counts, elapsedMs } = step;
  const { integral } = charge;
  const ends = [counts[0] ? inflowMilliW(from) : 0, counts[1] ? inflowMilliW(to) : 0] as const;
  const flow = trapezoid(ends, elapsedMs, integral.remainder);
  const counted = counts[0] || counts[1] ? elapsedMs : 0;
  return {
    ...charge,
    integral: {
      ...integral,
      energyMilliWh: integral.energyMilliWh + flow.milliWh,
      remainder: flow.remainder,
      voltageMilliVMs: integral.voltageMilliVMs + to.voltageMilliV * counted,
      currentMilliAMs: integral.currentMilliAMs + Math.max(from.inflowMilliA, to.inflowMilliA) * counted,
      samplingMicroWh: integral.samplingMicroWh + samplingMicroWh(flow.milliWh, elapsedMs),
    },
  };
}

/**
 * What flows in while the car does not say that it charges, and never says so in time, is not claimed: it may be the
 * sensor's zero. Nor is it nothing, as where a heater takes almost all that the cable gives: the truth is short of it
 * by no more than that, and the sensor's zero.
 */
export function noteUnclaimed(charge: ChargeEnergy, step: Step): ChargeEnergy {
  const { from, to, elapsedMs } = step;
  if (isGap(step) || !isUnseenCharge(step)) return charge;
  if (Math.min(from.inflowMilliA, to.inflowMilliA) < ZERO_MILLI_A) return charge;
  const powerMilliW = ([from, to] as const).map((end) => inflowMilliW(end) + end.voltageMilliV * (ZERO_MILLI_A / 1000));
  const flowed = Math.ceil(
    (powerMilliW.reduce((sum, power) => sum + power, 0) * elapsedMs) / TWICE_MILLI_W_MS_PER_MILLI_WH,
  );
  const { integral } = charge;
  return { ...charge, integral: { ...integral, gapMilliWh: integral.gapMilliWh + flowed } };
}

/** Less is not to be told from a sensor's zero. */
const ZERO_MILLI_A = 300;

export type GapAnswer =
  | { readonly kind: "wait" }
  /** By the counter. */
  | { readonly kind: "bridged"; readonly milliWh: number }
  /** The counter's difference may be charge or not; it is no more than that. */
  | { readonly kind: "bounded"; readonly mostMilliWh: number };

/** Ends the gap that waits, by what the counter answered. */
export function closeGap(charge: ChargeEnergy, voltageMilliV: number, answer: GapAnswer): ChargeEnergy {
  const { integral, gaps, counter } = charge;
  const { pending } = gaps;
  if (pending === null || answer.kind === "wait") return charge;
  if (answer.kind === "bridged") {
    const milliWh = Math.min(pending.mostMilliWh, Math.max(0, answer.milliWh));
    const energyMilliWh = integral.energyMilliWh + milliWh;
    const voltageMilliVMs = integral.voltageMilliVMs + voltageMilliV * pending.elapsedMs;
    const bridgeSquare = Math.min(Number.MAX_SAFE_INTEGER, integral.bridgeSquare + counter.stepMilliWh ** 2);
    return {
      ...charge,
      integral: { ...integral, energyMilliWh, voltageMilliVMs, bridgeSquare },
      gaps: {
        ...gaps,
        bridged: gaps.bridged + 1,
        bridgedMilliWh: gaps.bridgedMilliWh + milliWh,
        pending: null,
      },
    };
  }
  const { energyMilliWh, halfWidthMilliWh } = middleOf(Math.min(answer.mostMilliWh, pending.mostMilliWh), pending);
  const bounded: Integral = {
    ...integral,
    energyMilliWh: integral.energyMilliWh + energyMilliWh,
    gapMilliWh: integral.gapMilliWh + halfWidthMilliWh,
  };
  return { ...charge, integral: bounded, gaps: { ...gaps, pending: null } };
}

/** What stands for something between 0 and `mostMilliWh`, and how far the truth may be from it. */
export function middleOf(
  mostMilliWh: number,
  { isShort }: { readonly isShort: boolean },
): { readonly energyMilliWh: number; readonly halfWidthMilliWh: number } {
  const energyMilliWh = isShort ? Math.floor(mostMilliWh / 2) : 0;
  return { energyMilliWh, halfWidthMilliWh: mostMilliWh - energyMilliWh };
}

/** How long the gap may have been, in ms, and whether it was shorter than the silence that ends a charge. */
function lengthOf({ from, elapsedMs }: Step): { readonly elapsedMs: number; readonly isShort: boolean } {
  const isKnown = from.resumed === null || from.resumed.awayMs !== null;
  return { elapsedMs, isShort: isKnown && elapsedMs <= SILENCE_MS };
}

/** The most that can have flowed: what a battery holds, where no clock tells how long. */
function mostOf(step: Step): number {
  const isUnknown = step.from.resumed !== null && step.from.resumed.awayMs === null;
  return flowAtMost(step.powerMaxW, isUnknown ? Number.MAX_SAFE_INTEGER : step.elapsedMs);
}

/** Nothing is added yet: the register may only grow, and the counter may say less than any estimate. */
function openGap(charge: ChargeEnergy, step: Step): ChargeEnergy {
  const { counts, to, elapsedMs } = step;
  // Neither end charges: what there was between them is no charge of this session, unless the counter says so.
  if (!counts[0] && !counts[1] && !isToldByCounter(charge, step)) return charge;
  const { gaps } = charge;
  const waiting = gaps.pending ?? START;
  const { isShort } = lengthOf(step);
  const pending: PendingGap = {
    sinceMs: gaps.pending?.sinceMs ?? to.atMs,
    elapsedMs: Math.min(CHARGE_MS_MAX, waiting.elapsedMs + elapsedMs),
    mostMilliWh: waiting.mostMilliWh + mostOf(step),
    isCharge: waiting.isCharge && isOnCable(step),
    isShort: waiting.isShort && isShort,
  };
  return { ...charge, gaps: { ...gaps, count: gaps.count + 1, pending } };
}

/** A car on its cable may charge and pause again unseen, as by the sun; only while its contract is open that counts. */
function isToldByCounter({ counter }: ChargeEnergy, step: Step): boolean {
  return (
    isUnseenCharge(step) && step.sample.chargedMilliWh !== null && counter.seen !== null && counter.trouble === null
  );
}

/** Neither end says that it charges, and nothing says that it could not have: a contract is open, no cable is out. */
export function isUnseenCharge({ from, to, isContract }: Step): boolean {
  if (from.charging || to.charging) return false;
  return isContract && from.plugged !== false && to.plugged !== false;
}

/** No contract is longer: a week. */
const CHARGE_MS_MAX = 7 * 86_400_000;
const START = { elapsedMs: 0, mostMilliWh: 0, isCharge: true, isShort: true } as const;

/**
 * Whether the counter's difference is charge: a counter includes what braking regains, so the car must not have driven.
 * In five minutes with no sign of its cable being out it has not; nor in any time in which one contract was open, if it
 * hung on a cable or charged when it was seen last: the contract ends when the plug is pulled, and many cars tell
 * nothing of their plug once they have stopped charging.
 */
function isOnCable(step: Step): boolean {
  const { from, to, counts, isContract } = step;
  if (from.plugged === false || to.plugged === false) return false;
  const isHeld = counts[0] || (from.plugged === true && to.plugged === true);
  return lengthOf(step).isShort || (isContract && isHeld);
}

/** mW; a pack's 1,500 V and 5,000 A make less than 10^10. */
export function inflowMilliW({ voltageMilliV, inflowMilliA }: LastSample): number {
  return Math.round((voltageMilliV * inflowMilliA) / 1000);
}
