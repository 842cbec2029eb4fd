/**
 * Whoever errs in its own favour a little in each charge stays inside every tolerance and gains all the same. A
 * cumulative sum over charges with different others finds it (CUSUM, Page 1954; protocol 2.9): what one side's own
 * certified limits explain is taken off each time, and what is left adds up only when it has a direction.
 *
 * A charge alone cannot say which of the two is biased: the vehicle's amount is too small by the same figure that the
 * station's is too large. Over many charges it can: a station meets many cars, whose own errors differ, and a car meets
 * many stations. So each side has a sum of its own, and one other that errs is one vote among many in it.
 */
import type { AgreementTerms } from "#core/contract/agreement-uncertainty.ts";
import { squareRootUp } from "#core/metering/whole-numbers.ts";
import type { Role } from "#core/session/facts.ts";

/** Plain data, part of the ledger's state. */
export interface SlowBias {
  /** The sum in thousandths of U: what points to an error in one's own favour. Never below 0. */
  readonly sumMilli: number;
  /** Charges that counted. */
  readonly votes: number;
  /** The others of the newest charges that counted, newest last. */
  readonly recent: readonly string[];
}

export const NO_BIAS: SlowBias = { sumMilli: 0, votes: 0, recent: [] };

/** One charge as it bears on one side. */
export interface BiasVote {
  /** Did of the other side. */
  readonly other: string;
  /** d of the verdict: negative favours both, the station that claims more and the vehicle that says less. */
  readonly differencePpm: number;
  /** U of the verdict. */
  readonly expandedPpm: number;
  /** What the side's own certified limits explain. */
  readonly allowancePpm: number;
}

/** Protocol 2.9: an alarm above 5 U. */
export const BIAS_ALARM_MILLI = 5_000;

export function isBiasAlarm({ sumMilli }: SlowBias): boolean {
  return sumMilli > BIAS_ALARM_MILLI;
}

/** The sum with one charge more; unchanged by a charge with an other that has just counted. */
export function countVote(bias: SlowBias, vote: BiasVote): SlowBias {
  const { other, differencePpm, expandedPpm, allowancePpm } = vote;
  if (expandedPpm <= 0 || bias.recent.includes(other)) return bias;
  const excessPpm = BigInt(-differencePpm) - BigInt(allowancePpm);
  const milli = Number((excessPpm * 1_000n) / BigInt(expandedPpm)) - MARGIN_MILLI;
  const step = Math.max(-STEP_MILLI_MAX, Math.min(STEP_MILLI_MAX, milli));
  return {
    sumMilli: Math.max(0, Math.min(SUM_MILLI_MAX, bias.sumMilli + step)),
    votes: bias.votes + 1,
    recent: [...bias.recent, other].slice(-OTHERS_BETWEEN),
  };
}

/**
 * How far a side can be off for good without being at fault. Of a station that is the limit of its meter. Of a vehicle
 * it is that of its measurement and what its own charger may lose more than the middle of the band, which are two
 * things: seven eighths of their root of squares, so that 0.9 of the tolerance is found in time. A car for which both
 * are near their limits at once exceeds it, and is told apart by nothing but a narrower band.
 */
export function allowancePpm({ mpePpm, lossPpm }: Pick<AgreementTerms, "mpePpm" | "lossPpm">, role: Role): number {
  if (role === "station") return mpePpm[0];
  const halfBand = BigInt(Math.ceil(Math.abs(lossPpm[1] - lossPpm[0]) / 2));
  return Number((squareRootUp(BigInt(mpePpm[1]) ** 2n + halfBand ** 2n) * 7n) / 8n);
}

/**
 * An other counts again after so many different ones: one partner that errs is a fifth of the votes at most, and the
 * four others outvote it.
 */
export const OTHERS_BETWEEN = 4;
/** One charge moves the sum by 1 U at most. */
const STEP_MILLI_MAX = 1_000;
/** Taken off each vote beside the allowance, so that a meter at its very limit does not wander up to the alarm. */
const MARGIN_MILLI = 50;
/** A meter that was repaired can come back from here. */
const SUM_MILLI_MAX = 2 * BIAS_ALARM_MILLI;
