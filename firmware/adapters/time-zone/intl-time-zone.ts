/** Time zones from the database that the runtime carries with it. */
import { fail, ok, type Result } from "#base/result.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";

export interface TimeZoneFault {
  readonly code: "TIME_ZONE_UNKNOWN";
  readonly name: string;
}

/** @param name in the IANA database, such as Europe/Amsterdam */
export function openTimeZone(name: string): Result<TimeZone, TimeZoneFault> {
  try {
    return ok(new IntlTimeZone(name));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail({ code: "TIME_ZONE_UNKNOWN", name });
  }
}

class IntlTimeZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      ...{ year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    });
    this.name = name;
  }

  offsetSecondsAt(unixSeconds: number): number {
    const shown = new Map(
      this.#format.formatToParts(new Date(unixSeconds * 1000)).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
    const [date, time] = [
      [part("year"), part("month") - 1, part("day")],
      [part("hour"), part("minute"), part("second")],
    ] as const;
    return Date.UTC(...date, ...time) / 1000 - unixSeconds;
  }
}
