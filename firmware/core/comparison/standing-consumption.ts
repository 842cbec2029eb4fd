/**
 * A steady power that passes the station's meter and never reaches the vehicle's: heating, cooling, a strong 12 V load.
 * Told from a ratio by what happens when less power flows.
 */
import { bestStretch } from "./best-stretch.ts";
import { correctedRun, fitOf, leftBeside, sumOf, type ChargeCourse, type Hypothesis } from "./charge-course.ts";
import { powerW } from "./compare-intervals.ts";
import type { Cause } from "./diagnosis.ts";
import type { EnergyBlock } from "./energy-blocks.ts";
import { energyAt, outside, rangeOf, shareOf } from "./envelope.ts";

/** Beyond what any car uses (`STANDING_W` is in the envelope), up to heating the battery and the cabin at once. */
const POWER_W_MIN = 400;
const POWER_W_MAX = 10_000;

export function standingConsumptionCauses(course: ChargeCourse): readonly Hypothesis[] {
  // What the inlet measures is before anything that the car uses.
  if (!course.envelope.hasStandingLoss) return [];
  const powers = [...new Set(likelyPowers(course))];
  const found = powers.flatMap((power) => causeWith(course, power));
  return found
    .sort((left, right) => right.cause.fitPpm - left.cause.fitPpm || left.power - right.power)
    .slice(0, 1)
    .map(({ cause, corrected }) => ({ cause, corrected }));
}

function causeWith(course: ChargeCourse, power: number): readonly (Hypothesis & { readonly power: number })[] {
  const { blocks, envelope, outsideMilliWh } = course;
  const gains = blocks.map((block, place) => {
    const used = energyAt(power, block.seconds);
    const { least, most } = rangeOf(envelope, block);
    const range = { least: Math.max(0, least - used), most: Math.max(envelope.noiseMilliWh, most - used) };
    return (outsideMilliWh[place] ?? 0) - outside(range, block.vehicleMilliWh);
  });
  const stretch = bestStretch(gains);
  if (stretch === undefined) return [];
  const within = blocks.slice(stretch.first, stretch.last + 1);
  const seconds = sumOf(within.map((block) => block.seconds));
  if (!isBeside(course, power, powerW(sumOf(within.map((block) => block.stationMilliWh)), seconds))) return [];
  const fit = fitOf(course, leftBeside(course, stretch, stretch.sum), stretch);
  const milliWh = energyAt(power, seconds);
  const cause: Cause = { code: "standing-consumption", ...fit, side: "either", powerW: power, milliWh };
  const corrected = correctedRun(course, stretch, (block) => withUsed(block, power, envelope.noiseMilliWh));
  return [{ cause, corrected, power }];
}

/** A heater beside a charge leaves most to it; it may take all only where little flows, as before the departure. */
function isBeside({ envelope, terms }: ChargeCourse, power: number, stationW: number): boolean {
  if (10 * stationW > 11 * terms.powerMaxW) return false;
  return 10 * power <= 7 * stationW || 2 * stationW <= envelope.usualW;
}

/** As the vehicle would have counted without it. Where it counted nothing, no more can be said. */
function withUsed(block: EnergyBlock, power: number, noise: number): EnergyBlock {
  if (block.vehicleMilliWh <= noise) return { ...block, stationMilliWh: 0, vehicleMilliWh: 0 };
  return { ...block, vehicleMilliWh: block.vehicleMilliWh + energyAt(power, block.seconds) };
}

/** What is missing in each block that has too little, as power: the quarters of their order. */
function likelyPowers({ blocks, envelope, outsideMilliWh }: ChargeCourse): readonly number[] {
  const missing = blocks
    .filter((_, place) => (outsideMilliWh[place] ?? 0) > 0)
    .flatMap(({ stationMilliWh, vehicleMilliWh, seconds }) => {
      const less = shareOf(stationMilliWh, envelope.middlePpm) - vehicleMilliWh;
      const power = less > 0 ? powerW(less, seconds) : 0;
      return power >= POWER_W_MIN && power <= POWER_W_MAX ? [power] : [];
    })
    .sort((left, right) => left - right);
  return [1, 2, 3].flatMap((quarter) => missing[Math.floor((missing.length * quarter) / 4)] ?? []);
}
