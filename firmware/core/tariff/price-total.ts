/** From exact lines to what is paid: the least and the most price, the one rounding, and the tax of each rate. */
import { saturate } from "#core/metering/whole-numbers.ts";
import {
  addAmounts,
  NOTHING,
  PARTS_PER_MICRO,
  PARTS_PER_UNIT,
  roundTo,
  subtractAmounts,
  sumAmounts,
  withTaxOf,
  type Amount,
} from "./exact-amount.ts";
import type { BoundCorrection, Price, PriceLine, PriceTerms, TaxShare } from "./price-session.ts";
import type { PriceBound, Tariff } from "./tariff-terms.ts";

export function totalOf(
  terms: PriceTerms,
  lines: readonly PriceLine[],
  hasCharge: boolean,
): Omit<Price, "lines" | "free"> {
  const { tariff, currencyDigits } = terms;
  const minor = PARTS_PER_UNIT / 10n ** BigInt(currencyDigits);
  const round = (amount: Amount): Amount => ({
    beforeTax: roundTo(amount.beforeTax, minor, tariff.roundingMode) * minor,
    withTax: roundTo(amount.withTax, minor, tariff.roundingMode) * minor,
  });
  const exact = sumAmounts(lines);
  const components =
    tariff.roundingPer === "total"
      ? []
      : sumsByRule(lines).map(({ rule, sum }) => ({ rule, ...subtractAmounts(round(sum), sum) }));
  const subtotal = addAmounts(exact, sumAmounts(components));
  // The least and the most price are of a charge; a reservation without one has its own prices.
  const bound = hasCharge ? boundCorrection(tariff, subtotal) : null;
  const payable = round(addAmounts(subtotal, bound ?? NOTHING));
  const rounding = subtractAmounts(payable, addAmounts(exact, bound ?? NOTHING));
  const minorUnits = payable.withTax / minor;
  const minorUnitsBeforeTax = payable.beforeTax / minor;
  return {
    bound,
    rounding: { ...rounding, components },
    taxes: taxShares({ lines, bound, minor, target: minorUnits - minorUnitsBeforeTax }),
    minorUnits: saturate(minorUnits),
    minorUnitsBeforeTax: saturate(minorUnitsBeforeTax),
  };
}

function sumsByRule(lines: readonly PriceLine[]): readonly { readonly rule: number; readonly sum: Amount }[] {
  const sums = new Map<number, Amount>();
  for (const line of lines) sums.set(line.rule, addAmounts(sums.get(line.rule) ?? NOTHING, line));
  return [...sums].map(([rule, sum]) => ({ rule, sum })).sort((left, right) => left.rule - right.rule);
}

/** The amounts before and with tax are bounded each for itself: mixed rates reach the two at different quantities. */
function boundCorrection(tariff: Tariff, sum: Amount): BoundCorrection | null {
  const least = tariff.minPrice === undefined ? undefined : boundAmount(tariff, tariff.minPrice);
  const most = tariff.maxPrice === undefined ? undefined : boundAmount(tariff, tariff.maxPrice);
  const bounded = {
    beforeTax: within(sum.beforeTax, least?.beforeTax, most?.beforeTax),
    withTax: within(sum.withTax, least?.withTax, most?.withTax),
  };
  const correction = subtractAmounts(bounded, sum);
  if (correction.withTax === 0n && correction.beforeTax === 0n) return null;
  const isMore = correction.withTax > 0n || (correction.withTax === 0n && correction.beforeTax > 0n);
  return { kind: isMore ? "minimum" : "maximum", ...correction };
}

function boundAmount(tariff: Tariff, bound: PriceBound): Amount {
  const beforeTax = BigInt(bound.beforeTax) * PARTS_PER_MICRO;
  if (bound.withTax !== null) return { beforeTax, withTax: BigInt(bound.withTax) * PARTS_PER_MICRO };
  const taxPpm = tariff.rules[0]?.taxPpm ?? 0;
  return withTaxOf(beforeTax, taxPpm, tariff.taxIncluded === "none" ? "none" : "no");
}

function within(value: bigint, least: bigint | undefined, most: bigint | undefined): bigint {
  const raised = least !== undefined && value < least ? least : value;
  return most !== undefined && raised > most ? most : raised;
}

interface TaxSource {
  readonly lines: readonly PriceLine[];
  readonly bound: BoundCorrection | null;
  readonly minor: bigint;
  /** Minor units of tax in all. */
  readonly target: bigint;
}

/** By rate, ascending, the bound last. Whole minor units go to the largest remainders, so that they add up. */
function taxShares({ lines, bound, minor, target }: TaxSource): readonly TaxShare[] {
  const rates = [...new Set(lines.map(({ taxPpm }) => taxPpm))].sort((left, right) => left - right);
  const sums: { readonly taxPpm: number | null; readonly sum: Amount }[] = rates.map((taxPpm) => ({
    taxPpm,
    sum: sumAmounts(lines.filter((line) => line.taxPpm === taxPpm)),
  }));
  if (bound !== null) sums.push({ taxPpm: null, sum: bound });
  const parts = sums.map(({ sum }) => sum.withTax - sum.beforeTax);
  const whole = apportion(parts, minor, target);
  return sums.map(({ taxPpm, sum }, place) => ({
    taxPpm,
    beforeTax: sum.beforeTax,
    tax: sum.withTax - sum.beforeTax,
    taxMinorUnits: saturate(whole[place] ?? 0n),
  }));
}

/** Each part in whole units, near its exact value, all together exactly `target`. */
function apportion(parts: readonly bigint[], unit: bigint, target: bigint): readonly bigint[] {
  const whole = parts.map((part) => floorOf(part, unit));
  const places = [...parts.keys()].sort((left, right) => {
    const [more, less] = [remainder(parts[right], unit), remainder(parts[left], unit)];
    return more > less ? 1 : more < less ? -1 : left - right;
  });
  let missing = target - whole.reduce((sum, part) => sum + part, 0n);
  const step = missing < 0n ? -1n : 1n;
  const turn = step > 0n ? places : places.reverse();
  for (let index = 0; missing !== 0n && turn.length > 0; index = (index + 1) % turn.length) {
    const place = turn[index] ?? 0;
    whole[place] = (whole[place] ?? 0n) + step;
    missing -= step;
  }
  return whole;
}

function floorOf(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

function remainder(part: bigint | undefined, unit: bigint): bigint {
  return (((part ?? 0n) % unit) + unit) % unit;
}
