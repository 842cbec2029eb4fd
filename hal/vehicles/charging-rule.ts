/** Whether the car charges, by its profile's rule. */
import type { Quantities } from "./decode-signals.ts";
import type { ChargingCondition, ChargingRule } from "./profile.ts";

export interface ChargingState {
  readonly isCharging: boolean;
  /** Since when all conditions have held; null while one does not. */
  readonly heldSinceMs: number | null;
}

export const NOT_CHARGING: ChargingState = { isCharging: false, heldSinceMs: null };

export function stepCharging(
  rule: ChargingRule,
  state: ChargingState,
  seen: { readonly quantities: Quantities; readonly monotonicMs: number },
): ChargingState {
  if (!rule.all.every((condition) => holds(condition, seen.quantities))) return NOT_CHARGING;
  const heldSinceMs = state.heldSinceMs ?? seen.monotonicMs;
  return { isCharging: seen.monotonicMs - heldSinceMs >= rule.heldMs, heldSinceMs };
}

function holds(condition: ChargingCondition, quantities: Quantities): boolean {
  const value = quantities.get(condition.quantity);
  if (value === undefined || value === null) return false;
  const counted = condition.mask === undefined ? value : value & condition.mask;
  return counted >= condition.min && counted <= condition.max;
}
