/**
 * What sets in or ends while the charge runs: a counter that jumps, one that stands still, phases that are lost. In
 * each case the rest of the charge is in agreement.
 */
import { PPM } from "#core/contract/terms.ts";
import { saturate } from "#core/metering/whole-numbers.ts";
import { bestStretch, type Stretch } from "./best-stretch.ts";
import {
  correctedRun,
  fitOf,
  leftBeside,
  isBeyondPower,
  outsideOf,
  outsideScaled,
  sumOf,
  type ChargeCourse,
  type Hypothesis,
} from "./charge-course.ts";
import { powerW } from "./compare-intervals.ts";
import { apartPpm, PHASE_RATIOS_PPM, phaseCauses } from "./constant-ratio.ts";
import type { Cause, CauseFit } from "./diagnosis.ts";
import { energyBlocks, intervalsOf, joined, type EnergyBlock } from "./energy-blocks.ts";
import { outside, rangeOf, scaled, shareOf } from "./envelope.ts";
import type { Role } from "#core/session/facts.ts";
import type { RegisterFall } from "./register-falls.ts";

export function stretchCauses(course: ChargeCourse, falls: readonly RegisterFall[]): readonly Hypothesis[] {
  return [
    ...jumpCauses(course),
    ...standstillCauses(course, "station", falls),
    ...standstillCauses(course, "vehicle", falls),
    ...phaseStretches(course),
  ];
}

/** The one block that is most outside, and in it the interval that makes it so. */
function jumpCauses(course: ChargeCourse): readonly Hypothesis[] {
  const { blocks, outsideMilliWh, unexplainedMilliWh, envelope } = course;
  if (blocks.length < 2) return [];
  const place = outsideMilliWh.indexOf(Math.max(...outsideMilliWh));
  const block = blocks[place];
  if (block === undefined) return [];
  const odd = oddestInterval(course, block);
  const jump = block.vehicleMilliWh - shareOf(block.stationMilliWh, envelope.middlePpm);
  const apart = Math.abs(odd.vehicleMilliWh - shareOf(odd.stationMilliWh, envelope.middlePpm));
  // A counter that jumps does so between two readings; what is spread over a block is something else.
  if (10 * apart < 6 * Math.abs(jump)) return [];
  const side = sideOfJump(course, odd, place);
  const jumpMilliWh = saturate(BigInt(side === "station" ? atStation(course, -jump) : jump));
  const fit = fitOf(course, unexplainedMilliWh - (outsideMilliWh[place] ?? 0));
  const { firstIndex, lastIndex } = odd;
  const cause: Cause = { code: "counter-jump", ...fit, firstIndex, lastIndex, side, jumpMilliWh };
  return [{ cause, corrected: blocks.filter((_, at) => at !== place) }];
}

function oddestInterval({ readings, envelope }: ChargeCourse, block: EnergyBlock): EnergyBlock {
  let [oddest, mostApart] = [block, -1];
  for (const interval of intervalsOf(readings)) {
    if (interval.firstIndex < block.firstIndex || interval.lastIndex > block.lastIndex) continue;
    const apart = Math.abs(interval.vehicleMilliWh - shareOf(interval.stationMilliWh, envelope.middlePpm));
    if (apart > mostApart) [oddest, mostApart] = [interval, apart];
  }
  return oddest;
}

/** Whoever claims more than can flow; else whoever's power is further from its own before and after. */
function sideOfJump(course: ChargeCourse, odd: EnergyBlock, place: number): CauseFit["side"] {
  const isStation = isBeyondPower(course, odd.seconds, odd.stationMilliWh);
  const isVehicle = isBeyondPower(course, odd.seconds, odd.vehicleMilliWh);
  if (isStation !== isVehicle) return isStation ? "station" : "vehicle";
  const around = [course.blocks[place - 1], course.blocks[place + 1]].filter((block) => block !== undefined);
  const seconds = sumOf(around.map((block) => block.seconds));
  const apart = (odd: number, neighbours: number): number => Math.abs(odd - neighbours);
  const station = apart(
    powerW(odd.stationMilliWh, odd.seconds),
    powerW(sumOf(around.map((block) => block.stationMilliWh)), seconds),
  );
  const vehicle = apart(
    powerW(odd.vehicleMilliWh, odd.seconds),
    powerW(sumOf(around.map((block) => block.vehicleMilliWh)), seconds),
  );
  if (station > 2 * vehicle) return "station";
  return vehicle > 2 * station ? "vehicle" : "either";
}

/**
 * One register stands still while the other goes on. To the end of a charge that began well, or with a register that
 * was seen to fall, it has been reset; from the start or in between, it counts nothing or backwards.
 */
function standstillCauses(course: ChargeCourse, role: Role, falls: readonly RegisterFall[]): readonly Hypothesis[] {
  const intervals = intervalsOf(course.readings);
  const stretch = standstillOf(course, role, intervals);
  if (stretch === undefined) return [];
  const within = intervals.slice(stretch.first, stretch.last + 1);
  // A coarse register stands between its steps, and goes on.
  const counted = sumOf(within.map((interval) => ownAndOther(role, interval)[0]));
  if (within.length < STILL_READINGS_MIN || counted > course.envelope.noiseMilliWh) return [];
  const rest = [intervals.slice(0, stretch.first), intervals.slice(stretch.last + 1)];
  const corrected = rest.flatMap((part) => energyBlocks(part, course.envelope.noiseMilliWh));
  const fit = { ...fitOf(course, outsideOf(course, corrected)), ...endsOf(within) };
  const missingMilliWh = Math.max(0, saturate(BigInt(sumOf(within.map((interval) => otherLess(role, interval))))));
  const fall = falls.find((seen) => seen.role === role);
  const isReset = fall === undefined ? isFromGoodToEnd(course, rest) : fall.count < FALLS_OF_A_REVERSED;
  const cause: Cause = isReset
    ? { code: "counter-reset", ...fit, side: role, fellMilliWh: fall?.fellMilliWh ?? 0, missingMilliWh }
    : { code: "reversed-transformer", ...fit, side: role, foundPpm: 0, missingMilliWh };
  const heater = role === "vehicle" ? heaterInstead(course, within, fit) : undefined;
  if (heater === undefined) return [{ cause, corrected }];
  // A reset before its time is as likely as a heater before the departure; a car that never counts is not.
  return isReset ? [cause, heater].map((each) => ({ cause: each, corrected })) : [{ cause: heater, corrected }];
}

/** In a shorter time the other one may have jumped. */
const STILL_READINGS_MIN = 3;

/** The run of readings in which the role's register stands and the other's goes on most. */
function standstillOf({ envelope }: ChargeCourse, role: Role, intervals: readonly EnergyBlock[]): Stretch | undefined {
  return bestStretch(
    intervals.map((interval) => {
      const [own, other] = ownAndOther(role, interval);
      const stands = own <= envelope.noiseMilliWh && own * 8 <= other;
      return stands ? other : -own;
    }),
  );
}

function ownAndOther(role: Role, { stationMilliWh, vehicleMilliWh }: EnergyBlock): readonly [number, number] {
  return role === "station" ? [stationMilliWh, vehicleMilliWh] : [vehicleMilliWh, stationMilliWh];
}

function otherLess(role: Role, interval: EnergyBlock): number {
  const [own, other] = ownAndOther(role, interval);
  return other - own;
}

/** All that a car's heaters may take at once, so that nothing is left for the battery. */
const HEATERS_W_MAX = 5_000;

function heaterInstead(
  course: ChargeCourse,
  within: readonly EnergyBlock[],
  fit: Omit<CauseFit, "side">,
): Cause | undefined {
  const milliWh = sumOf(within.map(({ stationMilliWh }) => stationMilliWh));
  const power = powerW(milliWh, sumOf(within.map(({ seconds }) => seconds)));
  if (!course.envelope.hasStandingLoss || power > HEATERS_W_MAX) return undefined;
  return { code: "standing-consumption", ...fit, side: "either", powerW: power, milliWh };
}

/** A register that is reset falls once or twice; one that counts backwards falls in every report. */
const FALLS_OF_A_REVERSED = 3;

/** Before it both counted as they should, after it nothing flows. */
function isFromGoodToEnd({ envelope }: ChargeCourse, [before = [], after = []]: readonly EnergyBlock[][]): boolean {
  const whole = before.reduce<EnergyBlock | undefined>(
    (sum, interval) => (sum === undefined ? interval : joined(sum, interval)),
    undefined,
  );
  if (whole === undefined || whole.stationMilliWh <= 8 * envelope.noiseMilliWh) return false;
  const later = sumOf(after.map(({ stationMilliWh, vehicleMilliWh }) => Math.max(stationMilliWh, vehicleMilliWh)));
  return outside(rangeOf(envelope, whole), whole.vehicleMilliWh) === 0 && later <= envelope.noiseMilliWh;
}

function endsOf(within: readonly EnergyBlock[]): Pick<CauseFit, "firstIndex" | "lastIndex"> {
  return { firstIndex: within[0]?.firstIndex ?? -1, lastIndex: within.at(-1)?.lastIndex ?? -1 };
}

/** A ratio of phases in a part of the charge only. */
function phaseStretches(course: ChargeCourse): readonly Hypothesis[] {
  const { blocks, outsideMilliWh } = course;
  return PHASE_RATIOS_PPM.flatMap((ratioPpm) => {
    const there = outsideScaled(course, ratioPpm);
    const stretch = bestStretch(outsideMilliWh.map((outside, place) => outside - (there[place] ?? 0)));
    if (stretch === undefined) return [];
    const [begin, end] = [blocks[stretch.first]?.firstIndex ?? 0, blocks[stretch.last]?.lastIndex ?? 0];
    const isPart = end - begin >= STRETCH_READINGS_MIN && stretch.last - stretch.first + 1 < blocks.length;
    if (!isPart) return [];
    const fit = fitOf(course, leftBeside(course, stretch, stretch.sum), stretch);
    const corrected = correctedRun(course, stretch, (block) => scaled(block, ratioPpm));
    const foundPpm = foundIn(course, stretch);
    if (apartPpm(foundPpm, ratioPpm) > STRETCH_APART_PPM_MAX) return [];
    const causes = phaseCauses(course, fit, { ratioPpm, foundPpm });
    return causes.map((cause) => ({ cause, corrected }));
  });
}

/** Phases do not come and go from one reading to the next. */
const STRETCH_READINGS_MIN = 4;
const STRETCH_APART_PPM_MAX = 150_000;

function foundIn({ blocks, envelope }: ChargeCourse, { first, last }: Stretch): number {
  const within = blocks.slice(first, last + 1);
  const expected = shareOf(sumOf(within.map(({ stationMilliWh }) => stationMilliWh)), envelope.middlePpm);
  const found = sumOf(within.map(({ vehicleMilliWh }) => vehicleMilliWh));
  return saturate((BigInt(found) * BigInt(PPM)) / BigInt(Math.max(1, expected)));
}

/** An amount at the vehicle's measuring point as one at the station's. */
function atStation({ envelope }: ChargeCourse, milliWh: number): number {
  return saturate((BigInt(milliWh) * BigInt(PPM)) / BigInt(Math.max(1, envelope.middlePpm)));
}
