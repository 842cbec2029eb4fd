/**
 * The common readings of a charge, joined until each block holds so much energy that registers and clocks blur little
 * of it: at 11 kW with steps of 10 Wh some minutes, with steps of 0.1 kWh half an hour.
 */
import { skewMilliWh } from "#core/contract/agreement-uncertainty.ts";
import type { Terms } from "#core/contract/terms.ts";
import { saturate } from "#core/metering/whole-numbers.ts";
import type { CommonReading } from "./matched-readings.ts";

export interface EnergyBlock {
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** In which either side counted: a pause takes no time. */
  readonly seconds: number;
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
}

/** More are joined evenly, whatever energy they hold: what a diagnosis may cost is bounded. */
export const BLOCKS_MAX = 720;
/** A block is so many times what registers and clocks can blur. */
const NOISES_PER_BLOCK = 16;

/** What a step of each register and the time between two readings, at both ends, can make of any block, mWh. */
export function noiseMilliWh({ resolutionMilliWh, powerMaxW }: Pick<Terms, "resolutionMilliWh" | "powerMaxW">): number {
  const [station, vehicle] = resolutionMilliWh;
  return saturate(BigInt(station) + BigInt(vehicle) + 2n * skewMilliWh(powerMaxW));
}

/** Of neighbouring intervals, in their order. */
export function energyBlocks(intervals: readonly EnergyBlock[], noise: number): readonly EnergyBlock[] {
  const lengthMin = Math.ceil(intervals.length / BLOCKS_MAX);
  const blocks: EnergyBlock[] = [];
  let [open, length]: [EnergyBlock | undefined, number] = [undefined, 0];
  for (const interval of intervals) {
    open = open === undefined ? interval : joined(open, interval);
    length += 1;
    if (energyOf(open) < NOISES_PER_BLOCK * noise || length < lengthMin) continue;
    blocks.push(open);
    [open, length] = [undefined, 0];
  }
  const last = blocks.pop();
  // A rest that holds too little for itself goes with the block before it.
  if (last === undefined) return open === undefined ? [] : [open];
  return [...blocks, open === undefined ? last : joined(last, open)];
}

/** From each reading to the next. */
export function intervalsOf(readings: readonly CommonReading[]): readonly EnergyBlock[] {
  return readings.slice(1).map((to, place) => intervalBetween(readings[place] ?? to, to));
}

/** Each two neighbours as one. */
export function inPairs(blocks: readonly EnergyBlock[]): readonly EnergyBlock[] {
  return blocks.flatMap((block, place) => {
    const next = blocks[place + 1];
    return place % 2 === 1 ? [] : [next === undefined ? block : joined(block, next)];
  });
}

export function joined(earlier: EnergyBlock, later: EnergyBlock): EnergyBlock {
  return {
    firstIndex: earlier.firstIndex,
    lastIndex: later.lastIndex,
    seconds: earlier.seconds + later.seconds,
    stationMilliWh: earlier.stationMilliWh + later.stationMilliWh,
    vehicleMilliWh: earlier.vehicleMilliWh + later.vehicleMilliWh,
  };
}

/** @param from and @param to neighbours: between them both counted nothing, or the time counts */
function intervalBetween(from: CommonReading, to: CommonReading): EnergyBlock {
  const stationMilliWh = to.stationMilliWh - from.stationMilliWh;
  const vehicleMilliWh = to.vehicleMilliWh - from.vehicleMilliWh;
  const seconds = stationMilliWh === 0 && vehicleMilliWh === 0 ? 0 : to.seconds - from.seconds;
  return { firstIndex: from.index, lastIndex: to.index, seconds, stationMilliWh, vehicleMilliWh };
}

/** The larger of the two: a block in which only one side counts is one, too. */
function energyOf({ stationMilliWh, vehicleMilliWh }: EnergyBlock): number {
  return Math.max(stationMilliWh, vehicleMilliWh);
}
