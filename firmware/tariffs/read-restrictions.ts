/** The restrictions of a tariff element (OCPI mod_tariffs, TariffRestrictions). */
import { dayNumberOf } from "./civil-date.ts";
import { Fields, refuse } from "./json-fields.ts";
import type { OcpiRestrictions } from "./ocpi-tariff.ts";

const NAMES = [
  ...["start_time", "end_time", "start_date", "end_date", "day_of_week", "reservation"],
  ...["min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power", "min_duration", "max_duration"],
];
const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
const MINUTES_A_DAY = 1440;

/** @param value undefined: the element has none */
export function readRestrictions(value: unknown, path: string): OcpiRestrictions {
  if (value === undefined) return {};
  const fields = new Fields(value, path, NAMES);
  const restrictions = {
    ...readTimes(fields),
    ...readDates(fields),
    ...readRange(fields, "kwh", ["minMilliWh", "maxMilliWh"], 6),
    ...readRange(fields, "current", ["minMilliA", "maxMilliA"], 3),
    ...readRange(fields, "power", ["minW", "maxW"], 3),
    ...readRange(fields, "duration", ["minSeconds", "maxSeconds"], 0),
    ...(fields.has("reservation")
      ? { reservation: fields.oneOf("reservation", ["RESERVATION", "RESERVATION_EXPIRES"]) }
      : {}),
  };
  checkReservation(restrictions, fields);
  return restrictions;
}

function readTimes(fields: Fields): OcpiRestrictions {
  const start = minuteOf(fields, "start_time");
  const end = minuteOf(fields, "end_time");
  // Until 00:00 is until the end of the day.
  const endMinute = end === 0 ? MINUTES_A_DAY : end;
  if (start !== undefined && start === endMinute) {
    refuse(fields.at("end_time"), "is the start time: that could mean the whole day or no time at all");
  }
  return { ...(start === undefined ? {} : { startMinute: start }), ...(endMinute === undefined ? {} : { endMinute }) };
}

function minuteOf(fields: Fields, name: string): number | undefined {
  const text = fields.optionalText(name);
  if (text === undefined) return undefined;
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? refuse(fields.at(name), "must be hours:minutes");
  return Number(hour) * 60 + Number(minute);
}

function readDates(fields: Fields): OcpiRestrictions {
  const startDay = dayOf(fields, "start_date");
  const endDay = dayOf(fields, "end_date");
  if (startDay !== undefined && endDay !== undefined && endDay <= startDay) {
    refuse(fields.at("end_date"), "is not after the start date: the last day is not included");
  }
  const weekdays = weekdaysOf(fields);
  return {
    ...(startDay === undefined ? {} : { startDay }),
    ...(endDay === undefined ? {} : { endDay }),
    ...(weekdays.size === 0 ? {} : { weekdays }),
  };
}

function dayOf(fields: Fields, name: string): number | undefined {
  const text = fields.optionalText(name);
  if (text === undefined) return undefined;
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? refuse(fields.at(name), "must be a date");
  return dayNumberOf(Number(year), Number(month), Number(day)) ?? refuse(fields.at(name), "is no day of the calendar");
}

function weekdaysOf(fields: Fields): ReadonlySet<number> {
  if (!fields.has("day_of_week")) return new Set();
  const days = fields.list("day_of_week").map((word) => WEEKDAYS.findIndex((name) => name === word));
  const isKnown = days.every((day) => day >= 0);
  return isKnown ? new Set(days) : refuse(fields.at("day_of_week"), `must be of ${WEEKDAYS.join(", ")}`);
}

type RangeName = Exclude<keyof OcpiRestrictions, "weekdays" | "reservation">;

function readRange(
  fields: Fields,
  of: string,
  names: readonly [RangeName, RangeName],
  digits: number,
): OcpiRestrictions {
  const least = fields.optionalDecimal(`min_${of}`, digits, Number.MAX_SAFE_INTEGER);
  const most = fields.optionalDecimal(`max_${of}`, digits, Number.MAX_SAFE_INTEGER);
  if (most === 0) refuse(fields.at(`max_${of}`), "is 0: the element would never apply");
  if (least !== undefined && most !== undefined && most <= least) {
    refuse(fields.at(`max_${of}`), "is not above the least: the element would never apply");
  }
  return {
    ...(least === undefined ? {} : { [names[0]]: least }),
    ...(most === undefined ? {} : { [names[1]]: most }),
  };
}

function checkReservation({ reservation, ...others }: OcpiRestrictions, fields: Fields): void {
  if (reservation === undefined) return;
  const amounts = ["minMilliWh", "maxMilliWh", "minMilliA", "maxMilliA", "minW", "maxW"];
  const isAmount = Object.keys(others).some((name) => amounts.includes(name));
  if (isAmount) refuse(fields.path, "restricts a reservation by energy, current or power, and none flows in it");
}
