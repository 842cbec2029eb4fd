/**
 * The states of a charge that both sides have signed: readings of one index, and the two completions. They are what can
 * be compared; what only one side says is not.
 */
import { sessionReadings, sinceStart, type ChargeFacts } from "#core/session/charge-facts.ts";
import type { Role } from "#core/session/facts.ts";

/** Energies since the start registers, mWh, never falling. */
export interface CommonReading {
  /** Of the reading; -1 is the contract's start, one more than the last index the completions. */
  readonly index: number;
  /** Since the start of the charge, by the grid of readings. */
  readonly seconds: number;
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
}

/** In the order of their indexes; empty when nothing but one side's facts is there. */
export function commonReadings(charge: ChargeFacts): readonly CommonReading[] {
  const interval = charge.open.terms.readingIntervalSeconds;
  const vehicleAt = new Map(sessionReadings(charge, "vehicle").map(({ index, milliWh }) => [index, milliWh]));
  const common: CommonReading[] = [];
  for (const { index, milliWh } of sessionReadings(charge, "station")) {
    const vehicleMilliWh = vehicleAt.get(index);
    if (vehicleMilliWh === undefined) continue;
    common.push({ index, seconds: index * interval, stationMilliWh: milliWh, vehicleMilliWh });
  }
  const ends = completionOf(charge, common.at(-1));
  const all = ends === undefined ? common : [...common, ends];
  // The start registers are in OPEN, which both have signed: what lies before the first reading is an interval, too.
  return all.length === 0 ? [] : [START, ...all];
}

const START: CommonReading = { index: -1, seconds: 0, stationMilliWh: 0, vehicleMilliWh: 0 };

/** What both said at the end, when the last common reading does not say it already. */
function completionOf(charge: ChargeFacts, last: CommonReading | undefined): CommonReading | undefined {
  const { station, vehicle } = charge.completes;
  if (station === undefined || vehicle === undefined) return undefined;
  const before = last ?? START;
  const atEnd = (role: Role, milliWh: number, signed: number): number =>
    Math.max(milliWh, sinceStart(charge.open, role, signed));
  const seconds = Math.floor(Math.max(station.atMs, vehicle.atMs) / 1000);
  return {
    index: before.index + 1,
    seconds: Math.max(before.seconds, seconds),
    stationMilliWh: atEnd("station", before.stationMilliWh, station.finalMilliWh),
    vehicleMilliWh: atEnd("vehicle", before.vehicleMilliWh, vehicle.finalMilliWh),
  };
}
