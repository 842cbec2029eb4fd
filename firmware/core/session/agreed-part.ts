/**
 * What both sides have signed to so far: the energy at the last reading that matched before they parted. Both kept
 * signing on top of it, so neither can take it back.
 */
import type { Terms } from "#core/contract/terms.ts";
import type { SessionReading } from "./charge-facts.ts";
import { matches, mostAtStation } from "./energy-bound.ts";

/** So many mismatches in a row end the agreement: one may be an accident of time. */
const MISMATCHES_MAX = 2;

export interface AgreedPart {
  /** a: billed energy of the agreed part by the basis of the terms. */
  readonly milliWh: number;
  /** k*: index of the last agreed reading; null when none matched. */
  readonly index: number | null;
  /** Readings of both sides with the same index. */
  readonly common: number;
  /** Those of them that do not match. */
  readonly mismatches: number;
  /** Mismatches at the end of the common readings, without a match after them. */
  readonly trailingMismatches: number;
  /** Two mismatches in a row were seen: nothing after them is agreed. */
  readonly hasParted: boolean;
}

/** Compares the readings that both sides have signed; each list in the order of its indexes. */
export function agreedPart(
  terms: Terms,
  station: readonly SessionReading[],
  vehicle: readonly SessionReading[],
): AgreedPart {
  const vehicleAt = new Map(vehicle.map(({ index, milliWh }) => [index, milliWh]));
  let last: { readonly index: number; readonly milliWh: number } | null = null;
  let [common, mismatches, inARow] = [0, 0, 0];
  let hasParted = false;
  for (const { index, milliWh } of station) {
    const counterpart = vehicleAt.get(index);
    if (counterpart === undefined) continue;
    const isMatch = matches(terms, milliWh, counterpart);
    common += 1;
    mismatches += isMatch ? 0 : 1;
    inARow = isMatch ? 0 : inARow + 1;
    hasParted ||= inARow >= MISMATCHES_MAX;
    if (isMatch && !hasParted) last = { index, milliWh: byBasis(terms, milliWh, counterpart) };
  }
  return {
    milliWh: last?.milliWh ?? 0,
    index: last?.index ?? null,
    common,
    mismatches,
    trailingMismatches: inARow,
    hasParted,
  };
}

/** What is billed when the two amounts match: the station's, or the least that is sure (protocol 2.8, `basis`). */
export function byBasis(terms: Terms, stationMilliWh: number, vehicleMilliWh: number): number {
  return terms.basis === "station" ? stationMilliWh : Math.min(stationMilliWh, mostAtStation(terms, vehicleMilliWh));
}
