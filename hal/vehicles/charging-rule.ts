/** Whether the car charges, and whether it is plugged in, by its profile's rules. */
import type { Quantities } from "./decode-signals.ts";
import { holdsCondition } from "./holds-condition.ts";
import type { ChargingRule, PluggedRule } from "./profile.ts";

export interface ChargingState {
  readonly isCharging: boolean;
  /** For each case of the rule: since when all its conditions have held; null while one does not. */
  readonly heldSinceMs: readonly (number | null)[];
}

export const NOT_CHARGING: ChargingState = { isCharging: false, heldSinceMs: [] };

export function stepCharging(
  rule: ChargingRule,
  state: ChargingState,
  seen: { readonly quantities: Quantities; readonly monotonicMs: number },
): ChargingState {
  const heldSinceMs = rule.any.map(({ all, whileUnknown = [] }, index) => {
    if (whileUnknown.some((quantity) => typeof seen.quantities.get(quantity) === "number")) return null;
    if (!all.every((condition) => holdsCondition(condition, seen.quantities))) return null;
    return state.heldSinceMs[index] ?? seen.monotonicMs;
  });
  const isCharging = rule.any.some(({ heldMs }, index) => {
    const sinceMs = heldSinceMs[index] ?? null;
    return sinceMs !== null && seen.monotonicMs - sinceMs >= heldMs;
  });
  return { isCharging, heldSinceMs };
}

/** Null where the car does not say. */
export function isPlugged(rule: PluggedRule | null, quantities: Quantities): boolean | null {
  if (rule === null) return null;
  if (holdsCondition(rule.yes, quantities)) return true;
  return rule.no !== undefined && holdsCondition(rule.no, quantities) ? false : null;
}
