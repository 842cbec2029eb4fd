/** The time for which a car stood on at the end of its charge, as the station has signed it. */
import { orderedReports, sessionReadings, type ChargeFacts } from "./charge-facts.ts";
import { IDLE_POWER_W, idleReadings, isSaidIdle } from "./idle.ts";
import { instantOf, lastSignedMs } from "./signed-time.ts";

/**
 * Index of the station's first reading in its last run of IDLE reports; undefined where its log does not end with one,
 * or where more has flowed in it than a full car takes for alarm, radio and 12 V battery: that was a charge, whatever
 * the flag says. What a full car takes is billed as energy and does not end its standing.
 *
 * Only time that the vehicle has signed, too, counts for that: after its end a station could sign a last reading as far
 * away as it takes to make little power of much energy.
 */
export function idleFromReading(charge: ChargeFacts): number | undefined {
  const reports = orderedReports(charge, "station");
  const count = reports.length - 1 - reports.findLastIndex((report) => !isSaidIdle(report));
  const first = reports.at(reports.length - count)?.firstReading;
  if (count === 0 || first === undefined) return undefined;
  const readings = sessionReadings(charge, "station");
  const { terms } = charge.open;
  const { readingIntervalSeconds, resolutionMilliWh, durationMaxSeconds } = terms;
  const signedMs = Math.min(lastSignedMs(charge, "vehicle"), 1000 * durationMaxSeconds);
  const from = readings.findLast(({ index }) => index <= first);
  const to = readings.find(({ index }) => instantOf(charge, index) >= signedMs && index >= first) ?? readings.at(-1);
  if (from === undefined || to === undefined) return undefined;
  const lastMs = Math.min(instantOf(charge, to.index), signedMs + 1000 * readingIntervalSeconds * idleReadings(terms));
  const seconds = Math.max(0, lastMs - instantOf(charge, from.index)) / 1000;
  // 3.6 J are 1 mWh.
  const mostMilliWh = Math.ceil((IDLE_POWER_W * seconds) / 3.6) + resolutionMilliWh[0];
  return to.milliWh - from.milliWh <= mostMilliWh ? first : undefined;
}
