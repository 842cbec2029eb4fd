/** One small change of the source that a test ought to notice. */
export interface Mutant {
  /** What the instrumented source asks for; unique within a run. */
  readonly id: number;
  /** Path from the root of the project. */
  readonly file: string;
  readonly line: number;
  /** The function, method or constant around it; "" at the top of the file. */
  readonly within: string;
  /** The code before and after, in one line each: with `file` and `within` this names the mutant, wherever it stands. */
  readonly original: string;
  readonly replacement: string;
}

/** The part of a mutant that stays the same when lines are added above it. */
export type MutantName = Pick<Mutant, "file" | "within" | "original" | "replacement">;

export function keyOf({ file, within, original, replacement }: MutantName): string {
  return [file, within, original, replacement].join(" § ");
}
