/** A time on the clock of a place, as a person writes it, and the instant that is meant. */
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { dayNumberOf, SECONDS_A_DAY } from "#tariffs/civil-date.ts";

export interface LocalTime {
  /** Days since 1970-01-01; undefined: any day. */
  readonly day: number | undefined;
  readonly secondOfDay: number;
}

/** `21:55`, `21:55:30`, `2026-03-28T21:55`; undefined for anything else. */
export function readLocalTime(text: string): LocalTime | undefined {
  const parts = /^(?:(\d{4})-(\d\d)-(\d\d)[T ])?([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (parts === null) return undefined;
  const [year, month, date, hour = 0, minute = 0, second = 0] = parts.slice(1).map((part) => Number(part || "0"));
  const secondOfDay = hour * 3600 + minute * 60 + second;
  if (parts[1] === undefined) return { day: undefined, secondOfDay };
  const day = dayNumberOf(year ?? 0, month ?? 0, date ?? 0);
  return day === undefined ? undefined : { day, secondOfDay };
}

/**
 * The instant of a local time, unix seconds. Without a day it is the last one that is not after `notAfter`. One that
 * comes twice is the first of both, and one that is left out is as long after midnight as if it were not.
 */
export function instantOf({ day, secondOfDay }: LocalTime, zone: TimeZone, notAfter: number): number {
  const today = Math.floor((notAfter + zone.offsetSecondsAt(notAfter)) / SECONDS_A_DAY);
  if (day !== undefined) return instantOn(day, secondOfDay, zone);
  const onToday = instantOn(today, secondOfDay, zone);
  return onToday <= notAfter ? onToday : instantOn(today - 1, secondOfDay, zone);
}

/** What the clock shows at an instant. */
export function localTimeText(seconds: number, zone: TimeZone): string {
  const local = seconds + zone.offsetSecondsAt(seconds);
  const ofDay = local - Math.floor(local / SECONDS_A_DAY) * SECONDS_A_DAY;
  const [hour, minute] = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60];
  return `${hour.toString().padStart(2, "0")}:${minute.toString().padStart(2, "0")}`;
}

function instantOn(day: number, secondOfDay: number, zone: TimeZone): number {
  const local = day * SECONDS_A_DAY + secondOfDay;
  // Of the two offsets that may hold around it, the one of the day before is the first of both where it comes twice.
  const offsets = [zone.offsetSecondsAt(local - SECONDS_A_DAY), zone.offsetSecondsAt(local + SECONDS_A_DAY)];
  const found = offsets.map((offset) => local - offset).find((at) => at + zone.offsetSecondsAt(at) === local);
  return found ?? local - (offsets[0] ?? 0);
}
