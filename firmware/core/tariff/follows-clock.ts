/** Whether what a charge costs depends on the date and time at which it happens. */
import type { Tariff } from "./tariff-terms.ts";

/** Duration, energy and power are measured; hours, weekdays and dates have become windows. */
export function followsClock({ rules }: Tariff): boolean {
  return rules.some(({ windows }) => windows !== undefined);
}
