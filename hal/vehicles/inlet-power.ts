/** What the car takes at its inlet, from the quantities that it tells, by the profile's measures. */
import type { InletPower } from "#hal/ports/vehicle-link.ts";
import type { Quantities } from "./decode-signals.ts";
import { holdsCondition } from "./holds-condition.ts";
import type { FactorTable, InletMeasure } from "./profile.ts";

/** Null where no measure applies, or a quantity of the one that does is not known: half a sum is no power. */
export function inletPower(measures: readonly InletMeasure[], quantities: Quantities): InletPower | null {
  const measure = measures.find(({ when, sumOf }) => {
    const isTold = sumOf.flat().every((quantity) => quantities.has(quantity));
    return isTold && when.every((condition) => holdsCondition(condition, quantities));
  });
  if (measure === undefined || measure.grade === "untrusted") return null;
  let powerW = 0;
  for (const product of measure.sumOf) {
    const values = product.map((quantity) => quantities.get(quantity) ?? Number.NaN);
    powerW += values.reduce((total, value) => total * value, 1);
  }
  for (const table of measure.factors ?? []) powerW *= factorOf(table, quantities);
  return Number.isNaN(powerW) ? null : { powerW, kind: measure.kind };
}

function factorOf({ by, steps }: FactorTable, quantities: Quantities): number {
  const value = quantities.get(by) ?? Number.NaN;
  const step = steps.findLast(([from]) => value >= from);
  return step === undefined ? Number.NaN : step[1];
}
