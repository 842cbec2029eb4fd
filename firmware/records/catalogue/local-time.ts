/** Which clock a reader goes by. */
import type { Catalogue } from "./catalogue.ts";
import { clockText, dateText, NO_BREAK } from "./notation.ts";

/** A local clock: without one, times are given in UTC only. */
export interface LocalTime {
  /** As people call the zone: `Europe/Berlin`. */
  readonly name: string;
  /** How many seconds it is ahead of UTC at an instant, unix seconds; negative to the west. */
  readonly offsetSecondsAt: (unixSeconds: number) => number;
}

/** `22 Nov 2026, 13:03:04 (Europe/Berlin), 12:03:04 UTC`. */
export function instantText({ notation }: Catalogue, unixSeconds: number, local?: LocalTime): string {
  const utc = `${dateText(notation, unixSeconds)}, ${clockText(unixSeconds)}${NO_BREAK}UTC`;
  if (local === undefined) return utc;
  const ahead = local.offsetSecondsAt(unixSeconds);
  const isSameDay = dateText(notation, unixSeconds, ahead) === dateText(notation, unixSeconds);
  const own = `${dateText(notation, unixSeconds, ahead)}, ${clockText(unixSeconds, ahead)} (${local.name})`;
  return `${own}, ${isSameDay ? `${clockText(unixSeconds)}${NO_BREAK}UTC` : utc}`;
}

/** `13:25:00 (12:25:00 UTC)`, of the second instant; with its date when that is another than the first one's. */
export function laterText(
  catalogue: Catalogue,
  [first, second]: readonly [first: number, second: number],
  local?: LocalTime,
): string {
  const dateOf = (at: number): string => dateText(catalogue.notation, at, local?.offsetSecondsAt(at));
  if (dateOf(first) !== dateOf(second)) return instantText(catalogue, second, local);
  const utc = `${clockText(second)}${NO_BREAK}UTC`;
  return local === undefined ? utc : `${clockOf(second, local)} (${utc})`;
}

/** `13:03:04`, on the reader's clock. */
export function clockOf(unixSeconds: number, local?: LocalTime): string {
  return clockText(unixSeconds, local?.offsetSecondsAt(unixSeconds) ?? 0);
}
