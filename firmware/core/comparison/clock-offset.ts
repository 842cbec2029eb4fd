/** Two courses that fit when one is moved in time: a clock that was off when the readings were taken. */
import { chargeCourse, fitOf, type ChargeCourse, type Hypothesis } from "./charge-course.ts";
import type { CommonReading } from "./matched-readings.ts";
import type { Cause } from "./diagnosis.ts";

/** In reading intervals, either way. */
const OFFSET_MAX = 12;
/** A course as short as a few offsets would fit anything. */
const READINGS_PER_OFFSET_MIN = 4;

export function clockOffsetCauses(course: ChargeCourse): readonly Hypothesis[] {
  const { terms, readings, unexplainedMilliWh } = course;
  const most = Math.min(OFFSET_MAX, Math.floor(readings.length / READINGS_PER_OFFSET_MIN));
  let best: { readonly intervals: number; readonly moved: ChargeCourse } | undefined;
  for (let size = 1; size <= most; size += 1) {
    for (const intervals of [size, -size]) {
      const moved = chargeCourse(terms, shifted(readings, intervals));
      if (moved.unexplainedMilliWh < (best?.moved.unexplainedMilliWh ?? unexplainedMilliWh))
        best = { intervals, moved };
    }
  }
  if (best === undefined) return [];
  const { intervals, moved } = best;
  const fit = { ...fitOf(course, moved.unexplainedMilliWh), lastIndex: readings.at(-1)?.index ?? -1 };
  const seconds = intervals * terms.readingIntervalSeconds;
  const cause: Cause = { code: "clock-offset", ...fit, side: "either", intervals, seconds };
  return [{ cause, corrected: moved.blocks }];
}

/** The vehicle's state as many intervals later beside each of the station's; its ends stand. */
function shifted(readings: readonly CommonReading[], intervals: number): readonly CommonReading[] {
  let place = 0;
  return readings.map((reading, own) => {
    const wanted = own === 0 ? -1 : reading.index + intervals;
    while ((readings[place + 1]?.index ?? Infinity) <= wanted) place += 1;
    const isLast = own === readings.length - 1;
    const vehicle = isLast ? readings.at(-1) : readings[place];
    return { ...reading, vehicleMilliWh: vehicle?.vehicleMilliWh ?? 0 };
  });
}
