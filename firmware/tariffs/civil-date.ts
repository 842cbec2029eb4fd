/** Days of the Gregorian calendar as numbers, without a clock or a time zone. */

export const SECONDS_A_DAY = 86_400;

/** Days since 1970-01-01; undefined when there is no such day. */
export function dayNumberOf(year: number, month: number, day: number): number | undefined {
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isDay) return undefined;
  // Years that begin in March end with the leap day, and their months follow one formula.
  const marchYear = month > 2 ? year : year - 1;
  const sinceMarch = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return 365 * marchYear + leapDays + sinceMarch - DAYS_TO_1970;
}

/** 0 is Monday. 1970-01-01 was a Thursday. */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 3) % 7) + 7) % 7;
}

function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** From 0000-03-01. */
const DAYS_TO_1970 = 719_468;
