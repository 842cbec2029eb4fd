/** Dates of the Gregorian calendar in UTC as numbers and back, without the machine's own idea of time. */
import { assert } from "#base/assert.ts";

/** Year, month from 1, day from 1. */
export type CivilDate = readonly [year: number, month: number, day: number];
/** Hour, minute, second. */
export type CivilClock = readonly [hour: number, minute: number, second: number];

/** Unix milliseconds; undefined for a date or time of day that there is not. A leap second is the second after it. */
export function unixMsOfCivil(date: CivilDate, [hour, minute, second]: CivilClock): number | undefined {
  const [year, month, day] = date;
  const isDate = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  if (!isDate || hour > 23 || minute > 59 || second > 60) return undefined;
  return (daysSince1970(date) * 86_400 + hour * 3600 + minute * 60 + second) * 1000;
}

export interface CivilInstant {
  readonly date: CivilDate;
  readonly clock: CivilClock;
  readonly ms: number;
}

export function civilOfUnixMs(unixMs: number): CivilInstant {
  assert(Number.isSafeInteger(unixMs), "an instant is whole milliseconds");
  const days = Math.floor(unixMs / DAY_MS);
  const ofDayMs = unixMs - days * DAY_MS;
  const seconds = Math.floor(ofDayMs / 1000);
  return {
    date: civilDateOf(days),
    clock: [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60],
    ms: ofDayMs % 1000,
  };
}

/** `2026-11-22T12:03:04Z` (RFC 3339), from unix milliseconds; parts of a second are cut off. */
export function rfc3339(unixMs: number): string {
  const { date, clock } = civilOfUnixMs(unixMs);
  return `${dateText(date)}T${clockText(clock)}Z`;
}

export function dateText([year, month, day]: CivilDate): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

export function clockText([hour, minute, second]: CivilClock): string {
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}`;
}

/** So many digits at least. */
export function pad(value: number, digits: number): string {
  return value.toString().padStart(digits, "0");
}

const DAY_MS = 86_400_000;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;
const ERA_DAYS = 146_097;

/** By eras of 400 years that begin on the 1st of March, so that the leap day is the last of a year. */
function daysSince1970([year, month, day]: CivilDate): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * ERA_DAYS + dayOfEra - EPOCH_DAYS;
}

function civilDateOf(days: number): CivilDate {
  const shifted = days + EPOCH_DAYS;
  const era = Math.floor(shifted / ERA_DAYS);
  const dayOfEra = shifted - era * ERA_DAYS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
