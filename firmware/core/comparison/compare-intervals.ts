/**
 * A charge from reading to reading: what each side counted, what was to be expected, and the verdict on it by the rule
 * of the whole charge, with the uncertainty of so little energy (domain: metrology, 4.5).
 */
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { judgePart, type Judgement } from "#core/session/judge-agreement.ts";
import { saturate } from "#core/metering/whole-numbers.ts";
import { commonReadings, type CommonReading } from "./matched-readings.ts";
import { lossAt } from "./interval-loss.ts";

/** Beyond so many, neighbouring intervals are judged together: a day of minutes. */
export const INTERVALS_MAX = 1_440;

export interface ComparedInterval {
  /** Readings at its ends; -1 is the contract's start, the completions count as the reading after the last. */
  readonly fromIndex: number;
  readonly toIndex: number;
  readonly seconds: number;
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  /** What the vehicle should have counted by the station's amount. */
  readonly expectedMilliWh: number;
  /** `expectedRatioPpm`, d, U, T and the verdict. */
  readonly judgement: Judgement;
}

/** In order; empty when no two common readings are there. */
export function compareIntervals(charge: ChargeFacts): readonly ComparedInterval[] {
  const readings = thinned(commonReadings(charge), INTERVALS_MAX);
  const { terms } = charge.open;
  const usualW = usualPowerW(readings);
  return readings.slice(1).map((to, place) => {
    const from = readings[place] ?? to;
    const seconds = to.seconds - from.seconds;
    const stationMilliWh = to.stationMilliWh - from.stationMilliWh;
    const vehicleMilliWh = to.vehicleMilliWh - from.vehicleMilliWh;
    const lossPpm = lossAt(terms, powerW(stationMilliWh, seconds), usualW);
    const judgement = judgePart({ ...terms, lossPpm }, stationMilliWh, vehicleMilliWh);
    return {
      ...{ fromIndex: from.index, toIndex: to.index, seconds, stationMilliWh, vehicleMilliWh },
      expectedMilliWh: saturate((BigInt(stationMilliWh) * BigInt(judgement.expectedRatioPpm)) / 1_000_000n),
      judgement,
    };
  });
}

/** Mean of the station over the time in which it gave anything. */
function usualPowerW(readings: readonly CommonReading[]): number {
  let [milliWh, seconds] = [0, 0];
  for (const [place, to] of readings.slice(1).entries()) {
    const from = readings[place] ?? to;
    if (to.stationMilliWh === from.stationMilliWh) continue;
    milliWh += to.stationMilliWh - from.stationMilliWh;
    seconds += to.seconds - from.seconds;
  }
  return powerW(milliWh, seconds);
}

/** 1 mWh a second is 3.6 W. */
export function powerW(milliWh: number, seconds: number): number {
  return saturate((BigInt(milliWh) * 36n) / (10n * BigInt(Math.max(1, seconds))));
}

/** Every so many-th reading, and always the last. */
export function thinned(readings: readonly CommonReading[], intervalsMax: number): readonly CommonReading[] {
  const every = Math.ceil((readings.length - 1) / intervalsMax);
  if (every <= 1) return readings;
  return readings.filter((_, place) => place % every === 0 || place === readings.length - 1);
}
