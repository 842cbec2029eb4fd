/**
 * Charges as two honest meters see them, from a course of true power: a ramp, a plateau, a taper, clouds or a pause; a
 * converter that loses a share and a car that uses some watts all the time; registers that move in steps and are read
 * a little early or late. Faults are put on top by `comparison-faults.ts`.
 */
import { defaultLoss } from "#core/contract/default-loss.ts";
import { defaultTolerancePpm } from "#core/contract/default-tolerance.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { chargeOf, inletTerms } from "./charge-facts.ts";

export interface Setup {
  readonly name: string;
  readonly powerW: number;
  readonly points: Terms["measuringPoints"];
  readonly mpePpm: readonly [number, number];
  readonly stepsMilliWh: readonly [number, number];
}

const BATTERY = { points: ["mains", "battery"], mpePpm: [20_000, 30_000], stepsMilliWh: [10_000, 1] } as const;
const DIRECT = { mpePpm: [10_000, 30_000], stepsMilliWh: [1_000, 1] } as const;

export const SETUPS: readonly Setup[] = [
  { ...BATTERY, name: "2.3 kW, battery", powerW: 2_300 },
  { ...BATTERY, name: "3.7 kW, battery", powerW: 3_700 },
  { ...BATTERY, name: "7.4 kW, battery", powerW: 7_400, stepsMilliWh: [1_000, 1] },
  { ...BATTERY, name: "11 kW, battery", powerW: 11_000 },
  { ...BATTERY, name: "11 kW, battery, coarse", powerW: 11_000, stepsMilliWh: [100_000, 1] },
  { ...BATTERY, name: "22 kW, battery", powerW: 22_000 },
  {
    ...{ name: "11 kW, inlet", powerW: 11_000, points: ["mains", "vehicle-inlet"] },
    ...{ mpePpm: [20_000, 20_000], stepsMilliWh: [10_000, 1_000] },
  },
  {
    ...{ name: "11 kW, charger output", powerW: 11_000, points: ["mains", "charger-output"] },
    ...{ mpePpm: [20_000, 60_000], stepsMilliWh: [10_000, 1] },
  },
  { ...DIRECT, name: "50 kW direct, battery", powerW: 50_000, points: ["charger-output", "battery"] },
  { ...DIRECT, name: "150 kW direct, inlet", powerW: 150_000, points: ["charger-output", "vehicle-inlet"] },
];

/** Energies since the start at reading 0, 1, 2 …, mWh, before any register has rounded them. */
export interface TrueCourse {
  readonly setup: Setup;
  readonly intervalSeconds: number;
  readonly station: readonly number[];
  readonly vehicle: readonly number[];
  /** Steps of the registers as they are shown, where they are not those of the meters. */
  readonly shownStepsMilliWh?: readonly [number, number];
}

export interface CourseChanges {
  /** Drawn from the default band of the setup unless told. */
  readonly lossPpm?: number;
  /** Beside the battery, from one share of the time to another. */
  readonly standing?: { readonly powerW: number; readonly from: number; readonly to: number };
  /** By so many intervals the vehicle's readings are late. */
  readonly lateIntervals?: number;
  /** `lively` has changes of power, in which a moved clock shows; `managed` changes every few minutes. */
  readonly shape?: Shape;
  readonly readings?: number;
}

type Shape = "any" | "lively" | "managed";

const STEP_SECONDS = 5;

export function drawCourse(random: SeededRandom, setup: Setup, changes: CourseChanges = {}): TrueCourse {
  const intervalSeconds = setup.powerW > 30_000 ? 15 : 60;
  const readings = changes.readings ?? random.integer(30, 240);
  const powerAt = drawPower(random, setup.powerW, readings * intervalSeconds, changes.shape ?? "any");
  const [least, most] = defaultLoss(setup.points, setup.powerW);
  const lossPpm = changes.lossPpm ?? random.between(least, most);
  const isInlet = setup.points[1] === "vehicle-inlet";
  const standingW = isInlet ? 0 : Math.min(random.between(100, 300), (setup.powerW * lossPpm) / 1e6);
  const share = 1 - (lossPpm / 1e6 - standingW / setup.powerW);
  const gains = setup.mpePpm.map((mpe) => 1 + (random.between(-1, 1) * mpe) / 1e6);
  const offsetSeconds = random.between(-1, 1) + (changes.lateIntervals ?? 0) * intervalSeconds;
  const length = readings * intervalSeconds;
  const heatingAt = (second: number): number => {
    const { standing } = changes;
    return standing !== undefined && second >= standing.from * length && second < standing.to * length
      ? standing.powerW
      : 0;
  };
  const sumOf = (powerOf: (second: number) => number): readonly number[] => {
    const sums = [0];
    for (let second = 0; second < length + 600; second += STEP_SECONDS) {
      sums.push((sums.at(-1) ?? 0) + (powerOf(second + STEP_SECONDS / 2) * STEP_SECONDS) / 3.6);
    }
    return sums;
  };
  const into = (second: number): number => {
    const power = powerAt(second);
    return power <= 0 ? 0 : Math.max(0, power * share - standingW - heatingAt(second));
  };
  const [station, vehicle] = [sumOf(powerAt), sumOf(into)];
  const jitter = (): number => random.between(-0.5, 0.5);
  const indexes = Array.from({ length: readings + 8 }, (_, index) => index * intervalSeconds);
  const read = (sums: readonly number[], second: number, gain: number): number =>
    at(sums, second / STEP_SECONDS) * gain;
  return {
    ...{ setup, intervalSeconds },
    station: indexes.map((second) => read(station, second + jitter(), gains[0] ?? 1)),
    vehicle: indexes.map((second) => read(vehicle, second + offsetSeconds + jitter(), gains[1] ?? 1)),
  };
}

/** As both sides sign it, by terms of its setup. */
export function chargeOfCourse(random: SeededRandom, course: TrueCourse, changes: Partial<Terms> = {}): ChargeFacts {
  const { setup, intervalSeconds } = course;
  const measured = {
    powerMaxW: Math.round(setup.powerW * 1.05),
    mpePpm: setup.mpePpm,
    lossPpm: changes.lossPpm ?? defaultLoss(setup.points, setup.powerW),
    measuringPoints: setup.points,
    resolutionMilliWh: setup.stepsMilliWh,
  };
  const terms = inletTerms({
    ...{ ...measured, readingIntervalSeconds: intervalSeconds, energyMaxMilliWh: 200_000_000 },
    ...{ tolerancePpm: defaultTolerancePpm(measured), ...changes },
  });
  const [stationStep, vehicleStep] = course.shownStepsMilliWh ?? setup.stepsMilliWh;
  const [station, vehicle] = [
    counted(random, course.station, stationStep),
    counted(random, course.vehicle, vehicleStep),
  ];
  const [stationFinal, vehicleFinal] = [station.at(-1) ?? 0, vehicle.at(-1) ?? 0];
  return chargeOf({ terms, station, vehicle, stationFinal, vehicleFinal, start: [4_000_000_000, 900_000_000] });
}

/** A register shows whole steps, begins anywhere between two of them, and is signed as it only grows. */
function counted(random: SeededRandom, energies: readonly number[], step: number): readonly number[] {
  const phase = random.between(0, step);
  let highest = 0;
  return energies.map((energy) => {
    highest = Math.max(highest, Math.floor((phase + energy) / step) * step);
    return highest;
  });
}

/** True power at the station's meter over the seconds since the start. */
function drawPower(random: SeededRandom, powerW: number, length: number, shape: Shape): (second: number) => number {
  const begin = random.between(10, 90);
  const ramp = random.between(5, 30);
  const end = length - random.between(60, 180);
  const taper = random.chance(0.6) ? random.between(0.1, 0.35) * length : 0;
  const isLively = shape === "lively" || (shape === "any" && random.chance(0.5));
  const kind = shape === "managed" ? shape : isLively ? random.pick(["paused", "sunny", "stepped"] as const) : "steady";
  const managed = Array.from({ length: 40 }, () => (random.chance(0.3) ? 0 : random.between(0.3, 1)));
  const [pauseFrom, pauseTo] = [random.between(0.2, 0.4) * length, random.between(0.5, 0.6) * length];
  const wave = random.between(120, 400);
  const phase = random.between(0, 6);
  const level = random.between(0.45, 0.7);
  return (second) => {
    if (second < begin || second >= end) return 0;
    let share = Math.min(1, (second - begin) / ramp);
    if (taper > 0 && second > end - taper) share *= Math.max(0.12, (end - second) / taper);
    if (kind === "paused" && second >= pauseFrom && second < pauseTo) return 0;
    if (kind === "stepped" && second >= pauseFrom && second < pauseTo) share *= level;
    if (kind === "managed") share *= managed[Math.floor((40 * second) / length)] ?? 0;
    if (kind === "sunny") share *= 0.68 + 0.32 * Math.sin(second / wave + phase) * Math.cos(second / (2.7 * wave));
    return powerW * share;
  };
}

function at(sums: readonly number[], place: number): number {
  const bounded = Math.max(0, Math.min(sums.length - 1, place));
  const [low, high] = [Math.floor(bounded), Math.ceil(bounded)];
  const [before, after] = [sums[low] ?? 0, sums[high] ?? 0];
  return before + (after - before) * (bounded - low);
}
