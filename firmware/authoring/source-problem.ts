/** What is wrong with a source text, where, and what to do about it. */
import { codePoints } from "#core/script/value.ts";

export type ProblemCode =
  /** It is no CEL. */
  | "CONTRACT_SYNTAX"
  /** It is CEL, but not of the part that contracts are written in. */
  | "CONTRACT_UNSUPPORTED"
  | "CONTRACT_UNKNOWN_NAME"
  | "CONTRACT_WRONG_TYPE"
  /** The map that a contract is has an entry too few, too many or of the wrong form. */
  | "CONTRACT_STRUCTURE"
  | "CONTRACT_TOO_LARGE";

export interface SourceProblem {
  readonly code: ProblemCode;
  /** From 1; columns count characters. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly advice: string;
  /** A word that is not among those that are known. */
  readonly unknown?: { readonly word: string; readonly known: readonly string[] };
}

/** A problem whose place is still an offset into the text. */
export type OffsetProblem = Omit<SourceProblem, "line" | "column"> & { readonly offset: number };

export function placed(source: string, { offset, ...problem }: OffsetProblem): SourceProblem {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { ...problem, line: before.split("\n").length, column: codePoints(before.slice(lineStart)) + 1 };
}

/** Ends the compilation of one expression. It never leaves this layer. */
export class Refusal extends Error {
  readonly problem: OffsetProblem;

  constructor(problem: OffsetProblem) {
    super(problem.message);
    this.problem = problem;
  }
}
