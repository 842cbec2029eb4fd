/** An offer for a station about which only the unavoidable is known: what it is, what it costs, how it measures. */
import { REPORTS_PER_SESSION_MAX } from "#core/limits.ts";
import { divideUp, saturate } from "#core/metering/whole-numbers.ts";
import { defaultLossUpTo } from "./default-loss.ts";
import { defaultTolerancePpm } from "./default-tolerance.ts";
import type { MeasuringPoint, Terms } from "./terms.ts";

export interface StationFacts
  extends
    Pick<Terms, "codeHash" | "currency" | "currencyDigits" | "tariff" | "powerMaxW">,
    Pick<Terms, "energyMaxMilliWh" | "durationMaxSeconds"> {
  readonly stationMpePpm: number;
  readonly stationMeasuringPoint: MeasuringPoint;
  readonly stationResolutionMilliWh: number;
  /** Recent disputes of the other side: the exposure is divided by one more than these. */
  readonly recentDisputes?: number;
}

/**
 * The default offer. Where it concerns the vehicle (class, resolution, loss, tolerance) it is the widest that is
 * accepted: a car that measures at its battery within 3 %, in steps of at most 0.1 kWh. `changes` replaces any field;
 * `checkTerms` says whether the whole still holds together.
 */
export function defaultTerms(station: StationFacts, changes: Partial<Terms> = {}): Terms {
  const { stationMpePpm, stationMeasuringPoint, stationResolutionMilliWh, recentDisputes, ...given } = station;
  const exposureMilliWh = changes.exposureMilliWh ?? defaultExposure(station.powerMaxW, recentDisputes ?? 0);
  const measured = {
    powerMaxW: changes.powerMaxW ?? given.powerMaxW,
    mpePpm: changes.mpePpm ?? ([stationMpePpm, VEHICLE_MPE_PPM] as const),
    measuringPoints: changes.measuringPoints ?? ([stationMeasuringPoint, "battery"] as const),
    resolutionMilliWh: changes.resolutionMilliWh ?? ([stationResolutionMilliWh, VEHICLE_RESOLUTION_MILLI_WH] as const),
  };
  const { readingIntervalSeconds, readingsPerReport } = {
    ...reportRhythm(measured.powerMaxW, exposureMilliWh),
    ...changes,
  };
  const rhythm = { readingIntervalSeconds, readingsPerReport };
  const covered = rhythm.readingIntervalSeconds * rhythm.readingsPerReport * REPORTS_PER_SESSION_MAX;
  const lossPpm = changes.lossPpm ?? defaultLossUpTo(measured.measuringPoints, measured.powerMaxW);
  return {
    version: 1,
    ...given,
    ...measured,
    lossPpm,
    exposureMilliWh,
    ...rhythm,
    // A little exposure takes many reports, and there is a most of those.
    durationMaxSeconds: Math.min(given.durationMaxSeconds, covered),
    tolerancePpm: toleranceLimitPpm({ ...measured, lossPpm }),
    basis: "station",
    graceSeconds: GRACE_SECONDS,
    silentPays: true,
    arbiter: null,
    lossModel: null,
    ...changes,
  };
}

/** X: 4 kWh or a minute at full power; a share of it for a side with disputes, but enough for a report a second. */
export function defaultExposure(powerMaxW: number, recentDisputes: number): number {
  const minute = atFullPower(powerMaxW, 60n);
  const full = Math.max(4_000_000, minute);
  const least = Math.max(200_000, atFullPower(powerMaxW, 2n));
  return Math.max(least, Math.floor(full / (1 + Math.max(0, recentDisputes))));
}

/**
 * R and b: a reading at most each minute, at most five to a report, and no more between two reports than half of the
 * exposure at full power. Where that is little time, there are fewer readings of at least 10 s before they get shorter.
 */
export function reportRhythm(
  powerMaxW: number,
  exposureMilliWh: number,
): Pick<Terms, "readingIntervalSeconds" | "readingsPerReport"> {
  // mWh / 2 at so many W: 3.6 J each, rounded down.
  const seconds = saturate((3600n * BigInt(exposureMilliWh)) / (2000n * BigInt(Math.max(1, powerMaxW))));
  const readingsPerReport = Math.min(5, Math.max(1, Math.floor(seconds / 10)));
  const readingIntervalSeconds = Math.min(60, Math.max(1, Math.floor(seconds / readingsPerReport)));
  return { readingIntervalSeconds, readingsPerReport };
}

/**
 * The most that a vehicle may state as its error. Batteries' voltage times current holds 2.9 % at 11 kW and 400 V, and
 * 3.6 % at 800 V, where the zero of the current sensor weighs more; the output of a car's charger 6 %.
 */
export const VEHICLE_MPE_PPM = 65_000;
/** Charge counters of several makers count in steps of 0.1 kWh. */
const VEHICLE_RESOLUTION_MILLI_WH = 100_000;
const GRACE_SECONDS = 72 * 3600;

function atFullPower(powerMaxW: number, seconds: bigint): number {
  return saturate(divideUp(BigInt(powerMaxW) * seconds * 1000n, 3600n));
}

/** A finer register lowers the minimum quantity, and with it the amount at which the tolerance must be capable. */
function toleranceLimitPpm(measured: Parameters<typeof defaultTolerancePpm>[0]): number {
  const finest = { ...measured, resolutionMilliWh: [measured.resolutionMilliWh[0], 1] as const };
  return Math.max(defaultTolerancePpm(measured), defaultTolerancePpm(finest));
}
