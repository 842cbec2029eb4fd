/** Amounts of money without rounding, as whole numbers of a part of the currency unit that every price comes out in. */
import type { Tariff, TariffDimension } from "./tariff-terms.ts";

/**
 * Exact amounts are whole numbers of this part of the currency unit: a mWh at a millionth a kWh with a ppm of tax is
 * 10⁻¹⁸ of it, a ms at a millionth an hour with a ppm of tax is 1/(3.6 x 10¹⁸). Both are whole here.
 */
export const PARTS_PER_UNIT: bigint = 36n * 10n ** 18n;
/** Parts of a millionth of the unit. */
export const PARTS_PER_MICRO: bigint = PARTS_PER_UNIT / 1_000_000n;

/** Both in 1/PARTS_PER_UNIT of the currency unit. */
export interface Amount {
  readonly beforeTax: bigint;
  readonly withTax: bigint;
}

export const NOTHING: Amount = { beforeTax: 0n, withTax: 0n };

export function addAmounts(left: Amount, right: Amount): Amount {
  return { beforeTax: left.beforeTax + right.beforeTax, withTax: left.withTax + right.withTax };
}

export function subtractAmounts(left: Amount, right: Amount): Amount {
  return { beforeTax: left.beforeTax - right.beforeTax, withTax: left.withTax - right.withTax };
}

export function sumAmounts(amounts: readonly Amount[]): Amount {
  return amounts.reduce(addAmounts, NOTHING);
}

/** Parts for one mWh, one ms or one fee at one millionth of the unit a kWh, an hour, once. */
const PARTS_PER_QUANTITY: Readonly<Record<TariffDimension, bigint>> = {
  ENERGY: PARTS_PER_MICRO / 1_000_000n,
  TIME: PARTS_PER_MICRO / 3_600_000n,
  PARKING_TIME: PARTS_PER_MICRO / 3_600_000n,
  FLAT: PARTS_PER_MICRO,
};

export interface Priced {
  readonly dimension: TariffDimension;
  readonly microPrice: number;
  readonly taxPpm: number;
}

/**
 * What a quantity costs. Only where the price contains its tax is there a quotient: the amount before tax, half to even
 * to one part, which is 3 x 10⁻²⁰ of the unit.
 */
export function amountOf(priced: Priced, quantity: number, taxIncluded: Tariff["taxIncluded"]): Amount {
  const stated = BigInt(quantity) * BigInt(priced.microPrice) * PARTS_PER_QUANTITY[priced.dimension];
  return withTaxOf(stated, priced.taxPpm, taxIncluded);
}

/** The amount that a stated one means, by whether it contains its tax. */
export function withTaxOf(stated: bigint, taxPpm: number, taxIncluded: Tariff["taxIncluded"]): Amount {
  if (taxIncluded === "none" || taxPpm === 0) return { beforeTax: stated, withTax: stated };
  const factor = WHOLE + BigInt(taxPpm);
  return taxIncluded === "yes"
    ? { beforeTax: roundTo(stated * WHOLE, factor, "half-even"), withTax: stated }
    : { beforeTax: stated, withTax: (stated * factor) / WHOLE };
}

/** Quotient by a positive divisor, to the nearest; a tie goes to the even neighbour or away from zero. */
export function roundTo(dividend: bigint, divisor: bigint, mode: Tariff["roundingMode"]): bigint {
  const isNegative = dividend < 0n;
  const size = isNegative ? -dividend : dividend;
  const quotient = size / divisor;
  const twice = 2n * (size % divisor);
  const isUp = twice > divisor || (twice === divisor && (mode === "half-away" || quotient % 2n === 1n));
  const rounded = isUp ? quotient + 1n : quotient;
  return isNegative ? -rounded : rounded;
}

const WHOLE = 1_000_000n;
