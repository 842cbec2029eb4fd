/**
 * What an energy costs by the bands of the tariff, line by line. The running cost and the final amount are this one
 * function on the facts so far, so they cannot differ.
 *
 * Rounding. The station's register at the end of a band is interpolated between the two readings around it and rounded
 * down to 1 mWh; what a band lost there the next one gets, so the lines add up to the billed energy. A line is exact:
 * mWh x millionths of the unit a kWh = 10⁻¹² of the unit. The sum is rounded once, half to even, to the minor unit.
 */
import { divideHalfEven, saturate } from "#core/metering/whole-numbers.ts";
import type { Terms } from "./terms.ts";

export type PriceTerms = Pick<Terms, "tariff" | "currencyDigits">;

/** The station's energy since the start, at a time in ms since the start. */
export interface EnergyPoint {
  readonly atMs: number;
  readonly milliWh: number;
}

export interface PriceLine {
  /** Seconds since the start. */
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly milliWh: number;
  /** Millionths of the currency unit for a kWh. */
  readonly microPerKwh: number;
  /** 10⁻¹² of the currency unit: milliWh x microPerKwh, exact. */
  readonly picoUnits: bigint;
}

export interface Price {
  /** Bands with energy in them, in time order. */
  readonly lines: readonly PriceLine[];
  /** Sum of the lines. */
  readonly picoUnits: bigint;
  /** The sum in minor units of the currency, rounded half to even. */
  readonly minorUnits: number;
  /** What the rounding added to the sum. */
  readonly roundingPicoUnits: bigint;
}

/**
 * Prices `billedMilliWh`. The energy is taken in the order in which it flowed, so when less is billed than was measured
 * it is the last that is free. What flowed at one instant belongs to the band that begins there, what flowed after the
 * last band to the last band, and what is billed beyond the last point to the band of that point.
 *
 * @param course points of the station's register, oldest first; a fall in time or energy counts as standing still
 */
export function priceEnergy(terms: PriceTerms, course: readonly EnergyPoint[], billedMilliWh: number): Price {
  const steady = withoutFalls(course);
  const lines: PriceLine[] = [];
  let counted = 0;
  terms.tariff.forEach(([fromSecond, toSecond, microPerKwh], place) => {
    const isLast = place === terms.tariff.length - 1;
    const reached = isLast ? billedMilliWh : Math.min(billedMilliWh, energyAt(steady, toSecond, billedMilliWh));
    const milliWh = Math.max(0, reached - counted);
    counted += milliWh;
    if (milliWh === 0) return;
    lines.push({ fromSecond, toSecond, milliWh, microPerKwh, picoUnits: BigInt(milliWh) * BigInt(microPerKwh) });
  });
  const picoUnits = lines.reduce((sum, line) => sum + line.picoUnits, 0n);
  const picoPerMinor = 10n ** BigInt(PICO_DIGITS - terms.currencyDigits);
  const minor = divideHalfEven(picoUnits, picoPerMinor);
  return { lines, picoUnits, minorUnits: saturate(minor), roundingPicoUnits: minor * picoPerMinor - picoUnits };
}

const PICO_DIGITS = 12;
const MS_PER_SECOND = 1000;

/** Energy before the instant, interpolated and rounded down; all of it when the last point is earlier. */
function energyAt(course: readonly EnergyPoint[], second: number, all: number): number {
  const atMs = second * MS_PER_SECOND;
  let before: EnergyPoint = { atMs: 0, milliWh: 0 };
  for (const point of course) {
    if (point.atMs >= atMs) return between(before, point, atMs);
    before = point;
  }
  return all;
}

/** `before.atMs < atMs <= after.atMs`, except at the very start, where nothing has flowed. */
function between(before: EnergyPoint, after: EnergyPoint, atMs: number): number {
  const [spanMs, partMs] = [BigInt(after.atMs - before.atMs), BigInt(atMs - before.atMs)];
  if (spanMs === 0n) return before.milliWh;
  return before.milliWh + saturate((BigInt(after.milliWh - before.milliWh) * partMs) / spanMs);
}

function withoutFalls(course: readonly EnergyPoint[]): readonly EnergyPoint[] {
  let [atMs, milliWh] = [0, 0];
  return course.map((point) => {
    atMs = Math.max(atMs, point.atMs);
    milliWh = Math.max(milliWh, point.milliWh);
    return { atMs, milliWh };
  });
}
