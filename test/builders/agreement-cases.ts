/** The pairs of meters for which the agreement test is characterised, and how often each verdict falls. */
import { defaultTolerancePpm } from "#core/contract/default-tolerance.ts";
import type { AgreementTerms } from "#core/contract/agreement-uncertainty.ts";
import { matches } from "#core/session/energy-bound.ts";
import { judgeAgreement, type Verdict } from "#core/session/judge-agreement.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { measureSession } from "./measured-session.ts";

export interface AgreementCase {
  readonly name: string;
  readonly terms: AgreementTerms;
  /** The tolerance with which the case is published elsewhere; ours is `defaultTolerancePpm`. */
  readonly publishedTolerancePpm: number;
}

export const AGREEMENT_CASES: readonly AgreementCase[] = [
  {
    name: "AC, meter in both",
    publishedTolerancePpm: 50_000,
    terms: { powerMaxW: 11_000, mpePpm: [20_000, 20_000], lossPpm: [0, 10_000], resolutionMilliWh: [1000, 1000] },
  },
  {
    name: "AC, battery, default loss",
    publishedTolerancePpm: 100_000,
    terms: { powerMaxW: 11_000, mpePpm: [20_000, 30_000], lossPpm: [50_000, 120_000], resolutionMilliWh: [1000, 1] },
  },
  {
    name: "AC, battery, learned loss",
    publishedTolerancePpm: 80_000,
    terms: { powerMaxW: 11_000, mpePpm: [20_000, 30_000], lossPpm: [76_000, 104_000], resolutionMilliWh: [1000, 1] },
  },
  {
    name: "DC, inlet, loss 0 to 3 %",
    publishedTolerancePpm: 60_000,
    terms: { powerMaxW: 150_000, mpePpm: [10_000, 30_000], lossPpm: [0, 30_000], resolutionMilliWh: [1000, 1] },
  },
];

export interface VerdictShares {
  readonly shares: Readonly<Record<Verdict, number>>;
  /** Share of sessions that fail the linear bound of the running charge. */
  readonly outOfBound: number;
}

/** Runs sessions of 10 to 60 kWh through the production code. */
export function verdictShares(
  terms: AgreementTerms,
  tolerancePpm: number,
  play: { readonly excess: number; readonly sessions: number; readonly seed: string },
): VerdictShares {
  const random = new SeededRandom(play.seed);
  const counts = { AGREE: 0, INCONCLUSIVE: 0, DISAGREE: 0, "NOT-CAPABLE": 0 };
  let outOfBound = 0;
  for (let session = 0; session < play.sessions; session += 1) {
    const energy = random.between(10_000_000, 60_000_000);
    const { stationMilliWh, vehicleMilliWh } = measureSession(random, terms, energy, play.excess);
    counts[judgeAgreement({ ...terms, tolerancePpm }, stationMilliWh, vehicleMilliWh).verdict] += 1;
    if (!matches(terms, stationMilliWh, vehicleMilliWh)) outOfBound += 1;
  }
  const share = (verdict: Verdict): number => counts[verdict] / play.sessions;
  return {
    shares: {
      AGREE: share("AGREE"),
      INCONCLUSIVE: share("INCONCLUSIVE"),
      DISAGREE: share("DISAGREE"),
      "NOT-CAPABLE": share("NOT-CAPABLE"),
    },
    outOfBound: outOfBound / play.sessions,
  };
}

export function ownTolerancePpm({ terms }: AgreementCase): number {
  return defaultTolerancePpm(terms);
}
