/**
 * The tariff as both sides sign it, at key 4 of TERMS. Nobody needs a clock, calendar or time zone to read it: local
 * times, weekdays and dates have become windows in UTC when the offer was made. The README is its specification.
 */
import { TARIFF_RULES_MAX, TARIFF_WINDOWS_MAX } from "#core/limits.ts";
import {
  choice,
  field,
  integer,
  list,
  nullable,
  optional,
  record,
  tuple,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";

/** What is paid for: energy by the kWh, charging and parking time by the hour, and what is paid once. */
export const tariffDimension = choice({ ENERGY: 1, TIME: 2, PARKING_TIME: 3, FLAT: 4 });
export type TariffDimension = ValueOf<typeof tariffDimension>;

/** Whether a rule is for the charge, for a reservation before it, or for a reservation that nobody used. */
export const tariffPhase = choice({ charging: 1, reservation: 2, "reservation-expired": 3 });
export type TariffPhase = ValueOf<typeof tariffPhase>;

/** Millionths of the currency unit: for a kWh, for an hour, or once. At most a million units. */
export const microPrice = integer(0, 1_000_000_000_000);

/** From the first, included, to the second, excluded; null is without end. */
const range = tuple(unsigned, nullable(unsigned));
export type TariffRange = ValueOf<typeof range>;

/**
 * One price and when it holds. A condition that is absent restricts nothing; of those present all have to hold.
 */
export const tariffRule = record({
  dimension: field(1, tariffDimension),
  microPrice: field(2, microPrice),
  taxPpm: field(3, integer(0, 1_000_000)),
  /** ENERGY: mWh; TIME and PARKING_TIME: seconds; FLAT has none. 0: what was used is billed exactly. */
  step: field(4, integer(0, 1_000_000_000)),
  phase: field(5, tariffPhase),
  /** [from, to) in unix seconds, in time order, not touching. */
  windows: optional(6, list(tuple(unsigned, unsigned), TARIFF_WINDOWS_MAX, 1)),
  /** Energy of the charge so far, mWh. */
  energyMilliWh: optional(7, range),
  /** Time since the start of the charge (of the reservation, in its phases), seconds. */
  durationSeconds: optional(8, range),
  /** Mean power between two readings, W. */
  powerW: optional(9, range),
});
export type TariffRule = ValueOf<typeof tariffRule>;

/**
 * A least or a most for the whole charge, millionths of the currency unit. Without `withTax` it follows from the one
 * tax rate that all rules have.
 */
export const priceBound = record({ beforeTax: field(1, microPrice), withTax: field(2, nullable(microPrice)) });
export type PriceBound = ValueOf<typeof priceBound>;

export const tariff = record({
  /** Whether prices contain their tax; "none" where no tax applies. */
  taxIncluded: field(1, choice({ no: 1, yes: 2, none: 3 })),
  /** Per dimension the first rule whose conditions hold; what no rule is for costs nothing. */
  rules: field(2, list(tariffRule, TARIFF_RULES_MAX)),
  /** Ties go to the even neighbour, or away from zero. */
  roundingMode: field(3, choice({ "half-even": 1, "half-away": 2 })),
  /** What is rounded to the digits of the currency: the total once, or what each rule costs, and then their sum. */
  roundingPer: field(4, choice({ total: 1, component: 2 })),
  /** For which time windows are resolved: [from, to) in unix seconds. A charge has to lie within. */
  resolved: field(5, tuple(unsigned, unsigned)),
  minPrice: optional(6, priceBound),
  maxPrice: optional(7, priceBound),
});
export type Tariff = ValueOf<typeof tariff>;
