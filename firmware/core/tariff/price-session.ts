/**
 * What a course of charging costs by a signed tariff: exact, line by line, rounded as the tariff says. The running cost
 * is this function on the course so far, and the final cost is this function on all of it.
 */
import type { Terms } from "#core/contract/terms.ts";
import { amountOf, type Amount } from "./exact-amount.ts";
import { totalOf } from "./price-total.ts";
import { stepSurplus } from "./step-surplus.ts";
import type { Tariff, TariffDimension, TariffPhase } from "./tariff-terms.ts";
import { usageLines, type UsageLine } from "./usage-lines.ts";

export { PARTS_PER_UNIT, type Amount } from "./exact-amount.ts";

export type PriceTerms = Pick<Terms, "tariff" | "currencyDigits">;

/** The station's energy since the start, at a time in ms since the start. */
export interface EnergyPoint {
  readonly atMs: number;
  readonly milliWh: number;
}

/** Times in ms since the start of the charge; before it they are negative. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A reservation before the charge, or one that ended without a charge. */
export interface Reservation extends Stretch {
  readonly phase: "reservation" | "reservation-expired";
}

export interface Course {
  /** Unix seconds. */
  readonly startedAt: number;
  /** Register of the station, oldest first; no point at all: there was no charge, only a reservation. */
  readonly points: readonly EnergyPoint[];
  /** What is billed of the energy, in the order in which it flowed; without it all. */
  readonly billedMilliWh?: number;
  /** TIME is counted from 0 to here, PARKING_TIME from here to `endMs`. */
  readonly chargingEndMs: number;
  readonly endMs: number;
  /** Neither TIME nor PARKING_TIME is counted in these: the station itself had stopped the power. */
  readonly pauses?: readonly Stretch[];
  readonly reservations?: readonly Reservation[];
}

/** One stretch of one rule. */
export interface PriceLine extends Stretch, Amount {
  /** Index in the tariff's rules. */
  readonly rule: number;
  readonly dimension: TariffDimension;
  readonly phase: TariffPhase;
  /** What was used: mWh, ms, or 1 for FLAT. */
  readonly quantity: number;
  /** What is billed: the same, and in the last line what the step size adds. */
  readonly billedQuantity: number;
  /** Millionths of the currency unit for a kWh, an hour, or once. */
  readonly microPrice: number;
  readonly taxPpm: number;
}

/** Something used that no rule has a price for. */
export interface FreeStretch extends Stretch {
  readonly dimension: TariffDimension;
  readonly phase: TariffPhase;
  /** mWh or ms. */
  readonly quantity: number;
  /** "no-rule": the tariff asks nothing for it; "not-billed": measured, but more than is billed. */
  readonly reason: "no-rule" | "not-billed";
}

/** What the least or the most price of the tariff adds (negative: takes away). */
export interface BoundCorrection extends Amount {
  readonly kind: "minimum" | "maximum";
}

/** What rounding adds to the exact sum; by rule where the tariff rounds each component. */
export interface Rounding extends Amount {
  readonly components: readonly (Amount & { readonly rule: number })[];
}

/** Tax of one rate. */
export interface TaxShare {
  /** Null: of the least or most price, which has no rate of its own. */
  readonly taxPpm: number | null;
  /** Exact, before rounding. */
  readonly beforeTax: bigint;
  readonly tax: bigint;
  /** The tax in minor units; over all shares they add up to `minorUnits - minorUnitsBeforeTax`. */
  readonly taxMinorUnits: number;
}

/**
 * `lines + bound + rounding` is exactly the payable amount, with tax and before it.
 */
export interface Price {
  /** In order of time, of one time in order of the rules. */
  readonly lines: readonly PriceLine[];
  readonly free: readonly FreeStretch[];
  readonly bound: BoundCorrection | null;
  readonly rounding: Rounding;
  readonly taxes: readonly TaxShare[];
  /** What is to be paid, with tax, in minor units of the currency. */
  readonly minorUnits: number;
  readonly minorUnitsBeforeTax: number;
}

export function priceSession(terms: PriceTerms, course: Course): Price {
  const { tariff } = terms;
  const used = usageLines(tariff.rules, course);
  const lines = pricedLines(tariff, used);
  const hasCharge = course.points.length > 0;
  return { lines, free: freeStretches(used), ...totalOf(terms, lines, hasCharge) };
}

function pricedLines(tariff: Tariff, used: readonly UsageLine[]): readonly PriceLine[] {
  const drafts = used.flatMap(({ rule, dimension, phase, fromMs, toMs, quantity }) =>
    rule === undefined ? [] : [{ rule, dimension, phase, fromMs, toMs, quantity }],
  );
  const surplus = stepSurplus(tariff.rules, drafts);
  return drafts.map((line, place) => {
    const { microPrice = 0, taxPpm = 0 } = tariff.rules[line.rule] ?? {};
    const billedQuantity = line.quantity + (surplus.get(place) ?? 0);
    const priced = { ...line, billedQuantity, microPrice, taxPpm };
    return { ...priced, ...amountOf(priced, billedQuantity, tariff.taxIncluded) };
  });
}

function freeStretches(used: readonly UsageLine[]): readonly FreeStretch[] {
  return used.flatMap(({ rule, isBilled, ...stretch }) =>
    rule === undefined ? [{ ...stretch, reason: isBilled ? ("no-rule" as const) : ("not-billed" as const) }] : [],
  );
}
