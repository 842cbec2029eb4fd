/**
 * When the clock on the wall shows what restrictions ask for, as windows in UTC.
 *
 * Every instant has one local time, so nothing is ambiguous in this direction. On the day on which an hour is left out,
 * a window that would begin in it begins when it is over; on the day on which an hour comes twice, a window that begins
 * or ends in it holds in both, as the clock says.
 */
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { SECONDS_A_DAY, weekdayOf } from "./civil-date.ts";
import type { OcpiRestrictions } from "./ocpi-tariff.ts";

export type LocalRestrictions = Pick<
  OcpiRestrictions,
  "startMinute" | "endMinute" | "startDay" | "endDay" | "weekdays"
>;

/** From the first second, included, to the second, excluded; unix seconds. */
export type Window = readonly [number, number];

/** In order of time, not touching, within `range`. */
export function localWindows(restrictions: LocalRestrictions, zone: TimeZone, range: Window): readonly Window[] {
  const windows: [number, number][] = [];
  for (const { from, to, offset } of spansOfOneOffset(zone, range)) {
    for (const [localFrom, localTo] of windowsOfDays(restrictions, [from + offset, to + offset])) {
      const last = windows.at(-1);
      if (last?.[1] === localFrom - offset) last[1] = localTo - offset;
      else windows.push([localFrom - offset, localTo - offset]);
    }
  }
  return windows;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

const SEARCH_SECONDS = 3600;

/** The range cut where clocks are changed. */
function spansOfOneOffset(zone: TimeZone, [from, to]: Window): readonly Span[] {
  const spans: Span[] = [];
  let start = from;
  let offset = zone.offsetSecondsAt(from);
  for (let at = from; at < to;) {
    const next = Math.min(to, at + SEARCH_SECONDS);
    const nextOffset = zone.offsetSecondsAt(next);
    if (nextOffset !== offset) {
      const change = changeBetween(zone, at, next);
      spans.push({ from: start, to: change, offset });
      [start, offset] = [change, nextOffset];
    }
    at = next;
  }
  if (start < to) spans.push({ from: start, to, offset });
  return spans;
}

/** The first second of the later offset, found by halving. */
function changeBetween(zone: TimeZone, before: number, after: number): number {
  let [low, high] = [before, after];
  const later = zone.offsetSecondsAt(high);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetSecondsAt(middle) === later) high = middle;
    else low = middle;
  }
  return high;
}

/** All in seconds of local time, counted like unix seconds. */
function* windowsOfDays(restrictions: LocalRestrictions, [from, to]: Window): Generator<Window> {
  for (let day = Math.floor(from / SECONDS_A_DAY); day * SECONDS_A_DAY < to; day += 1) {
    if (!isOnDay(restrictions, day)) continue;
    for (const [startMinute, endMinute] of minutesOfDay(restrictions)) {
      const start = Math.max(from, day * SECONDS_A_DAY + startMinute * 60);
      const end = Math.min(to, day * SECONDS_A_DAY + endMinute * 60);
      if (start < end) yield [start, end];
    }
  }
}

/** Over midnight: the rest of each day, and its begin. Each part is of the day on which it lies. */
function minutesOfDay({ startMinute = 0, endMinute = 1440 }: LocalRestrictions): readonly Window[] {
  if (startMinute < endMinute) return [[startMinute, endMinute]];
  return [
    [0, endMinute],
    [startMinute, 1440],
  ];
}

function isOnDay({ startDay, endDay, weekdays }: LocalRestrictions, day: number): boolean {
  const isStarted = startDay === undefined || day >= startDay;
  const isOver = endDay !== undefined && day >= endDay;
  return isStarted && !isOver && (weekdays === undefined || weekdays.has(weekdayOf(day)));
}
