/**
 * Whether what the vehicle measured agrees with what the station measured: a tolerance with guard bands after
 * JCGM 106:2012 (decision rules, guarded acceptance and guarded rejection), in whole ppm.
 *
 *   0          T - U              T + U
 *   |-- AGREE ---|-- INCONCLUSIVE --|-- DISAGREE …      |d|
 *
 * d is the difference of the vehicle's amount from what the station's lets expect; T is the tolerance that both signed;
 * U is the expanded uncertainty. A side is accused only when the difference is beyond the tolerance even if all of the
 * uncertainty spoke for it: d is rounded towards 0 and U up.
 */
import {
  agreementUncertainty,
  expectedRatio,
  minimumQuantityMilliWh,
  RATIO_WHOLE,
  relativeDifferencePpm,
  type AgreementTerms,
  type AgreementUncertainty,
} from "#core/contract/agreement-uncertainty.ts";
import type { Terms } from "#core/contract/terms.ts";

export type Verdict = "AGREE" | "INCONCLUSIVE" | "DISAGREE" | "NOT-CAPABLE";

export type VerdictReason =
  /** |d| <= T - U. */
  | "WITHIN-TOLERANCE"
  /** T - U < |d| < T + U: the uncertainty spans the limit. */
  | "GUARD-BAND"
  /** Less than the minimum measured quantity. */
  | "MMQ"
  /** T < U: no difference, however small, could be accepted. */
  | "UNCERTAINTY-ABOVE-TOLERANCE"
  | "VEHICLE-FAR-BELOW"
  | "VEHICLE-FAR-ABOVE";

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: VerdictReason;
  /** d; negative when the vehicle measured less than expected. */
  readonly differencePpm: number;
  /** T. */
  readonly tolerancePpm: number;
  /** U. */
  readonly expandedUncertaintyPpm: number;
  /** T - U, or 0 when that is negative. */
  readonly acceptanceLimitPpm: number;
  /** T + U. */
  readonly rejectionLimitPpm: number;
  readonly expectedRatioPpm: number;
  readonly minimumQuantityMilliWh: number;
  readonly parts: AgreementUncertainty["parts"];
}

export type JudgedTerms = AgreementTerms & Pick<Terms, "tolerancePpm">;

/** Judges the energies of one session, in mWh from 0 to 2^53 - 1. */
export function judgeAgreement(terms: JudgedTerms, stationMilliWh: number, vehicleMilliWh: number): Judgement {
  const figures = figuresOf(terms, 1, stationMilliWh, vehicleMilliWh);
  const isEnough = isMinimumQuantity(terms, figures.minimumQuantityMilliWh, stationMilliWh, vehicleMilliWh);
  return { ...verdictOn(figures, isEnough), ...figures };
}

/**
 * Judges a part of a session by the same rule. Both ends of a part are readings while power flows, and there is no
 * minimum quantity: a part too small for its registers and clocks has an uncertainty above the tolerance, and says so.
 */
export function judgePart(terms: JudgedTerms, stationMilliWh: number, vehicleMilliWh: number): Judgement {
  const figures = { ...figuresOf(terms, 2, stationMilliWh, vehicleMilliWh), minimumQuantityMilliWh: 0 };
  return { ...verdictOn(figures, true), ...figures };
}

function figuresOf(terms: JudgedTerms, edges: 1 | 2, stationMilliWh: number, vehicleMilliWh: number): Figures {
  const { expectedRatioPpm, expandedPpm, parts } = agreementUncertainty(terms, stationMilliWh, edges);
  const tolerancePpm = terms.tolerancePpm;
  return {
    differencePpm: relativeDifferencePpm(terms, stationMilliWh, vehicleMilliWh),
    tolerancePpm,
    expandedUncertaintyPpm: expandedPpm,
    acceptanceLimitPpm: Math.max(0, tolerancePpm - expandedPpm),
    rejectionLimitPpm: Math.min(Number.MAX_SAFE_INTEGER, tolerancePpm + expandedPpm),
    expectedRatioPpm,
    minimumQuantityMilliWh: minimumQuantityMilliWh(terms),
    parts,
  };
}

type Figures = Omit<Judgement, "verdict" | "reason">;

/**
 * DISAGREE comes before NOT-CAPABLE: a pair whose meters are too coarse for the tolerance may never be called in
 * agreement, but a difference beyond both is a difference all the same.
 */
function verdictOn(figures: Figures, isEnough: boolean): Pick<Judgement, "verdict" | "reason"> {
  const difference = Math.abs(figures.differencePpm);
  if (!isEnough) return { verdict: "INCONCLUSIVE", reason: "MMQ" };
  if (difference >= figures.rejectionLimitPpm) {
    return { verdict: "DISAGREE", reason: figures.differencePpm < 0 ? "VEHICLE-FAR-BELOW" : "VEHICLE-FAR-ABOVE" };
  }
  if (figures.tolerancePpm < figures.expandedUncertaintyPpm) {
    return { verdict: "NOT-CAPABLE", reason: "UNCERTAINTY-ABOVE-TOLERANCE" };
  }
  return difference <= figures.acceptanceLimitPpm
    ? { verdict: "AGREE", reason: "WITHIN-TOLERANCE" }
    : { verdict: "INCONCLUSIVE", reason: "GUARD-BAND" };
}

/**
 * The larger of the two amounts counts, at the station's measuring point: else a side could escape every verdict by
 * claiming next to nothing.
 */
function isMinimumQuantity(
  terms: AgreementTerms,
  minimumMilliWh: number,
  stationMilliWh: number,
  vehicleMilliWh: number,
): boolean {
  if (stationMilliWh >= minimumMilliWh) return true;
  return BigInt(vehicleMilliWh) * RATIO_WHOLE >= BigInt(minimumMilliWh) * expectedRatio(terms);
}
