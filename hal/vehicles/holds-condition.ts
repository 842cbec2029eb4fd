/** Conditions of a profile: the only expressions it has, and there is nothing to evaluate but a comparison. */
import type { Quantities } from "./decode-signals.ts";
import type { Condition } from "./profile.ts";

/** A quantity that is not known fulfils nothing. */
export function holdsCondition(condition: Condition, quantities: Quantities): boolean {
  const value = quantities.get(condition.quantity);
  if (value === undefined || value === null) return false;
  const counted = condition.mask === undefined ? value : value & condition.mask;
  if ("values" in condition) return condition.values.includes(counted);
  return counted >= condition.min && counted <= condition.max;
}

export function conditionText(condition: Condition): string {
  const subject =
    condition.mask === undefined
      ? condition.quantity
      : `${condition.quantity} & 0x${condition.mask.toString(16).padStart(2, "0")}`;
  if ("values" in condition) return `${subject} is ${condition.values.join(" or ")}`;
  const { min, max } = condition;
  return min === max ? `${subject} is ${min}` : `${subject} is ${min} to ${max}`;
}
