/** Whether one rule holds whenever another does. */
import type { TariffRange, TariffRule } from "./tariff-terms.ts";

/** `earlier` is of the same dimension and phase, and none of its conditions leaves `rule` a moment of its own. */
export function isShadowed(rule: TariffRule, earlier: TariffRule): boolean {
  return (
    rule.dimension === earlier.dimension &&
    rule.phase === earlier.phase &&
    coversWindows(earlier.windows, rule.windows) &&
    coversRange(earlier.energyMilliWh, rule.energyMilliWh) &&
    coversRange(earlier.durationSeconds, rule.durationSeconds) &&
    coversRange(earlier.powerW, rule.powerW)
  );
}

function coversRange(outer: TariffRange | undefined, inner: TariffRange | undefined): boolean {
  if (outer === undefined) return true;
  if (inner === undefined) return false;
  const [from, to] = outer;
  return from <= inner[0] && (to === null || (inner[1] !== null && inner[1] <= to));
}

/** Windows of one rule do not touch, so one window is covered by one window or by none. */
function coversWindows(outer: TariffRule["windows"], inner: TariffRule["windows"]): boolean {
  if (outer === undefined) return true;
  if (inner === undefined) return false;
  return inner.every(([from, to]) => outer.some(([outerFrom, outerTo]) => outerFrom <= from && to <= outerTo));
}
