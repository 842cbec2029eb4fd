/** The times that are signed in a charge, in ms since its start. */
import { sessionReadings, type ChargeFacts } from "./charge-facts.ts";
import type { Role } from "./facts.ts";

/** Of the reading with this index; an index of anybody's making is bounded. */
export function instantOf(charge: ChargeFacts, index: number): number {
  return Math.min(index * charge.open.terms.readingIntervalSeconds * MS_PER_SECOND, Number.MAX_SAFE_INTEGER);
}

/** Until when this side has signed: its COMPLETE, or its last reading when that is later. */
export function lastSignedMs(charge: ChargeFacts, role: Role): number {
  const last = sessionReadings(charge, role).at(-1);
  const readMs = last === undefined ? 0 : instantOf(charge, last.index);
  return Math.max(readMs, charge.completes[role]?.atMs ?? 0);
}

const MS_PER_SECOND = 1000;
