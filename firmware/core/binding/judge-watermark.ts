/**
 * What the two sides conclude: the station, whether the car at its cable followed the pattern; the vehicle, whether its
 * own battery did.
 *
 * A wrong contradiction ends an honest charge, a missed relay costs no more than the exposure. So a vehicle contradicts
 * only what it can prove to itself: that the car on the station's cable followed (the station says so, and how much),
 * and that its own power did not, at any delay that its readings cover, by far more than their noise, with nothing in
 * the car that could have taken the pattern up. All else is "not seen". Whether its readings can show a pattern at all,
 * the caller has to know: who has not confirmed patterns before does not contradict (`withoutProof`).
 */
import { fitWatermarks, type PowerSample, type WatermarkFit } from "./fit-watermark.ts";
import { WATERMARK_MS } from "./watermark-plan.ts";
import type { WatermarkPattern } from "./watermark-pattern.ts";

/** What the station's own meter saw of the car at its cable. */
export interface StationSight {
  /** The step of power between low and high chips. */
  readonly stepW: number;
  /** Over the pattern. */
  readonly meanW: number;
}

export type BindingCode =
  /** The pattern is there: the vehicle hangs on this station. */
  | "PATTERN_FOUND"
  /** Its battery is charged and does not show it. */
  | "PATTERN_ABSENT"
  /** The station delivers far more than could vanish in this car. */
  | "CHARGES_NOTHING"
  | "TOO_FEW_READINGS"
  | "TOO_NOISY"
  /** The same values again and again: a control unit that shows the past shows no pattern. */
  | "READINGS_STAND"
  /** Something else in the car, such as a heater, may have taken it up. */
  | "MAY_BE_HIDDEN"
  /** More than nothing, less than enough. */
  | "UNCLEAR"
  /** The station has said nothing, in time, of a pattern that the car followed. */
  | "NOTHING_HEARD"
  /** It would contradict, but this car has not been seen to follow patterns yet: perhaps it cannot. */
  | "UNPROVEN"
  /** This process does not have the key: it was started after the handshake. */
  | "NO_KEY";

export interface BindingVerdict {
  readonly outcome: "confirmed" | "not-seen" | "contradicted";
  readonly code: BindingCode;
}

export interface JudgedCharge {
  readonly pattern: WatermarkPattern;
  /** When the pattern began, by what the station has said, in the samples' time. */
  readonly startMs: number;
  readonly sight: StationSight;
  /** Share that is lost between the two meters, least and most, as the terms have it. */
  readonly lossPpm: readonly [number, number];
}

/**
 * Readings that come late and seldom blur an honest pattern. Of other patterns of the same kind 1 in 25 is as like, at
 * some delay: who relays power need not guess, he can measure.
 */
const LIKENESS_MIN = 0.7;
/** Of the expected step: readings that lag blur it, and a charger is more efficient in between than as a whole. */
const STEP_SHARE: readonly [number, number] = [0.5, 1.5];
/** Less is no pattern, at three standard errors. */
const ABSENT_SHARE = 0.35;
const ERRORS = 3;
/** A message that is on its way, a charger that is slow, a control unit that shows the past. */
const DELAYS_MS: readonly [number, number] = [-6_000, 8_000];
/** Different readings of power within the pattern. */
const VALUES_MIN = 2;
const HIGH_QUANTILE = 0.8;
const RISEN_SHARE = 0.95;
/** At these the readings have to reach over the pattern before its absence means anything. */
const WHOLE_DELAYS_MS = [0, 4_000];
/** Wherever the readings reach. */
const ALL_DELAYS_MS: readonly [number, number] = [-45_000, 12_000];
/** More than heaters of cabin and battery take together in most cars (recalled: 5 to 7 kW each, seldom both). */
const CONSUMERS_MAX_W = 8_000;
/** A car that takes so little of it charges nothing: what is left is its sensor's zero and its electronics. */
const IDLE_W = 500;

/** @returns what the station's meter saw, if the car followed the pattern; else nobody can judge by it */
export function seeFollowed(
  samples: readonly PowerSample[],
  pattern: WatermarkPattern,
  startMs: number,
  expectedW: number,
): StationSight | undefined {
  const best = bestOf(fitWatermarks(samples, pattern, startMs, [0, DELAYS_MS[1]]));
  if (best === undefined || !isLike(best, expectedW)) return undefined;
  return { stepW: Math.round(best.stepW), meanW: Math.round(best.meanW) };
}

export function judgeBinding(samples: readonly PowerSample[], charge: JudgedCharge): BindingVerdict {
  const { pattern, startMs, sight } = charge;
  const expectedW = sight.stepW * (1 - (charge.lossPpm[0] + charge.lossPpm[1]) / 2_000_000);
  const best = bestOf(fitWatermarks(samples, pattern, startMs, DELAYS_MS));
  if (best === undefined) return notSeen("TOO_FEW_READINGS");
  if (isLike(best, expectedW)) return { outcome: "confirmed", code: "PATTERN_FOUND" };
  const anywhere = fitWatermarks(risen(samples), pattern, startMs, ALL_DELAYS_MS);
  const isWhole = WHOLE_DELAYS_MS.every((delayMs) => anywhere.some((fit) => fit.delayMs === delayMs));
  if (!isWhole) return notSeen("TOO_FEW_READINGS");
  if (anywhere.some(({ stepW }) => stepW > ABSENT_SHARE * expectedW)) return notSeen("UNCLEAR");
  const isQuiet = ({ stepW, errorW }: WatermarkFit): boolean =>
    Math.abs(stepW) + ERRORS * errorW < ABSENT_SHARE * expectedW;
  if (!anywhere.every(isQuiet)) return notSeen("TOO_NOISY");
  if (Math.abs(best.meanW) > IDLE_W && !areAlive(samples, startMs)) return notSeen("READINGS_STAND");
  return absentIn(best.meanW, expectedW, charge);
}

/** The verdict of a car of which it is not known that its readings can show a pattern. */
export function withoutProof(verdict: BindingVerdict): BindingVerdict {
  return verdict.outcome === "contradicted" ? notSeen("UNPROVEN") : verdict;
}

/**
 * What the station delivers and the battery does not get, after the least loss, may be taken by a heater, and a heater
 * could follow the limit in the battery's place. Not if too little is left over for one that hides so much of the step;
 * and no heater takes it, if it is too much.
 */
function absentIn(meanW: number, expectedW: number, { sight, lossPpm }: JudgedCharge): BindingVerdict {
  const leftW = (1 - lossPpm[0] / 1_000_000) * sight.meanW - meanW;
  if (leftW < (1 - ABSENT_SHARE) * expectedW) return { outcome: "contradicted", code: "PATTERN_ABSENT" };
  if (Math.abs(meanW) <= IDLE_W && leftW > CONSUMERS_MAX_W) return { outcome: "contradicted", code: "CHARGES_NOTHING" };
  return notSeen("MAY_BE_HIDDEN");
}

/** Also the steadiest charge moves with the mains, and with the battery that fills. */
function areAlive(samples: readonly PowerSample[], startMs: number): boolean {
  const inside = samples.filter(({ atMs }) => atMs >= startMs && atMs < startMs + WATERMARK_MS);
  return new Set(inside.map(({ powerW }) => powerW)).size >= VALUES_MIN;
}

/** A charge that only just begins rises like a pattern that begins with low chips. */
function risen(samples: readonly PowerSample[]): readonly PowerSample[] {
  const powers = samples.map(({ powerW }) => powerW).sort((left, right) => left - right);
  const high = powers[Math.floor(HIGH_QUANTILE * powers.length)] ?? 0;
  const first = samples.findIndex(({ powerW }) => powerW >= RISEN_SHARE * high);
  return samples.slice(Math.max(0, first));
}

function isLike({ likeness, stepW }: WatermarkFit, expectedW: number): boolean {
  const [least, most] = STEP_SHARE;
  return likeness >= LIKENESS_MIN && stepW >= least * expectedW && stepW <= most * expectedW;
}

function bestOf(fits: readonly WatermarkFit[]): WatermarkFit | undefined {
  return fits.reduce<WatermarkFit | undefined>(
    (best, fit) => (best === undefined || fit.likeness > best.likeness ? fit : best),
    undefined,
  );
}

function notSeen(code: BindingCode): BindingVerdict {
  return { outcome: "not-seen", code };
}
