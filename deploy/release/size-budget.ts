/**
 * What a release may weigh. Growth is a decision: whoever needs more raises the number in `size-budget.json` and says
 * why in the commit.
 */
import { readFileSync } from "node:fs";

/** Bytes by what is weighed. */
export type Weights = Readonly<Record<string, number>>;

export interface Overweight {
  readonly what: string;
  readonly bytes: number;
  readonly bytesMax: number;
}

export function readSizeBudget(): Weights {
  return JSON.parse(readFileSync(new URL("size-budget.json", import.meta.url), "utf8")) as Weights;
}

/** @throws Error when something is weighed that has no budget, or the other way round: then nothing is checked. */
export function overweight(weights: Weights, budget: Weights): readonly Overweight[] {
  const unknown = [...Object.keys(weights), ...Object.keys(budget)].filter((key) => !(key in weights && key in budget));
  if (unknown.length > 0)
    throw new Error(`weighed without a budget, or budgeted without a weight: ${unknown.join(", ")}`);
  return Object.entries(weights).flatMap(([what, bytes]) => {
    const bytesMax = budget[what] ?? 0;
    return bytes > bytesMax ? [{ what, bytes, bytesMax }] : [];
  });
}
