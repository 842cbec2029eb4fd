/**
 * A long run in several processes with a record: each outcome is kept as it comes, a run that was ended goes on from
 * there, and what stands in the record is not played again.
 */
import { fork } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** Outcomes are plain data: they go from process to process, and each is a line of the record. */
export class RunRecord<Outcome> {
  readonly #file: string | undefined;
  readonly #outcomes: Outcome[];

  /** @param file undefined keeps nothing beyond this run */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#outcomes = file !== undefined && existsSync(file) ? readLines(file).map((line) => line as Outcome) : [];
  }

  get outcomes(): readonly Outcome[] {
    return this.#outcomes;
  }

  readonly keep = (outcome: Outcome): void => {
    this.#outcomes.push(outcome);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(outcome)}\n`);
  };
}

/** The last line may have been cut off; it is ended, so that the next one does not go on in it. */
function readLines(file: string): readonly unknown[] {
  const text = readFileSync(file, "utf8");
  if (text !== "" && !text.endsWith("\n")) appendFileSync(file, "\n");
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}

/**
 * Runs this program again, once for each part, and takes what the parts tell with `process.send`. Resolves when all have
 * ended, however they did: what is missing then could not be played.
 */
export async function playInParts(script: string, processes: number, take: (outcome: unknown) => void): Promise<void> {
  const parts = Array.from({ length: processes }, (_, part) => {
    const child = fork(script, [...process.argv.slice(2), "--part", String(part)], { execArgv: [...EXEC_ARGV] });
    child.on("message", take);
    return new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", () => {
        resolve();
      });
    });
  });
  await Promise.all(parts);
}

/** Whole worlds leave much garbage that lives for a few wakes only: with room for it, a tenth of the time is saved. */
const EXEC_ARGV = [...process.execArgv, "--max-semi-space-size=64"] as const;

/** Each part plays every so many-th of all, whatever the other parts have recorded meanwhile. */
export function ownPart<Run>(runs: readonly Run[], part: number, processes: number): ReadonlySet<Run> {
  return new Set(runs.filter((_, index) => index % processes === part));
}
