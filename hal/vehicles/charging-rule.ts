/** Whether the car charges, and whether it is plugged in, by its profile's rules. */
import type { Quantities } from "./decode-signals.ts";
import { holdsCondition } from "./holds-condition.ts";
import type { ChargingCase, ChargingRule, PluggedRule } from "./profile.ts";
import type { Quantity } from "./quantity.ts";

export interface ChargingState {
  readonly isCharging: boolean;
  /** For each case of the rule: since when all its conditions have held; null while one does not. */
  readonly cases: readonly (HeldCase | null)[];
}

interface HeldCase {
  readonly sinceMs: number;
  /** When all of them were last known. */
  readonly knownAtMs: number;
}

export const NOT_CHARGING: ChargingState = { isCharging: false, cases: [] };

export function stepCharging(
  rule: ChargingRule,
  state: ChargingState,
  seen: { readonly quantities: Quantities; readonly monotonicMs: number },
): ChargingState {
  const cases = rule.any.map((one, index) => stepCase(one, state.cases[index] ?? null, seen));
  const isCharging = rule.any.some(({ heldMs }, index) => {
    const held = cases[index] ?? null;
    return held !== null && seen.monotonicMs - held.sinceMs >= heldMs;
  });
  return { isCharging, cases };
}

/**
 * A lost reply is no end of a charge: what cannot be known for a short while is as it was, unless something that is
 * known speaks against it. Three lost turns of a request are 14 s.
 */
const UNKNOWN_MS_MAX = 15_000;
/** What holds again after so short a nap of the car or its adapter has held meanwhile. */
const UNSEEN_MS_MAX = 60_000;

function stepCase(
  { all, whileUnknown = [] }: ChargingCase,
  before: HeldCase | null,
  { quantities, monotonicMs }: { readonly quantities: Quantities; readonly monotonicMs: number },
): HeldCase | null {
  const isKnown = (quantity: Quantity): boolean => typeof quantities.get(quantity) === "number";
  if (whileUnknown.some(isKnown)) return null;
  const recentWithin = (ms: number): HeldCase | null =>
    before !== null && monotonicMs - before.knownAtMs <= ms ? before : null;
  const unmet = all.filter((condition) => !holdsCondition(condition, quantities));
  if (unmet.length === 0)
    return { sinceMs: recentWithin(UNSEEN_MS_MAX)?.sinceMs ?? monotonicMs, knownAtMs: monotonicMs };
  return unmet.some(({ quantity }) => isKnown(quantity)) ? null : recentWithin(UNKNOWN_MS_MAX);
}

/** Null where the car does not say. */
export function isPlugged(rule: PluggedRule | null, quantities: Quantities): boolean | null {
  if (rule === null) return null;
  if (holdsCondition(rule.yes, quantities)) return true;
  return rule.no !== undefined && holdsCondition(rule.no, quantities) ? false : null;
}
