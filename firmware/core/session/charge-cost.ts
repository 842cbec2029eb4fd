/** What a charge costs: its billed energy along the station's own readings, and the time that both have signed. */
import { priceSession, type Course, type EnergyPoint, type Price, type Stretch } from "#core/tariff/price-session.ts";
import { orderedReports, sessionReadings, signedMilliWh, type ChargeFacts } from "./charge-facts.ts";
import { readingsOf, REPORT_FLAG, type Role } from "./facts.ts";
import { idleFromReading } from "./idle-stretch.ts";
import { instantOf, lastSignedMs } from "./signed-time.ts";

/**
 * The price of `billedMilliWh` (of a settlement; or, as the running cost, of what the station has signed so far) by the
 * facts at hand. A charge that one side never joined, or of which no energy is billed, costs nothing, not even a fee:
 * whoever got nothing, or as far as both agree nothing, owes nothing.
 */
export function chargeCost(charge: ChargeFacts, billedMilliWh: number): Price {
  return priceSession(charge.open.terms, chargeCourse(charge, billedMilliWh));
}

/**
 * The course by what is signed. Energy is the station's: reading k at k intervals after the start, the final register
 * at the instant that COMPLETE names. Charging ends with the last energy before the car stood on. Parking is what
 * follows, where the station's log ends with reports that say IDLE, and not while the station had stopped the power
 * itself. It ends where the earlier of the two logs does, so that nobody is billed for time by the other's word alone.
 */
export function chargeCourse(charge: ChargeFacts, billedMilliWh: number): Course {
  const { startedAt, terms } = charge.open;
  if (billedMilliWh <= 0 || !hasJoined(charge, "station") || !hasJoined(charge, "vehicle")) {
    return { startedAt, points: [], chargingEndMs: 0, endMs: 0 };
  }
  const points = stationPoints(charge);
  const idleFrom = idleFromReading(charge);
  // What a car takes that stands on is energy, but does not make it one that charges.
  const charging = idleFrom === undefined ? points : points.filter(({ atMs }) => atMs < instantOf(charge, idleFrom));
  const lastEnergyMs = lastEnergyAt(charging);
  const durationMaxMs = terms.durationMaxSeconds * MS_PER_SECOND;
  const signedMs = Math.min(lastSignedMs(charge, "station"), lastSignedMs(charge, "vehicle"), durationMaxMs);
  const chargingEndMs = Math.min(lastEnergyMs ?? 0, signedMs);
  const endMs = idleFrom === undefined || lastEnergyMs === undefined ? chargingEndMs : signedMs;
  return { startedAt, points, billedMilliWh, chargingEndMs, endMs, pauses: pausesOf(charge) };
}

function stationPoints(charge: ChargeFacts): readonly EnergyPoint[] {
  const course = sessionReadings(charge, "station").map(({ index, milliWh }) => ({
    atMs: instantOf(charge, index),
    milliWh,
  }));
  const complete = charge.completes.station;
  const final = complete === undefined ? [] : [{ atMs: complete.atMs, milliWh: signedMilliWh(charge, "station") }];
  return [{ atMs: 0, milliWh: 0 }, ...course, ...final];
}

/** The first instant at which the register stood where it stands last; undefined while nothing has flowed. */
function lastEnergyAt(points: readonly EnergyPoint[]): number | undefined {
  const final = points.reduce((most, { milliWh }) => Math.max(most, milliWh), 0);
  if (final === 0) return undefined;
  let atMs = 0;
  for (const point of points) {
    atMs = Math.max(atMs, point.atMs);
    if (point.milliWh >= final) break;
  }
  return atMs;
}

/** A report says PAUSED for all its readings; time counts again as soon as the register has risen between two. */
function pausesOf(charge: ChargeFacts): readonly Stretch[] {
  const pauses: Stretch[] = [];
  let [fromMs, register] = [0, charge.open.startMilliWh[0]];
  for (const report of orderedReports(charge, "station")) {
    const isPaused = (report.flags & REPORT_FLAG.PAUSED) !== 0;
    for (const { index, registerMilliWh } of readingsOf(report)) {
      const toMs = instantOf(charge, index);
      if (isPaused && registerMilliWh <= register && toMs > fromMs) pauses.push({ fromMs, toMs });
      [fromMs, register] = [toMs, Math.max(register, registerMilliWh)];
    }
  }
  return pauses;
}

/** A completion that counts reports proves that there are some, even when they have not arrived. */
function hasJoined(charge: ChargeFacts, role: Role): boolean {
  return orderedReports(charge, role).length > 0 || (charge.completes[role]?.reports ?? 0) > 0;
}

const MS_PER_SECOND = 1000;
