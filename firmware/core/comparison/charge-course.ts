/** What the hypotheses about a charge are tried on: its blocks, what honest meters can show, what is outside of it. */
import { PPM, type Terms } from "#core/contract/terms.ts";
import { saturate } from "#core/metering/whole-numbers.ts";
import type { CommonReading } from "./matched-readings.ts";
import { powerW } from "./compare-intervals.ts";
import type { Cause, CauseFit } from "./diagnosis.ts";
import { energyBlocks, inPairs, intervalsOf, joined, noiseMilliWh, type EnergyBlock } from "./energy-blocks.ts";
import { energyAt, envelopeOf, outside, rangeOf, scaled, type Envelope } from "./envelope.ts";

export interface ChargeCourse {
  readonly terms: Terms;
  readonly readings: readonly CommonReading[];
  readonly blocks: readonly EnergyBlock[];
  readonly envelope: Envelope;
  /** Of each block, what is outside of the envelope, mWh at the vehicle's measuring point; and their sum. */
  readonly outsideMilliWh: readonly number[];
  readonly unexplainedMilliWh: number;
}

/** A cause, and the blocks as they would be without it; those that say nothing then are left out. */
export interface Hypothesis {
  readonly cause: Cause;
  readonly corrected: readonly EnergyBlock[];
}

/** By the finest blocks in which something is outside; the finest of all where nothing is. */
export function chargeCourse(terms: Terms, readings: readonly CommonReading[]): ChargeCourse {
  const noise = noiseMilliWh(terms);
  let blocks = energyBlocks(intervalsOf(readings), noise);
  const finest = courseOf(terms, readings, blocks);
  // What is a little off all along shows when registers and clocks are given less room.
  for (let course = finest; ; course = courseOf(terms, readings, blocks)) {
    if (isSignificant(course)) return course;
    if (blocks.length < 2) return finest;
    blocks = inPairs(blocks);
  }
}

function courseOf(terms: Terms, readings: readonly CommonReading[], raw: readonly EnergyBlock[]): ChargeCourse {
  const envelope = envelopeOf(terms, usualPowerW(raw), noiseMilliWh(terms));
  const blocks = withoutLateReadings(raw, envelope);
  const outsideMilliWh = blocks.map((block) => outside(rangeOf(envelope, block), block.vehicleMilliWh));
  return { terms, readings, blocks, envelope, outsideMilliWh, unexplainedMilliWh: sumOf(outsideMilliWh) };
}

/** Whether more is outside than a step of a register or a share of the charge that is not worth a word. */
export function isSignificant({ unexplainedMilliWh, envelope, readings }: ChargeCourse): boolean {
  const end = readings.at(-1);
  const whole = Math.max(end?.stationMilliWh ?? 0, end?.vehicleMilliWh ?? 0);
  return unexplainedMilliWh > Math.max(NOISES_MIN * envelope.noiseMilliWh, whole / SIGNIFICANT_SHARE);
}

const NOISES_MIN = 2;
const SIGNIFICANT_SHARE = 200;

/** What is outside when the station's amounts are taken as so many millionths; the losses are those of that power. */
export function outsideScaled(course: ChargeCourse, ratioPpm: number): readonly number[] {
  const { envelope, terms, blocks } = course;
  const there = envelopeOf(terms, truePowerW(course, ratioPpm), envelope.noiseMilliWh);
  return blocks.map((block) => outside(rangeOf(there, scaled(block, ratioPpm)), block.vehicleMilliWh));
}

/** What of other blocks of the charge is outside, mWh. */
export function outsideOf({ envelope }: ChargeCourse, blocks: readonly EnergyBlock[]): number {
  return sumOf(blocks.map((block) => outside(rangeOf(envelope, block), block.vehicleMilliWh)));
}

/** Where two sides are a ratio apart: the larger of their powers that the terms allow. */
export function truePowerW({ envelope, terms }: ChargeCourse, ratioPpm: number): number {
  const { usualW } = envelope;
  const scaledW = saturate((BigInt(usualW) * BigInt(ratioPpm)) / BigInt(PPM));
  const isAllowed = (power: number): boolean => 10 * power <= 11 * terms.powerMaxW;
  const [less, more] = usualW < scaledW ? [usualW, scaledW] : [scaledW, usualW];
  return isAllowed(more) ? more : less;
}

/**
 * What a hypothesis about a run of blocks leaves unexplained. The run begins and ends somewhere inside of the blocks
 * beside it, so these belong to both sides and speak for neither.
 *
 * @param explained what it explains inside
 */
export function leftBeside(course: ChargeCourse, run: Run, explained: number): number {
  const { outsideMilliWh, unexplainedMilliWh } = course;
  const mixed = (outsideMilliWh[run.first - 1] ?? 0) + (outsideMilliWh[run.last + 1] ?? 0);
  return unexplainedMilliWh - explained - mixed;
}

/** The blocks of a run in another form; those beside it are left out, or all are when nothing is said of the run. */
export function correctedRun(
  { blocks }: ChargeCourse,
  run: Run,
  change: (block: EnergyBlock) => EnergyBlock | undefined,
): readonly EnergyBlock[] {
  return blocks.flatMap((block, place) => {
    if (place < run.first - 1 || place > run.last + 1) return [block];
    const isInside = place >= run.first && place <= run.last;
    const other = isInside ? change(block) : undefined;
    return other === undefined ? [] : [other];
  });
}

/** Places of the first and the last block, both included. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** Between which readings a run of blocks lies, and how well a cause fits that leaves so much unexplained. */
export function fitOf(
  course: ChargeCourse,
  leftMilliWh: number,
  run: Run = { first: 0, last: course.blocks.length - 1 },
): Omit<CauseFit, "side"> {
  const { blocks, unexplainedMilliWh } = course;
  const whole = Math.max(1, unexplainedMilliWh);
  const explained = Math.max(0, whole - leftMilliWh);
  return {
    firstIndex: blocks[run.first]?.firstIndex ?? -1,
    lastIndex: blocks[run.last]?.lastIndex ?? -1,
    fitPpm: Math.min(PPM, Number((BigInt(Math.floor(explained)) * BigInt(PPM)) / BigInt(Math.ceil(whole)))),
  };
}

/**
 * What is apart once a hypothesis has been taken away and the rest is held to one ratio of its own: two that explain a
 * charge equally well are told apart by it, mWh.
 */
export function restMilliWh({ envelope }: ChargeCourse, corrected: readonly EnergyBlock[]): number {
  const ratioPpm = medianRatioPpm(corrected);
  if (ratioPpm === undefined) return 0;
  const slack = Math.ceil(ratioPpm / REST_SLACKS);
  const usualW = usualPowerW(corrected);
  const narrow = { ...envelope, usualW, leastPpm: Math.max(0, ratioPpm - slack), mostPpm: ratioPpm + slack };
  return sumOf(corrected.map((block) => outside(rangeOf(narrow, block), block.vehicleMilliWh)));
}

/** Vehicle over station of the block in the middle of the energy: no single odd block can move it. */
export function medianRatioPpm(blocks: readonly EnergyBlock[]): number | undefined {
  const ratios = blocks.flatMap(({ stationMilliWh, vehicleMilliWh }) => {
    if (stationMilliWh <= 0 || vehicleMilliWh <= 0) return [];
    const ratioPpm = saturate((BigInt(vehicleMilliWh) * BigInt(PPM)) / BigInt(stationMilliWh));
    return [{ ratioPpm, weight: stationMilliWh }];
  });
  const half = sumOf(ratios.map(({ weight }) => weight)) / 2;
  let passed = 0;
  for (const { ratioPpm, weight } of ratios.sort((left, right) => left.ratioPpm - right.ratioPpm)) {
    passed += weight;
    if (passed >= half) return Math.max(1, ratioPpm);
  }
  return undefined;
}

/** A sixty-sixth, 1.5 %: by so much one car's losses differ within a charge. */
const REST_SLACKS = 66;

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Whether one side claims more in a block than the terms' power lets flow. */
export function isBeyondPower({ terms, envelope }: ChargeCourse, seconds: number, milliWh: number): boolean {
  const most = energyAt(terms.powerMaxW, seconds);
  return milliWh > most + most / 10 + envelope.noiseMilliWh;
}

/** Of the block in the middle of the station's energy: the plateau of a charge, whatever its begin and its end. */
export function usualPowerW(blocks: readonly EnergyBlock[]): number {
  const powers = blocks.map(({ stationMilliWh, seconds }) => ({
    power: powerW(stationMilliWh, seconds),
    weight: stationMilliWh,
  }));
  const half = sumOf(powers.map(({ weight }) => weight)) / 2;
  let passed = 0;
  for (const { power, weight } of powers.sort((left, right) => left.power - right.power)) {
    passed += weight;
    if (passed >= half && weight > 0) return power;
  }
  return 0;
}

/** So many readings may pass before a register that stood still has caught up. */
const LATE_READINGS_MAX = 5;

/**
 * A register that is read late is too little first and too much in the next block. Where two or three neighbours
 * together are as they should be, they are taken together: nothing was lost.
 */
function withoutLateReadings(blocks: readonly EnergyBlock[], envelope: Envelope): readonly EnergyBlock[] {
  const isOdd = (block: EnergyBlock): boolean => outside(rangeOf(envelope, block), block.vehicleMilliWh) > 0;
  const kept: EnergyBlock[] = [];
  for (let place = 0; place < blocks.length;) {
    const [block, second, third] = blocks.slice(place, place + 3);
    if (block === undefined) break;
    const pair = second === undefined ? undefined : joined(block, second);
    const triple = pair === undefined || third === undefined ? undefined : joined(pair, third);
    const candidates = isOdd(block) ? [pair, triple] : [];
    const length = candidates.findIndex(
      (candidate) => candidate !== undefined && !isOdd(candidate) && isLate(block, candidate),
    );
    kept.push(candidates[length] ?? block);
    place += length < 0 ? 1 : length + 2;
  }
  return kept;
}

function isLate(block: EnergyBlock, whole: EnergyBlock): boolean {
  return whole.lastIndex - block.lastIndex <= LATE_READINGS_MAX;
}
