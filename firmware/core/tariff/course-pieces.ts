/**
 * A course cut into pieces within which nothing changes that a tariff may ask for: at every point, at every instant and
 * at every energy that some rule names.
 *
 * Between two points energy flows evenly. A cut in time takes the energy rounded down to 1 mWh, and what that loses the
 * next piece gets; a cut in energy takes the time rounded down to 1 ms. So every mWh and every ms is in one piece.
 */
import type { EnergyPoint, Stretch } from "./price-session.ts";

/** Energy over time; over no time at all it is the power of what was before. */
export interface Flow {
  readonly milliWh: number;
  readonly ms: number;
}

export interface Piece extends Stretch {
  /** Energy of the charge when the piece begins and when it ends. */
  readonly fromMilliWh: number;
  readonly toMilliWh: number;
  readonly flow: Flow;
}

export interface Cuts {
  /** Ascending. */
  readonly timesMs: readonly number[];
  /** Ascending. */
  readonly milliWh: readonly number[];
}

const NO_FLOW: Flow = { milliWh: 0, ms: 1 };

/** @param points neither time nor energy falls */
export function cutCourse(points: readonly EnergyPoint[], cuts: Cuts): readonly Piece[] {
  const pieces: Piece[] = [];
  const place = { time: 0, energy: 0 };
  let flow = firstFlow(points);
  points.slice(1).forEach((after, index) => {
    const before = points[index] ?? after;
    const span = { milliWh: after.milliWh - before.milliWh, ms: after.atMs - before.atMs };
    if (span.milliWh === 0 && span.ms === 0) return;
    if (span.ms > 0) flow = span;
    let from = before;
    for (const to of [...cutsWithin({ before, after }, cuts, place), after]) {
      pieces.push({ fromMs: from.atMs, toMs: to.atMs, fromMilliWh: from.milliWh, toMilliWh: to.milliWh, flow });
      from = to;
    }
  });
  return pieces;
}

/** Neither time nor energy falls, whatever was signed: a point that does stands still. */
export function withoutFalls(points: readonly EnergyPoint[]): readonly EnergyPoint[] {
  let [atMs, milliWh] = [0, 0];
  return points.map((point) => {
    atMs = Math.max(atMs, point.atMs);
    milliWh = Math.max(milliWh, point.milliWh);
    return { atMs, milliWh };
  });
}

export function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((left, right) => left - right);
}

/** The places in the two lists of cuts only move on, since the points do. */
function cutsWithin(
  { before, after }: { readonly before: EnergyPoint; readonly after: EnergyPoint },
  cuts: Cuts,
  place: { time: number; energy: number },
): readonly EnergyPoint[] {
  const ms = after.atMs - before.atMs;
  const milliWh = after.milliWh - before.milliWh;
  const found: EnergyPoint[] = [];
  for (let at = cuts.timesMs[place.time]; at !== undefined && at < after.atMs; at = cuts.timesMs[++place.time]) {
    if (at > before.atMs) {
      found.push({ atMs: at, milliWh: before.milliWh + shareDown(milliWh, at - before.atMs, ms) });
    }
  }
  const fromTime = found.length;
  for (let at = cuts.milliWh[place.energy]; at !== undefined && at < after.milliWh; at = cuts.milliWh[++place.energy]) {
    if (at > before.milliWh)
      found.push({ atMs: before.atMs + shareDown(ms, at - before.milliWh, milliWh), milliWh: at });
  }
  // At one instant the cut in time has no more energy than the cuts in energy, and the order of equals is kept.
  const isMixed = fromTime > 0 && found.length > fromTime;
  return isMixed ? found.sort((left, right) => left.atMs - right.atMs) : found;
}

/** whole x part / of, rounded down; 0 <= part <= of. */
function shareDown(whole: number, part: number, of: number): number {
  const product = whole * part;
  if (Number.isSafeInteger(product)) return (product - (product % of)) / of;
  return Number((BigInt(whole) * BigInt(part)) / BigInt(of));
}

/** What flows at the first instant has the power of what follows it. */
function firstFlow(points: readonly EnergyPoint[]): Flow {
  for (const [index, after] of points.entries()) {
    const before = points[index - 1];
    if (before !== undefined && after.atMs > before.atMs) {
      return { milliWh: after.milliWh - before.milliWh, ms: after.atMs - before.atMs };
    }
  }
  return NO_FLOW;
}
