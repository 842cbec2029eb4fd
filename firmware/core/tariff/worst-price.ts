/** The most that a tariff can ask of whoever signs it, whatever the hour, the energy and the power will be. */
import type { Tariff, TariffDimension, TariffRule } from "./tariff-terms.ts";

/** Millionths of the currency unit, with tax, rounded up. */
export interface WorstPrice {
  readonly energyPerKwh: number;
  readonly timePerHour: number;
  readonly parkingPerHour: number;
  /** Paid although nothing is used: the dearest fee, or the least price when that is more. */
  readonly once: number;
  /** Largest steps of what has a price: mWh, seconds. */
  readonly energyStep: number;
  readonly timeStep: number;
}

/** Only of the charge itself: a reservation is agreed before, and on its own. */
export function worstPrice(tariff: Tariff): WorstPrice {
  const priced = tariff.rules.filter(({ phase, microPrice }) => phase === "charging" && microPrice > 0);
  const dearest = (dimension: TariffDimension) =>
    Math.max(0, ...priced.filter((rule) => rule.dimension === dimension).map((rule) => microWithTax(rule, tariff)));
  const longest = (...dimensions: readonly TariffDimension[]) =>
    Math.max(0, ...priced.filter(({ dimension }) => dimensions.includes(dimension)).map(({ step }) => step));
  return {
    energyPerKwh: dearest("ENERGY"),
    timePerHour: dearest("TIME"),
    parkingPerHour: dearest("PARKING_TIME"),
    once: Math.max(dearest("FLAT"), leastPrice(tariff)),
    energyStep: longest("ENERGY"),
    timeStep: longest("TIME", "PARKING_TIME"),
  };
}

function microWithTax(
  { microPrice, taxPpm }: Pick<TariffRule, "microPrice" | "taxPpm">,
  { taxIncluded }: Pick<Tariff, "taxIncluded">,
): number {
  if (taxIncluded !== "no") return microPrice;
  return Number((BigInt(microPrice) * BigInt(1_000_000 + taxPpm) + 999_999n) / 1_000_000n);
}

function leastPrice(tariff: Tariff): number {
  const { minPrice, rules } = tariff;
  if (minPrice === undefined) return 0;
  if (minPrice.withTax !== null) return minPrice.withTax;
  // A bound is stated before its tax even where the prices contain theirs.
  const taxIncluded = tariff.taxIncluded === "none" ? "none" : "no";
  return microWithTax({ microPrice: minPrice.beforeTax, taxPpm: rules[0]?.taxPpm ?? 0 }, { taxIncluded });
}
