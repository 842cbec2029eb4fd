/** The charging power by both meters, from the signed readings: how the picture on a receipt is made. */
import { sessionReadings, signedMilliWh, type ChargeFacts } from "#core/session/charge-facts.ts";
import type { Role } from "#core/session/facts.ts";

/** Mean power of equal steps since the start; a series ends where its side has signed nothing more. */
export interface PowerCurve {
  readonly stepMs: number;
  readonly steps: number;
  readonly watts: Readonly<Record<Role, readonly number[]>>;
}

/** More do not show on paper. */
const STEPS_MAX = 240;

/** Undefined before both have signed that energy has flowed over some time. */
export function powerCurve(charge: ChargeFacts): PowerCurve | undefined {
  const courses = { station: courseOf(charge, "station"), vehicle: courseOf(charge, "vehicle") };
  const ends = [courses.station.at(-1)?.atMs ?? 0, courses.vehicle.at(-1)?.atMs ?? 0];
  const spanMs = Math.max(...ends);
  if (Math.min(...ends) <= 0) return undefined;
  const steps = Math.max(1, Math.min(STEPS_MAX, Math.floor(spanMs / leastStepMs(charge, spanMs))));
  const stepMs = spanMs / steps;
  const watts = { station: wattsOf(courses.station, stepMs), vehicle: wattsOf(courses.vehicle, stepMs) };
  return { stepMs, steps, watts };
}

interface Point {
  readonly atMs: number;
  readonly milliWh: number;
}

/** Starts with the start register and ends with the last word; neither time nor energy ever falls. */
function courseOf(charge: ChargeFacts, role: Role): readonly Point[] {
  const intervalMs = charge.open.terms.readingIntervalSeconds * 1000;
  const complete = charge.completes[role];
  const readings = sessionReadings(charge, role).map(({ index, milliWh }) => ({ atMs: index * intervalMs, milliWh }));
  const last = complete === undefined ? [] : [{ atMs: complete.atMs, milliWh: signedMilliWh(charge, role) }];
  const course: Point[] = [{ atMs: 0, milliWh: 0 }];
  for (const point of [...readings, ...last]) if (point.atMs > (course.at(-1)?.atMs ?? 0)) course.push(point);
  return course;
}

/** So long that ten steps of the coarser register fall into it at full power: else a picture shows only these. */
function leastStepMs({ open }: ChargeFacts, spanMs: number): number {
  const { readingIntervalSeconds, resolutionMilliWh, powerMaxW } = open.terms;
  const coarse = Math.max(...resolutionMilliWh);
  return Math.min(spanMs, Math.max(readingIntervalSeconds * 1000, (10 * coarse * MS_WATTS_PER_MILLI_WH) / powerMaxW));
}

/** 1 mWh is 3600 W·ms. */
const MS_WATTS_PER_MILLI_WH = 3600;

function wattsOf(course: readonly Point[], stepMs: number): readonly number[] {
  const end = course.at(-1)?.atMs ?? 0;
  // A rest of less than half a step is no step: its mean would stand on next to nothing.
  const steps = Math.round(end / stepMs);
  const energies = energiesAt(course, stepMs, steps);
  return energies.slice(1).map((milliWh, place) => {
    const fromMs = place * stepMs;
    const toMs = Math.min(fromMs + stepMs, end);
    return Math.round(((milliWh - (energies[place] ?? 0)) * MS_WATTS_PER_MILLI_WH) / Math.max(1, toMs - fromMs));
  });
}

/** Energy at 0, 1 … `steps` steps, interpolated between readings. */
function energiesAt(course: readonly Point[], stepMs: number, steps: number): readonly number[] {
  let next = 1;
  return Array.from({ length: steps + 1 }, (_, step) => {
    const atMs = step * stepMs;
    while (next < course.length - 1 && (course[next]?.atMs ?? 0) < atMs) next += 1;
    const [before, after] = [course[next - 1], course[next]];
    if (before === undefined || after === undefined) return 0;
    const part = Math.min(1, (atMs - before.atMs) / (after.atMs - before.atMs));
    return before.milliWh + part * (after.milliWh - before.milliWh);
  });
}
