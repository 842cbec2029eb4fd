/**
 * Step sizes by the rule of OCPI 2.2.1 and 2.3.0 (mod_cdrs, step_size): energy is rounded up once for the whole charge,
 * time once for charging and parking together. The step is that of the last rule that was used; what it adds goes to
 * the last line. Where parking is billed only the total of parking is rounded, since it follows the charging.
 */
import type { PriceLine } from "./price-session.ts";
import type { TariffDimension, TariffPhase, TariffRule } from "./tariff-terms.ts";

/** A line that a rule has a price for, before its amount. */
export type StepLine = Pick<PriceLine, "rule" | "dimension" | "phase" | "quantity">;

/** What the steps add to the quantity of each line, by its place in the list: mWh or ms. */
export function stepSurplus(rules: readonly TariffRule[], lines: readonly StepLine[]): ReadonlyMap<number, number> {
  const surplus = new Map<number, number>();
  for (const group of groupsOf(lines)) {
    const lastPlace = group.at(-1);
    const last = lastPlace === undefined ? undefined : lines[lastPlace];
    if (lastPlace === undefined || last === undefined) continue;
    const step = stepOf(rules[last.rule]);
    const total = group.reduce((sum, place) => sum + (lines[place]?.quantity ?? 0), 0);
    const beyond = step === 0 ? 0 : total % step;
    if (beyond > 0) surplus.set(lastPlace, step - beyond);
  }
  return surplus;
}

/** Places of the lines that are rounded up together. A reservation's time is a total of its own. */
function groupsOf(lines: readonly StepLine[]): readonly (readonly number[])[] {
  const places = (phase: TariffPhase, dimension: TariffDimension) =>
    [...lines.keys()].filter((place) => lines[place]?.phase === phase && lines[place].dimension === dimension);
  const parking = places("charging", "PARKING_TIME");
  return [
    places("reservation", "TIME"),
    places("reservation-expired", "TIME"),
    places("charging", "ENERGY"),
    parking.length > 0 ? parking : places("charging", "TIME"),
  ];
}

function stepOf(rule: TariffRule | undefined): number {
  if (rule === undefined) return 0;
  return rule.dimension === "ENERGY" ? rule.step : rule.step * MS_PER_SECOND;
}

const MS_PER_SECOND = 1000;
