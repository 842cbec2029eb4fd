/** Tariffs and courses for tests, written as a person would say them. */
import type { Course } from "#core/tariff/price-session.ts";
import type { Tariff, TariffRule } from "#core/tariff/tariff-terms.ts";
import { simpleTariff } from "#tariffs/simple-tariff.ts";

/** One price for a kWh at any time, tax in it; millionths of the currency unit. */
export function perKwh(microPrice: number): Tariff {
  return simpleTariff({ bands: [[0, 86_400, microPrice]] });
}

/** Prices for a kWh by the seconds since the start. */
export function kwhBands(...bands: readonly (readonly [number, number, number])[]): Tariff {
  return simpleTariff({ bands });
}

export function ruleOf(
  dimension: TariffRule["dimension"],
  microPrice: number,
  rest: Partial<TariffRule> = {},
): TariffRule {
  return { dimension, microPrice, taxPpm: 0, step: 0, phase: "charging", ...rest };
}

export function tariffOf(rules: readonly TariffRule[], rest: Partial<Tariff> = {}): Tariff {
  return {
    ...{ taxIncluded: "no", rules, roundingMode: "half-even", roundingPer: "total" },
    resolved: [0, Number.MAX_SAFE_INTEGER],
    ...rest,
  };
}

/** A charge at even power, then parking. */
export function courseOf(
  minutes: number,
  kwh: number,
  rest: Partial<Course> & { parkedMinutes?: number } = {},
): Course {
  const { parkedMinutes = 0, ...others } = rest;
  const chargingEndMs = Math.round(minutes * 60_000);
  return {
    startedAt: 1_700_000_000,
    points: [
      { atMs: 0, milliWh: 0 },
      { atMs: chargingEndMs, milliWh: Math.round(kwh * 1_000_000) },
    ],
    chargingEndMs,
    endMs: chargingEndMs + Math.round(parkedMinutes * 60_000),
    ...others,
  };
}
