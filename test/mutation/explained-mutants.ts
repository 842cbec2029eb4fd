/**
 * Mutants that live and may: what they change cannot be seen by anybody. Each is named by its code before and after, so
 * that an explanation moves with its line and falls when the line changes. A rule that merely has no test does not
 * belong here.
 */
import { EXPLAINED_IN_FINALITY } from "./explained/finality.ts";
import { EXPLAINED_IN_LEDGER } from "./explained/ledger.ts";
import { EXPLAINED_IN_SESSION } from "./explained/session.ts";
import type { MutantName } from "./mutant.ts";

/** One reason, for one or several changes of a function. */
export interface Explanation extends Pick<MutantName, "file" | "within"> {
  readonly why: string;
  readonly changes: readonly (readonly [original: string, replacement: string])[];
}

export interface ExplainedMutant extends MutantName {
  readonly why: string;
}

export const EXPLAINED_MUTANTS: readonly ExplainedMutant[] = [
  ...EXPLAINED_IN_SESSION,
  ...EXPLAINED_IN_FINALITY,
  ...EXPLAINED_IN_LEDGER,
].flatMap(({ changes, ...rest }) => changes.map(([original, replacement]) => ({ ...rest, original, replacement })));
