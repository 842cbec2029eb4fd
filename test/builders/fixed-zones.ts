/** Time zones by their published rules, without any database: what the tests of windows are held against. */
import type { TimeZone } from "#hal/ports/time-zone.ts";

export const UTC: TimeZone = { name: "UTC", offsetSecondsAt: () => 0 };

/**
 * Central European Time by directive 2000/84/EC: an hour ahead of UTC, two from the last Sunday of March to the last of
 * October, both at 01:00 UTC. The changes of 2026 and 2027.
 */
export const AMSTERDAM: TimeZone = {
  name: "Europe/Amsterdam",
  offsetSecondsAt: (unixSeconds) =>
    AMSTERDAM_SUMMERS.some(([from, to]) => from <= unixSeconds && unixSeconds < to) ? 7200 : 3600,
};

/** 2026-03-29T01:00Z to 2026-10-25T01:00Z, 2027-03-28T01:00Z to 2027-10-31T01:00Z. */
const AMSTERDAM_SUMMERS: readonly (readonly [number, number])[] = [
  [1_774_746_000, 1_792_890_000],
  [1_806_195_600, 1_824_944_400],
];
