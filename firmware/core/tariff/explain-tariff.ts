/** A tariff and a price told as figures, for whoever puts them into words of a language. */
import { PARTS_PER_MICRO } from "./exact-amount.ts";
import type { Price, PriceLine } from "./price-session.ts";
import type { Tariff, TariffRule } from "./tariff-terms.ts";

/** A rule with what comes before it. */
export interface RuleExplanation {
  readonly index: number;
  readonly rule: TariffRule;
  readonly unit: "kWh" | "hour" | "once";
  /** Rules of the same dimension and phase that are taken instead where they hold. */
  readonly after: readonly number[];
  /** Nothing restricts it: it holds wherever none of those before it does. */
  readonly isFallback: boolean;
}

export interface TariffExplanation {
  readonly rules: readonly RuleExplanation[];
  /** Dimensions of the charge without a fallback: at times, or always, they cost nothing. */
  readonly freeAtTimes: readonly ("ENERGY" | "TIME" | "PARKING_TIME")[];
}

export function explainTariff({ rules }: Tariff): TariffExplanation {
  const explained = rules.map((rule, index) => ({
    index,
    rule,
    unit: UNIT[rule.dimension],
    after: [...rules.keys()].filter((other) => other < index && isAlternative(rules[other], rule)),
    isFallback: isUnrestricted(rule),
  }));
  const freeAtTimes = (["ENERGY", "TIME", "PARKING_TIME"] as const).filter(
    (dimension) =>
      !explained.some(
        ({ rule, isFallback }) => isFallback && rule.dimension === dimension && rule.phase === "charging",
      ),
  );
  return { rules: explained, freeAtTimes };
}

/** One line of a price: quantity x price = amount, and what the step size added to the quantity. */
export interface LineExplanation {
  readonly line: PriceLine;
  readonly unit: RuleExplanation["unit"];
  readonly addedByStep: number;
  /** Where more than one rule had a price for this, the rule that held. */
  readonly rule: TariffRule;
  /** Millionths of the currency unit with tax, to six digits, rounded down: for showing, not for adding. */
  readonly microWithTax: bigint;
}

export interface PriceExplanation {
  readonly lines: readonly LineExplanation[];
  readonly free: Price["free"];
  readonly bound: Price["bound"];
  readonly rounding: Price["rounding"];
  readonly taxes: Price["taxes"];
}

export function explainPrice(tariff: Tariff, price: Price): PriceExplanation {
  const { free, bound, rounding, taxes } = price;
  const lines = price.lines.flatMap((line) => {
    const rule = tariff.rules[line.rule];
    if (rule === undefined) return [];
    const addedByStep = line.billedQuantity - line.quantity;
    return [{ line, unit: UNIT[line.dimension], addedByStep, rule, microWithTax: line.withTax / PARTS_PER_MICRO }];
  });
  return { lines, free, bound, rounding, taxes };
}

const UNIT = { ENERGY: "kWh", TIME: "hour", PARKING_TIME: "hour", FLAT: "once" } as const;

function isAlternative(other: TariffRule | undefined, rule: TariffRule): boolean {
  return other?.dimension === rule.dimension && other.phase === rule.phase;
}

function isUnrestricted({ windows, energyMilliWh, durationSeconds, powerW }: TariffRule): boolean {
  return [windows, energyMilliWh, durationSeconds, powerW].every((condition) => condition === undefined);
}
