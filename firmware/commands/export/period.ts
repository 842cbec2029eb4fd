/** A period as a person gives it: days, months or instants, on the clock of a place or in UTC. */
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { unixMsOfCivil } from "#records/civil-time.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

/** Unix ms: from the first, included, to the second, excluded. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

const FORM = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z)?)?)?$/;

/** Whether it is a time, and not the path of a gateway. */
export function looksLikeTime(text: string): boolean {
  return FORM.test(text);
}

export function readPeriod(
  from: string | undefined,
  to: string | undefined,
  timeZone: TimeZone | undefined,
): Period | undefined {
  if (from === undefined && to === undefined) return undefined;
  const fromMs = from === undefined ? Number.MIN_SAFE_INTEGER : instantOf("from", from, timeZone);
  const toMs = to === undefined ? Number.MAX_SAFE_INTEGER : instantOf("to", to, timeZone);
  if (fromMs < toMs) return { fromMs, toMs };
  throw new CommandError(EXIT.usage, `--to: found "${to ?? ""}", expected a time after --from ${from ?? ""}`);
}

/** What is said of a word that is no time. */
export function noTime(option: string, text: string): CommandError {
  const expected = "a month, a day or a time such as 2026-11, 2026-11-22 or 2026-11-22T08:30Z";
  return new CommandError(EXIT.usage, `--${option}: found "${text}", expected ${expected}`);
}

function instantOf(option: string, text: string, timeZone: TimeZone | undefined): number {
  const [, year = "", month = "", day = "01", hour = "0", minute = "0", second = "0", utc] = FORM.exec(text) ?? [];
  const civil = unixMsOfCivil(
    [Number(year), Number(month), Number(day)],
    [Number(hour), Number(minute), Number(second)],
  );
  if (civil === undefined) throw noTime(option, text);
  if (timeZone === undefined || utc === "Z") return civil;
  // The offset at the instant itself: near a change of the clock it is not the one at the same time in UTC.
  const guess = civil - offsetMs(timeZone, civil);
  return civil - offsetMs(timeZone, guess);
}

function offsetMs(timeZone: TimeZone, unixMs: number): number {
  return timeZone.offsetSecondsAt(Math.floor(unixMs / 1000)) * 1000;
}
