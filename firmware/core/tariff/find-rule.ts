/** Which rule of a tariff holds at a moment: per dimension the first one whose conditions all do. */
import type { Flow } from "./course-pieces.ts";
import type { Stretch } from "./price-session.ts";
import type { TariffDimension, TariffPhase, TariffRange, TariffRule } from "./tariff-terms.ts";

export interface Moment {
  /** Since the start of the charge. */
  readonly atMs: number;
  readonly milliWh: number;
  readonly flow: Flow;
}

/** Index in the tariff's rules; undefined: it costs nothing. */
export type FindRule = (dimension: TariffDimension, moment: Moment) => number | undefined;

export interface PhaseClock {
  /** Rules of the first phase come before those of the second, whatever their order in the tariff. */
  readonly phases: readonly TariffPhase[];
  /** Start of the charge in unix seconds; all ms are since then. */
  readonly startedAt: number;
  /** From where durations are counted, in ms since the start. */
  readonly originMs: number;
}

/** A finder for moments that mostly go forward: conditions of time are looked at again only where one may change. */
export function ruleFinder(rules: readonly TariffRule[], clock: PhaseClock): FindRule {
  const edges = timeEdges(rules, clock);
  const ordered = orderedRules(rules, clock.phases);
  let span: Stretch = { fromMs: 0, toMs: 0 };
  let holding: ReturnType<typeof byDimension> = byDimension([]);
  return (dimension, moment) => {
    if (moment.atMs < span.fromMs || moment.atMs >= span.toMs) {
      span = spanAround(edges, moment.atMs);
      holding = byDimension(ordered.filter(({ rule }) => isTimeFor(rule, clock, moment.atMs)));
    }
    return holding[dimension].find(({ rule }) => isAmountFor(rule, moment))?.index;
  };
}

/** Every instant at which a condition of time may change, ascending, in ms since the start. */
export function timeEdges(rules: readonly TariffRule[], clock: PhaseClock): readonly number[] {
  const edges = new Set<number>();
  for (const { windows = [], durationSeconds } of rules) {
    for (const edge of windows.flat()) edges.add(msSince(clock.startedAt, edge));
    for (const edge of durationSeconds ?? []) if (edge !== null) edges.add(clock.originMs + boundedMs(edge));
  }
  return [...edges].sort((left, right) => left - right);
}

/** Every energy at which a condition changes, ascending. */
export function energyEdges(rules: readonly TariffRule[]): readonly number[] {
  const edges = rules.flatMap(({ energyMilliWh }) => energyMilliWh ?? []).filter((edge) => edge !== null);
  return [...new Set(edges)].sort((left, right) => left - right);
}

interface PlacedRule {
  readonly rule: TariffRule;
  readonly index: number;
}

function orderedRules(rules: readonly TariffRule[], phases: readonly TariffPhase[]): readonly PlacedRule[] {
  const placed = rules.map((rule, index) => ({ rule, index }));
  return phases.flatMap((phase) => placed.filter(({ rule }) => rule.phase === phase));
}

function byDimension(rules: readonly PlacedRule[]): Readonly<Record<TariffDimension, readonly PlacedRule[]>> {
  const of = (dimension: TariffDimension) => rules.filter(({ rule }) => rule.dimension === dimension);
  return { ENERGY: of("ENERGY"), TIME: of("TIME"), PARKING_TIME: of("PARKING_TIME"), FLAT: of("FLAT") };
}

function isTimeFor({ windows, durationSeconds }: TariffRule, clock: PhaseClock, atMs: number): boolean {
  const isInWindow =
    windows === undefined ||
    windows.some(([from, to]) => msSince(clock.startedAt, from) <= atMs && atMs < msSince(clock.startedAt, to));
  if (!isInWindow || durationSeconds === undefined) return isInWindow;
  const [from, to] = durationSeconds;
  const lastedMs = atMs - clock.originMs;
  return boundedMs(from) <= lastedMs && (to === null || lastedMs < boundedMs(to));
}

function isAmountFor({ energyMilliWh, powerW }: TariffRule, { milliWh, flow }: Moment): boolean {
  const isEnergy = energyMilliWh === undefined || isWithin(energyMilliWh, milliWh);
  return isEnergy && (powerW === undefined || isPowerWithin(powerW, flow));
}

function isWithin([from, to]: TariffRange, value: number): boolean {
  return from <= value && (to === null || value < to);
}

/** 1 mWh in 1 ms is 3600 W. */
function isPowerWithin([from, to]: TariffRange, { milliWh, ms }: Flow): boolean {
  const flowed = 3600n * BigInt(milliWh);
  return BigInt(from) * BigInt(ms) <= flowed && (to === null || flowed < BigInt(to) * BigInt(ms));
}

function spanAround(edges: readonly number[], atMs: number): Stretch {
  const next = edges.findIndex((edge) => edge > atMs);
  const toMs = next < 0 ? Infinity : (edges[next] ?? Infinity);
  return { fromMs: edges[(next < 0 ? edges.length : next) - 1] ?? -Infinity, toMs };
}

function msSince(startedAt: number, second: number): number {
  return boundedMs(second - startedAt);
}

/** No session lasts so long that this bound could be seen. */
function boundedMs(seconds: number): number {
  return Math.max(-SECONDS_MAX, Math.min(SECONDS_MAX, seconds)) * 1000;
}

const SECONDS_MAX = 1_000_000_000_000;
