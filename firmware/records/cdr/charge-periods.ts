/**
 * A course of charging cut into periods: a new one at every moment at which a price changes (OCPI, mod_cdrs), with what
 * was used in each. Cut by running totals, so that the periods add up to the whole in the decimals that are written.
 */
import type { Course, EnergyPoint, Price } from "#core/tariff/price-session.ts";
import { decimalDigits } from "../decimal-text.ts";
import { roundTo } from "#core/tariff/exact-amount.ts";

export interface ChargePeriod {
  /** ms since the start of the charge. */
  readonly fromMs: number;
  readonly toMs: number;
  /** kWh and hours, as digits; undefined where there is none. */
  readonly energy: string | undefined;
  readonly time: string | undefined;
  readonly parkingTime: string | undefined;
  /** Rules of the tariff that have a price in it. */
  readonly rules: readonly number[];
}

/** OCPI writes numbers with four decimals (types, number). */
export const OCPI_DECIMALS = 4;

/** At least one, also for a charge in which nothing flowed. */
export function chargePeriods(course: Course, price: Price, billedMilliWh: number): readonly ChargePeriod[] {
  const endMs = Math.max(course.endMs, course.points.at(-1)?.atMs ?? 0);
  const cuts = cutsOf(course, price, endMs);
  const energy = running((atMs) => BigInt(energyAt(course.points, atMs, billedMilliWh)), MILLI_WH_PER_KWH);
  const time = running((atMs) => BigInt(countedMs(course, 0, Math.min(atMs, course.chargingEndMs))), MS_PER_HOUR);
  const parked = (atMs: number): number => countedMs(course, course.chargingEndMs, Math.min(atMs, course.endMs));
  const parkingTime = running((atMs) => BigInt(parked(atMs)), MS_PER_HOUR);
  const periods = cuts.slice(0, -1).map((fromMs, place) => {
    const toMs = cuts[place + 1] ?? fromMs;
    const isLast = place === cuts.length - 2;
    // What is billed beyond the last point of the course belongs to the last period.
    const energyToMs = isLast ? Number.MAX_SAFE_INTEGER : toMs;
    return {
      ...{ fromMs, toMs },
      energy: energy(fromMs, energyToMs),
      time: time(fromMs, toMs),
      parkingTime: parkingTime(fromMs, toMs),
      rules: rulesIn(price, fromMs, isLast ? Number.MAX_SAFE_INTEGER : toMs),
    };
  });
  return withoutEmptyEnd(periods, endMs);
}

/** The last seconds, in which one side waits for the other's word, are no period of their own. */
function withoutEmptyEnd(periods: readonly ChargePeriod[], endMs: number): readonly ChargePeriod[] {
  const used = periods.findLastIndex(
    ({ energy, time, parkingTime, rules }) => (energy ?? time ?? parkingTime) !== undefined || rules.length > 0,
  );
  const kept = periods.slice(0, Math.max(0, used) + 1);
  return kept.map((period, place) => (place === kept.length - 1 ? { ...period, toMs: endMs } : period));
}

const MILLI_WH_PER_KWH = 1_000_000n;
const MS_PER_HOUR = 3_600_000n;

function cutsOf({ chargingEndMs }: Course, { lines, free }: Price, endMs: number): readonly number[] {
  const instants = [...lines, ...free].flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
  const inner = [...instants, chargingEndMs].filter((atMs) => atMs > 0 && atMs < endMs);
  return [0, ...[...new Set(inner)].sort((left, right) => left - right), endMs];
}

/** How much of a growing quantity lies between two instants, in decimals that add up; undefined for none. */
function running(total: (atMs: number) => bigint, unit: bigint): (fromMs: number, toMs: number) => string | undefined {
  const rounded = (atMs: number): bigint => roundTo(total(atMs) * 10n ** BigInt(OCPI_DECIMALS), unit, "half-even");
  return (fromMs, toMs) => {
    const between = rounded(toMs) - rounded(fromMs);
    return between > 0n ? decimalDigits(between, OCPI_DECIMALS) : undefined;
  };
}

/** Between two points energy is taken to flow evenly, as the price takes it; what is not billed is the last of it. */
function energyAt(points: readonly EnergyPoint[], atMs: number, billedMilliWh: number): number {
  if (atMs >= (points.at(-1)?.atMs ?? 0)) return billedMilliWh;
  let before: EnergyPoint = { atMs: 0, milliWh: 0 };
  for (const point of points) {
    if (point.atMs > atMs) return Math.min(billedMilliWh, between(before, point, atMs));
    before = { atMs: point.atMs, milliWh: Math.max(before.milliWh, point.milliWh) };
  }
  return Math.min(billedMilliWh, before.milliWh);
}

function between(before: EnergyPoint, after: EnergyPoint, atMs: number): number {
  const grown = BigInt(Math.max(0, after.milliWh - before.milliWh));
  const [partMs, spanMs] = [BigInt(atMs - before.atMs), BigInt(after.atMs - before.atMs)];
  return before.milliWh + Number(spanMs === 0n ? 0n : (grown * partMs) / spanMs);
}

/** Time that counts: without the stretches in which the station itself had stopped the power. */
function countedMs({ pauses = [] }: Course, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0;
  const paused = pauses.reduce(
    (sum, pause) => sum + Math.max(0, Math.min(pause.toMs, toMs) - Math.max(pause.fromMs, fromMs)),
    0,
  );
  return Math.max(0, toMs - fromMs - paused);
}

function rulesIn({ lines }: Price, fromMs: number, toMs: number): readonly number[] {
  const inside = lines.filter((line) =>
    line.fromMs === line.toMs ? line.fromMs >= fromMs && line.fromMs < toMs : line.fromMs < toMs && line.toMs > fromMs,
  );
  return [...new Set(inside.map(({ rule }) => rule))].sort((left, right) => left - right);
}
