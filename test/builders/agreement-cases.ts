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
  /** What is published of it (domain: metrology, 4.4): the loss band, and shares in per cent. */
  readonly published: PublishedShares;
}

export interface PublishedShares {
  readonly lossPpm: AgreementTerms["lossPpm"];
  readonly agree: number;
  readonly inconclusive: number;
  /** Of sessions with 5, 10, 15 and 20 % too much, called DISAGREE. */
  readonly caught: readonly [number, number, number, number];
}

export const AGREEMENT_CASES: readonly AgreementCase[] = [
  {
    name: "AC, meter in both",
    publishedTolerancePpm: 50_000,
    published: { lossPpm: [0, 0], agree: 68, inconclusive: 32, caught: [0.1, 71, 100, 100] },
    terms: { powerMaxW: 11_000, mpePpm: [20_000, 20_000], lossPpm: [0, 10_000], resolutionMilliWh: [1000, 1000] },
  },
  {
    name: "AC, battery, default loss",
    publishedTolerancePpm: 100_000,
    published: { lossPpm: [50_000, 130_000], agree: 68, inconclusive: 32, caught: [0, 0, 11, 52] },
    terms: { powerMaxW: 11_000, mpePpm: [20_000, 30_000], lossPpm: [50_000, 120_000], resolutionMilliWh: [1000, 1] },
  },
  {
    name: "AC, battery, learned loss",
    publishedTolerancePpm: 80_000,
    published: { lossPpm: [76_000, 104_000], agree: 87, inconclusive: 13, caught: [0, 4, 60, 99] },
    terms: { powerMaxW: 11_000, mpePpm: [20_000, 30_000], lossPpm: [76_000, 104_000], resolutionMilliWh: [1000, 1] },
  },
  {
    name: "DC, inlet, loss 0 to 3 %",
    publishedTolerancePpm: 60_000,
    published: { lossPpm: [0, 30_000], agree: 62, inconclusive: 38, caught: [0, 33, 96, 100] },
    terms: { powerMaxW: 150_000, mpePpm: [10_000, 30_000], lossPpm: [0, 30_000], resolutionMilliWh: [1000, 1] },
  },
];

/** Of honest sessions: one in ten thousand. */
export const FALSE_DISAGREE_MAX = 1e-4;

export interface VerdictShares {
  readonly shares: Readonly<Record<Verdict, number>>;
  /** Share of sessions that fail the linear bound of the running charge. */
  readonly outOfBound: number;
}

/** Every error evenly inside its limit, or each at its limit, of either sign. */
export type Errors = "inside" | "at the limits";

export interface Play {
  readonly excess: number;
  readonly sessions: number;
  readonly seed: string;
  readonly errors?: Errors;
}

/** Runs sessions of 10 to 60 kWh through the production code. */
export function verdictShares(terms: AgreementTerms, tolerancePpm: number, play: Play): VerdictShares {
  const random = new SeededRandom(play.seed);
  const draw = play.errors === "at the limits" ? (): number => (random.chance(0.5) ? 1 : -1) : undefined;
  const counts = { AGREE: 0, INCONCLUSIVE: 0, DISAGREE: 0, "NOT-CAPABLE": 0 };
  const judged = { ...terms, tolerancePpm };
  let outOfBound = 0;
  for (let session = 0; session < play.sessions; session += 1) {
    const energy = random.between(10_000_000, 60_000_000);
    const { stationMilliWh, vehicleMilliWh } = measureSession(random, terms, energy, { excess: play.excess, draw });
    counts[judgeAgreement(judged, stationMilliWh, vehicleMilliWh).verdict] += 1;
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
