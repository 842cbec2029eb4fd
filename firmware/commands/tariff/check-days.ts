/** Whether a tariff can be offered on each day of a year: today says nothing of the day on which clocks change. */
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { rfc3339 } from "#records/civil-time.ts";
import { SECONDS_A_DAY } from "#tariffs/civil-date.ts";
import { compileTariff } from "#tariffs/compile-tariff.ts";
import type { OcpiTariff } from "#tariffs/ocpi-tariff.ts";
import { faultText } from "#firmware/tariff-source.ts";
import type { CompileChoices } from "./sample-session.ts";

export interface DayProblem {
  readonly path: string;
  readonly reason: string;
  /** The first day on which it is so, in UTC; undefined where that makes no difference. */
  readonly from: string | undefined;
}

const DAYS = 366;
/** A charge of a day, and an offer of some minutes. */
const RANGE_SECONDS = 2 * SECONDS_A_DAY;

/** Each problem once, with the first day that has it. Days on which the tariff is not valid have none. */
export function problemsByDay(ocpi: OcpiTariff, startSeconds: number, choices: CompileChoices): readonly DayProblem[] {
  const found = new Map<string, DayProblem>();
  const { validFrom = 0, validTo = Infinity, currencyDigits } = ocpi;
  if (startSeconds >= validTo) {
    return [{ path: "end_date_time", reason: "is over: the tariff is no longer valid", from: undefined }];
  }
  const { voltageV } = choices;
  const timeZone = rememberedZone(choices.zone);
  for (let day = 0; day < DAYS; day += 1) {
    const from = Math.max(validFrom, startSeconds) + day * SECONDS_A_DAY;
    if (from >= validTo) break;
    const options = { from, until: from + RANGE_SECONDS, timeZone, currencyDigits };
    const compiled = compileTariff(ocpi, voltageV === undefined ? options : { ...options, voltageV });
    if (compiled.ok) continue;
    const { path, reason } = compiled.fault;
    const key = faultText(compiled.fault);
    const since = day === 0 ? undefined : rfc3339(from * 1000).slice(0, 10);
    if (!found.has(key)) found.set(key, { path, reason, from: since });
  }
  return [...found.values()];
}

/** The same hours are asked for on two days each. */
function rememberedZone(zone: TimeZone): TimeZone {
  const known = new Map<number, number>();
  return {
    name: zone.name,
    offsetSecondsAt: (seconds) => {
      const offset = known.get(seconds) ?? zone.offsetSecondsAt(seconds);
      known.set(seconds, offset);
      return offset;
    },
  };
}
