/** What a worker is told, and what it says. Tests are named by their place in the order in which they were loaded. */
export type Order =
  | { readonly kind: "survey" }
  | { readonly kind: "try"; readonly id: number; readonly tests: readonly number[] }
  /** Runs a test without any mutant. */
  | { readonly kind: "check"; readonly test: number };

export type Answer = { readonly kind: "ready" } | Progress | Survey | Verdict;

/** The test begins that has this place. */
export interface Progress {
  readonly kind: "progress";
  readonly test: number;
}

export interface Survey {
  readonly kind: "survey";
  readonly tests: readonly SurveyedTest[];
  /** Mutants that were reached while the code was loaded. */
  readonly atLoading: readonly number[];
  readonly loadingFault: string | undefined;
}

export interface SurveyedTest {
  readonly name: string;
  readonly fault: string | undefined;
  readonly cpuMs: number;
  readonly reaches: readonly number[];
}

/** Of a mutant, or of the code without one. */
export interface Verdict {
  readonly kind: "verdict";
  /** The test that failed; `loading` when the code could not be loaded. */
  readonly killedBy: number | "loading" | undefined;
}
