/** The tariff of a charger whose owner only says what a kWh costs, and perhaps a little more. */
import type { Tariff, TariffRule } from "#core/tariff/tariff-terms.ts";

/** Prices contain their tax. Micro: millionths of the currency unit. */
export interface SimplePrices {
  /** For a kWh by the time since the start: [from second, to second, micro price]; the last goes on without end. */
  readonly bands: readonly (readonly [number, number, number])[];
  /** Rate of the tax in the prices. */
  readonly taxPpm?: number;
  /** Paid once. */
  readonly startMicro?: number;
  readonly chargingMicroPerHour?: number;
  readonly parkingMicroPerHour?: number;
}

/** What holds at any time needs no windows. */
export const RESOLVED_ALWAYS: Tariff["resolved"] = [0, Number.MAX_SAFE_INTEGER];

/** @param prices bands begin at 0 and follow each other; `checkTariff` refuses others */
export function simpleTariff(prices: SimplePrices): Tariff {
  const { bands, taxPpm = 0 } = prices;
  const common = { taxPpm, step: 0, phase: "charging" } as const;
  const other = (dimension: TariffRule["dimension"], microPrice: number | undefined): readonly TariffRule[] =>
    microPrice === undefined || microPrice === 0 ? [] : [{ ...common, dimension, microPrice }];
  const energy = bands.map(([from, to, microPrice], place): TariffRule => {
    const end = place === bands.length - 1 ? null : to;
    const isAlways = from === 0 && end === null;
    return { ...common, dimension: "ENERGY", microPrice, ...(isAlways ? {} : { durationSeconds: [from, end] }) };
  });
  return {
    taxIncluded: "yes",
    rules: [
      ...other("FLAT", prices.startMicro),
      ...energy,
      ...other("TIME", prices.chargingMicroPerHour),
      ...other("PARKING_TIME", prices.parkingMicroPerHour),
    ],
    roundingMode: "half-even",
    roundingPer: "total",
    resolved: RESOLVED_ALWAYS,
  };
}
