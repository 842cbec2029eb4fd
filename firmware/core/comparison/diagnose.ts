/**
 * Likely causes of a difference between the two sides of a charge. Each hypothesis says what the vehicle should have
 * counted if it were so; the best leave the least outside of what honest meters can show. Deterministic, total, and
 * bounded in cost, for any facts that have the shapes. Nothing is named while all lies inside.
 */
import { PPM } from "#core/contract/terms.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { judgeAgreement } from "#core/session/judge-agreement.ts";
import { saturate } from "#core/metering/whole-numbers.ts";
import {
  chargeCourse,
  fitOf,
  isSignificant,
  restMilliWh,
  type ChargeCourse,
  type Hypothesis,
} from "./charge-course.ts";
import { clockOffsetCauses } from "./clock-offset.ts";
import { commonReadings, type CommonReading } from "./matched-readings.ts";
import { INTERVALS_MAX, thinned } from "./compare-intervals.ts";
import { apartFromNominalPpm, constantRatioCauses } from "./constant-ratio.ts";
import type { Cause, CauseCode, Diagnosis } from "./diagnosis.ts";
import { swappedVehicleCauses } from "./power-courses.ts";
import { registerFalls } from "./register-falls.ts";
import { standingConsumptionCauses } from "./standing-consumption.ts";
import { stretchCauses } from "./stretch-causes.ts";

export function diagnose(charge: ChargeFacts): Diagnosis {
  const readings = thinned(commonReadings(charge), INTERVALS_MAX);
  const end = readings.at(-1);
  if (end === undefined) return { comparability: "not-comparable", causes: [], unexplainedMilliWh: 0 };
  const course = chargeCourse(charge.open.terms, readings);
  if (!isEnough(course, end)) return { comparability: "too-little", causes: [], unexplainedMilliWh: 0 };
  const unexplainedMilliWh = saturate(BigInt(course.unexplainedMilliWh));
  const found = { comparability: "comparable", unexplainedMilliWh } as const;
  if (!isSignificant(course)) return { ...found, causes: lossCauses(course, end) };
  const falls = registerFalls(charge, course.envelope.noiseMilliWh);
  const causes = [
    ...constantRatioCauses(course),
    ...stretchCauses(course, falls),
    ...standingConsumptionCauses(course),
    ...clockOffsetCauses(course),
  ];
  const fitting = ranked(
    course,
    causes.filter(({ cause }) => cause.fitPpm >= FIT_PPM_MIN),
  );
  const swapped = swappedVehicleCauses(course);
  const isElsewhere = swapped.length > 0 && (fitting[0]?.fitPpm ?? 0) < SURE_PPM;
  return { ...found, causes: isElsewhere ? [...swapped, ...fitting] : fitting };
}

/** A cause that leaves more than two fifths unexplained is none. */
const FIT_PPM_MIN = 600_000;
/** Courses that have nothing in common come first unless something else explains nearly all. */
const SURE_PPM = 850_000;
const CAUSES_MAX = 4;
/** Costs that differ by less are taken as equal. */
const COST_STEP_PPM = 40_000;
/** A found ratio within 3.5 % of a usual one is taken for it before others that explain as much. */
const NEAR_PPM = 35_000;
const UNUSUAL_PPM = 50_000;
const UNLIKELY_PPM = 200_000;

/** Of causes that fit alike, the one that needs less to go wrong. */
const ORDER: Readonly<Record<CauseCode, number>> = {
  "factor-1000": 0,
  "lost-phase": 1,
  "counter-reset": 2,
  "reversed-transformer": 3,
  "counter-jump": 4,
  "pulse-constant": 5,
  "clock-offset": 6,
  "standing-consumption": 7,
  "charging-loss": 8,
  "swapped-vehicles": 9,
};

/**
 * By what a cause leaves unexplained, what remains apart without it and how far-fetched it is; of equal ones the one
 * that needs less to go wrong.
 */
function ranked(course: ChargeCourse, hypotheses: readonly Hypothesis[]): readonly Cause[] {
  const graded = hypotheses.map(({ cause, corrected }) => {
    const rest = cause.code === "factor-1000" ? 0 : restPpm(course, corrected);
    const cost = PPM - cause.fitPpm + rest + farFetchedPpm(course, cause);
    return { cause, step: Math.floor(cost / COST_STEP_PPM), cost };
  });
  graded.sort(
    (left, right) =>
      left.step - right.step || ORDER[left.cause.code] - ORDER[right.cause.code] || left.cost - right.cost,
  );
  const causes = graded.map(({ cause }) => cause);
  const named = causes.filter(({ code }, place) => causes.findIndex((cause) => cause.code === code) === place);
  return named.slice(0, CAUSES_MAX);
}

/** Of a register in the wrong unit little is left to be apart: its own steps are all there is. */
function restPpm(course: ChargeCourse, corrected: Hypothesis["corrected"]): number {
  return Math.floor((restMilliWh(course, corrected) * PPM) / Math.max(1, course.unexplainedMilliWh));
}

/**
 * A constant that is not one of the usual; or phases that a station would have to count too many of, and for a while
 * only: beside a battery, a heater does that.
 */
function farFetchedPpm({ envelope, blocks }: ChargeCourse, cause: Cause): number {
  const isMuch = cause.code === "standing-consumption" && 100 * cause.powerW > 45 * envelope.usualW;
  const unusual = isMuch || apartFromNominalPpm(cause) > NEAR_PPM ? UNUSUAL_PPM : 0;
  if (cause.code !== "lost-phase" || cause.side !== "either" || !envelope.hasStandingLoss) return unusual;
  const isWhole = cause.firstIndex === blocks[0]?.firstIndex && cause.lastIndex === blocks.at(-1)?.lastIndex;
  return isWhole ? unusual : unusual + UNLIKELY_PPM;
}

function isEnough({ envelope }: ChargeCourse, { stationMilliWh, vehicleMilliWh }: CommonReading): boolean {
  return Math.max(stationMilliWh, vehicleMilliWh) >= ENOUGH_NOISES * envelope.noiseMilliWh;
}

const ENOUGH_NOISES = 8;

/** What is lost on the way, where that explains all; whether the terms let expect as much is for the verdict to say. */
function lossCauses(course: ChargeCourse, { stationMilliWh, vehicleMilliWh }: CommonReading): readonly Cause[] {
  if (stationMilliWh === 0) return [];
  const { terms, envelope } = course;
  const { verdict } = judgeAgreement(terms, stationMilliWh, vehicleMilliWh);
  const kept = saturate((BigInt(vehicleMilliWh) * BigInt(PPM)) / BigInt(stationMilliWh));
  const lossPpm = Math.max(0, PPM - kept);
  if (lossPpm === 0 && verdict !== "DISAGREE") return [];
  return [
    {
      ...{ code: "charging-loss", ...fitOf(course, 0), side: "either", lossPpm },
      ...{ plausiblePpm: envelope.lossPpm, isAgreed: verdict !== "DISAGREE" },
    },
  ];
}
