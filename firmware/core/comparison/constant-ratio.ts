/**
 * One ratio between the two sides from the first reading to the last, far from what losses explain: a unit, a counter's
 * constant, phases that are not counted.
 */
import { PPM } from "#core/contract/terms.ts";
import { saturate } from "#core/metering/whole-numbers.ts";
import {
  fitOf,
  isBeyondPower,
  medianRatioPpm,
  outsideScaled,
  sumOf,
  truePowerW,
  type ChargeCourse,
  type Hypothesis,
} from "./charge-course.ts";
import type { Cause, CauseFit } from "./diagnosis.ts";
import { envelopeOf, scaled } from "./envelope.ts";

export function constantRatioCauses(course: ChargeCourse): readonly Hypothesis[] {
  const foundPpm = foundRatioPpm(course);
  if (foundPpm === undefined) return [];
  const fit = fitOf(course, sumOf(outsideScaled(course, foundPpm)));
  const corrected = course.blocks.map((block) => scaled(block, foundPpm));
  const nominal = nearestNominal(foundPpm);
  const window = nominal?.kind === "power" ? POWER_WINDOW_PPM : windowPpm(course);
  const isNear = nominal !== undefined && apartPpm(foundPpm, nominal.ratioPpm) <= window;
  if (isNear && nominal.kind === "phase") {
    const causes = phaseCauses(course, fit, { ratioPpm: nominal.ratioPpm, foundPpm });
    return causes.map((cause) => ({ cause, corrected }));
  }
  if (isNear && nominal.kind === "power") {
    const { exponent } = nominal;
    const side = sideOfPowerOfTen(course, exponent);
    return [{ cause: { code: "factor-1000", ...fit, side, exponent, foundPpm }, corrected }];
  }
  const nominalPpm = isNear ? nominal.ratioPpm : 0;
  const side = sideByPower(course);
  return [{ cause: { code: "pulse-constant", ...fit, side, nominalPpm, foundPpm }, corrected }];
}

/** Vehicle over expected that phases which are not counted give: two thirds or one, on either side. */
export const PHASE_RATIOS_PPM = [333_333, 666_667, 1_500_000, 3_000_000] as const;

/**
 * A third at the station is one phase of three, or three of which one is reversed: energies alone cannot tell.
 *
 * @param ratioPpm one of `PHASE_RATIOS_PPM`
 */
export function phaseCauses(
  course: ChargeCourse,
  fit: Omit<CauseFit, "side">,
  { ratioPpm, foundPpm }: { readonly ratioPpm: number; readonly foundPpm: number },
): readonly Cause[] {
  const isStationLess = ratioPpm > PPM;
  const shareOfLess = (ratio: number): number => (isStationLess ? Math.round((PPM * PPM) / Math.max(1, ratio)) : ratio);
  // Direct current has no phases: a vehicle that counts it can only be next to a station that counts too many.
  const hasPhases = course.terms.measuringPoints[1] === "vehicle-inlet";
  const side = isStationLess ? "station" : hasPhases ? "vehicle" : "either";
  const found = { nominalPpm: shareOfLess(ratioPpm), foundPpm: shareOfLess(foundPpm) };
  const lost: Cause = { code: "lost-phase", ...fit, side, ...found };
  if (!isStationLess || found.nominalPpm > HALF_PPM) return [lost];
  const missingMilliWh = missingAtStation(course, fit);
  return [lost, { code: "reversed-transformer", ...fit, side, foundPpm: found.foundPpm, missingMilliWh }];
}

/** How far a found ratio may be from a usual one: half of what losses and certified errors leave open. */
export function windowPpm({ envelope }: ChargeCourse): number {
  const { leastPpm, mostPpm, middlePpm } = envelope;
  return Math.max(WINDOW_PPM_MIN, Math.ceil(((mostPpm - leastPpm) / 2 / Math.max(1, middlePpm)) * PPM));
}

/** How far a found ratio is from the usual one that a cause names; 0 for causes that name none. */
export function apartFromNominalPpm(cause: Cause): number {
  if (cause.code === "reversed-transformer" && cause.foundPpm > 0) return apartPpm(cause.foundPpm, THIRD_PPM);
  if (cause.code !== "lost-phase" && cause.code !== "pulse-constant") return 0;
  return cause.nominalPpm === 0 ? PPM : apartPpm(cause.foundPpm, cause.nominalPpm);
}

type Nominal =
  | { readonly kind: "power"; readonly ratioPpm: number; readonly exponent: number }
  | { readonly kind: "phase" | "constant"; readonly ratioPpm: number };

const HALF_PPM = PPM / 2;
const THIRD_PPM = 333_333;
/** Nothing else is near a power of ten. */
const POWER_WINDOW_PPM = 150_000;
const WINDOW_PPM_MIN = 30_000;

const POWERS_OF_TEN: readonly (readonly [exponent: number, ratioPpm: number])[] = [
  ...([
    [-6, 1],
    [-5, 10],
    [-4, 100],
    [-3, 1_000],
    [-2, 10_000],
    [-1, 100_000],
  ] as const),
  ...([
    [1, 10_000_000],
    [2, 100_000_000],
    [3, 1_000_000_000],
    [4, 10_000_000_000],
  ] as const),
  ...([
    [5, 100_000_000_000],
    [6, 1_000_000_000_000],
  ] as const),
];

const NOMINALS: readonly Nominal[] = [
  ...POWERS_OF_TEN.map(([exponent, ratioPpm]) => ({ kind: "power" as const, ratioPpm, exponent })),
  ...PHASE_RATIOS_PPM.map((ratioPpm) => ({ kind: "phase" as const, ratioPpm })),
  // Pulses a kWh that were set wrong; √3, a voltage between phases taken for one to neutral; 3.6, kilojoules for Wh.
  ...[277_778, 500_000, 800_000, 1_250_000, 1_732_051, 2_000_000, 3_600_000].map((ratioPpm) => ({
    kind: "constant" as const,
    ratioPpm,
  })),
];

function nearestNominal(foundPpm: number): Nominal | undefined {
  let nearest: Nominal | undefined;
  for (const nominal of NOMINALS) {
    const isNearer =
      nearest === undefined || apartPpm(foundPpm, nominal.ratioPpm) < apartPpm(foundPpm, nearest.ratioPpm);
    if (isNearer) nearest = nominal;
  }
  return nearest;
}

/** The larger over the smaller, less 1. */
export function apartPpm(left: number, right: number): number {
  const [less, more] = left < right ? [left, right] : [right, left];
  return Math.floor((more / Math.max(1, less)) * PPM) - PPM;
}

/** Vehicle over what is expected at the power that there is when the ratio is taken away: losses depend on it. */
function foundRatioPpm(course: ChargeCourse): number | undefined {
  const ratioPpm = medianRatioPpm(course.blocks);
  if (ratioPpm === undefined) return undefined;
  const overMiddle = (middlePpm: number): number =>
    Math.max(1, saturate((BigInt(ratioPpm) * BigInt(PPM)) / BigInt(Math.max(1, middlePpm))));
  const usualW = truePowerW(course, overMiddle(course.envelope.middlePpm));
  return overMiddle(envelopeOf(course.terms, usualW, 0).middlePpm);
}

/** Whoever claims more than the power that the terms allow is wrong; else two amounts cannot tell. */
function sideByPower(course: ChargeCourse): CauseFit["side"] {
  const beyond = (amountOf: (place: number) => number): boolean =>
    course.blocks.some(({ seconds }, place) => isBeyondPower(course, seconds, amountOf(place)));
  const isStation = beyond((place) => course.blocks[place]?.stationMilliWh ?? 0);
  const isVehicle = beyond((place) => course.blocks[place]?.vehicleMilliWh ?? 0);
  if (isStation === isVehicle) return "either";
  return isStation ? "station" : "vehicle";
}

/** Where the larger amount can have flowed it is the true one: nobody charges with a hundredth of the usual power. */
function sideOfPowerOfTen(course: ChargeCourse, exponent: number): CauseFit["side"] {
  const side = sideByPower(course);
  if (side !== "either" || Math.abs(exponent) < 2) return side;
  return exponent < 0 ? "vehicle" : "station";
}

/** What the station should have counted beside what it did, between two readings. */
function missingAtStation(
  { blocks, envelope }: ChargeCourse,
  { firstIndex, lastIndex }: Pick<CauseFit, "firstIndex" | "lastIndex">,
): number {
  const within = blocks.filter((block) => block.firstIndex >= firstIndex && block.lastIndex <= lastIndex);
  const vehicle = sumOf(within.map(({ vehicleMilliWh }) => vehicleMilliWh));
  const station = sumOf(within.map(({ stationMilliWh }) => stationMilliWh));
  const should = saturate((BigInt(vehicle) * BigInt(PPM)) / BigInt(Math.max(1, envelope.middlePpm)));
  return Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, should - station));
}
