/** Times that an office writes, and the ones that it is given. */
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { CommandArguments } from "../command.ts";
import { looksLikeTime, noTime, readPeriod } from "../export/period.ts";

/** Unix seconds. */
export function nowSeconds(): number {
  return Math.floor(new SystemClock().wallMs() / 1000);
}

/** What `--from` says, unix seconds; now without it. */
export function fromSeconds(given: CommandArguments): number {
  const text = given.text("from");
  if (text === undefined) return nowSeconds();
  const period = looksLikeTime(text) ? readPeriod(text, undefined, undefined) : undefined;
  if (period === undefined) throw noTime("from", text);
  return Math.floor(period.fromMs / 1000);
}

/** Days of a certificate: 1 to 30. */
export function daysOf(given: CommandArguments): number {
  return given.wholeNumber("days", 1, 30) ?? 30;
}
