/** The readings of both sides next to each other, around the place where they parted. */
import { commonReadings } from "#core/comparison/matched-readings.ts";
import { agreedPart } from "#core/session/agreed-part.ts";
import { sessionReadings, type ChargeFacts } from "#core/session/charge-facts.ts";
import { leastAtStation, matches, mostAtStation, uncertaintyBound } from "#core/session/energy-bound.ts";

export interface ComparedReadings {
  /** Readings of both sides with the same index, and how many of them do not match. */
  readonly common: number;
  readonly mismatches: number;
  /** The last reading up to which both have signed to the same; null when there is none. */
  readonly agreedIndex: number | null;
  /** What is billed for that part, mWh. */
  readonly agreedMilliWh: number;
  /** Whether two mismatches in a row were seen. */
  readonly hasParted: boolean;
  readonly rows: readonly ComparedRow[];
}

/** Energies since the start, mWh. */
export interface ComparedRow {
  /** -1 is the start, one more than the last index the completions. */
  readonly index: number;
  readonly seconds: number;
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  /** Between what and what an honest station can be, by the vehicle's reading and all uncertainty. */
  readonly leastMilliWh: number;
  readonly mostMilliWh: number;
  readonly isMatch: boolean;
}

/** Rows before and after the first reading that does not match; the last rows where all of them do. */
const ROWS_BEFORE = 4;
const ROWS_AFTER = 5;

export function comparedReadings(charge: ChargeFacts): ComparedReadings {
  const { terms } = charge.open;
  const agreed = agreedPart(terms, sessionReadings(charge, "station"), sessionReadings(charge, "vehicle"));
  const rows = commonReadings(charge).map((reading): ComparedRow => {
    const { stationMilliWh, vehicleMilliWh } = reading;
    const bound = uncertaintyBound(terms, stationMilliWh, vehicleMilliWh);
    const mostMilliWh = Math.min(Number.MAX_SAFE_INTEGER, mostAtStation(terms, vehicleMilliWh) + bound);
    const leastMilliWh = Math.max(0, leastAtStation(terms, vehicleMilliWh) - bound);
    return { ...reading, leastMilliWh, mostMilliWh, isMatch: matches(terms, stationMilliWh, vehicleMilliWh) };
  });
  const parted = rows.findIndex(({ isMatch }) => !isMatch);
  const centre = parted < 0 ? rows.length : parted;
  const around = rows.slice(Math.max(0, centre - ROWS_BEFORE), centre + ROWS_AFTER);
  const last = rows.at(-1);
  return {
    ...{ common: agreed.common, mismatches: agreed.mismatches, hasParted: agreed.hasParted },
    ...{ agreedIndex: agreed.index, agreedMilliWh: agreed.milliWh },
    rows: last === undefined || around.includes(last) ? around : [...around, last],
  };
}
