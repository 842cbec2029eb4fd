/**
 * The most that a driver pays, and whether a tariff could ask for more. Every price is taken at its worst, whatever its
 * conditions: the hour, the power and the energy of a charge are not known when its terms are signed.
 */
import { worstPrice, type WorstPrice } from "#core/tariff/worst-price.ts";
import type { Terms } from "./terms.ts";

/** All with tax, in millionths of the unit of this currency and of no other. What is absent is not accepted at all. */
export interface PriceLimit {
  readonly currency: string;
  /** Digits after its point. Absent, any are accepted: rounded to fewer than there are, an amount can be another. */
  readonly currencyDigits?: number;
  /** For a kWh; a price for charging time is converted at `powerW`, or at the power of the terms when that is less. */
  readonly microPerKwh: number;
  /** For an hour that the car stays after its last energy. */
  readonly parkingMicroPerHour?: number;
  /** For the charge as such: a start fee, or the least that is paid. */
  readonly startMicro?: number;
  /** For the whole charge, as long and with as much energy as the terms allow. Absent: no limit of its own. */
  readonly totalMicro?: number;
  /** Power at which the car usually charges. Absent, a price for charging time cannot be judged and is refused. */
  readonly powerW?: number;
}

export interface OverPrice {
  readonly part: "per-kwh" | "charging-per-hour" | "parking-per-hour" | "start" | "energy-step" | "time-step" | "total";
  readonly offered: number;
  readonly limit: number;
}

/** Rounding up to more than this is not what a driver takes a price a kWh or an hour for. */
const ENERGY_STEP_MAX_MILLI_WH = 1_000_000;
const TIME_STEP_MAX_SECONDS = 900;

/** The first price that is above its limit. */
export function overPrice(terms: Terms, limit: PriceLimit): OverPrice | undefined {
  const worst = worstPrice(terms.tariff);
  return (
    above("charging-per-hour", worst.timePerHour, limit.powerW === undefined ? 0 : Infinity) ??
    above("per-kwh", worst.energyPerKwh + timePerKwh(worst, slowerPowerW(terms, limit)), limit.microPerKwh) ??
    above("parking-per-hour", worst.parkingPerHour, limit.parkingMicroPerHour ?? 0) ??
    above("start", worst.once, limit.startMicro ?? 0) ??
    above("energy-step", worst.energyStep, ENERGY_STEP_MAX_MILLI_WH) ??
    above("time-step", worst.timeStep, TIME_STEP_MAX_SECONDS) ??
    above("total", worstTotal(terms, worst), limit.totalMicro ?? Infinity)
  );
}

function above(part: OverPrice["part"], offered: number, limit: number): OverPrice | undefined {
  return offered > limit ? { part, offered, limit } : undefined;
}

/** However fast a car can charge, an outlet gives it no more than the terms say. */
function slowerPowerW({ powerMaxW }: Terms, { powerW = 1 }: PriceLimit): number {
  return Math.max(1, Math.min(powerW, powerMaxW));
}

/** An hour at so many W is so many thousandths of a kWh; rounded up. */
function timePerKwh({ timePerHour }: WorstPrice, powerW: number): number {
  return timePerHour === 0 ? 0 : Math.ceil((timePerHour * 1000) / powerW);
}

/**
 * All energy at the dearest price and all time at the dearer of both, each with a whole step more, rounded up; then as
 * it is rounded to be paid.
 */
function worstTotal(
  { tariff, energyMaxMilliWh, durationMaxSeconds, currencyDigits }: Terms,
  worst: WorstPrice,
): number {
  const energy = ((energyMaxMilliWh + worst.energyStep) / 1_000_000) * worst.energyPerKwh;
  const perHour = Math.max(worst.timePerHour, worst.parkingPerHour);
  const time = ((durationMaxSeconds + worst.timeStep) / 3600) * perHour;
  const minor = 10 ** (6 - currencyDigits);
  const components = tariff.roundingPer === "component" ? tariff.rules.length : 0;
  const total = Math.ceil(energy + time) + worst.once + (components * minor) / 2;
  const most = Math.min(total, tariff.maxPrice?.withTax ?? Infinity);
  return Math.floor((most + minor / 2) / minor) * minor;
}
