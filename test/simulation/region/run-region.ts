/**
 * Many regions, each from its seed: `npm run sim -- --seeds 100 --nodes 12 --hours 24 [--processes 2] [--record FILE]`,
 * or one with its story: `npm run sim -- --seed 7 --nodes 12 --hours 24`. Prints the story of each seed that broke an
 * invariant, how all of them ended, the speed, and which faults really fired.
 */
import { ownPart, playInParts, RunRecord } from "../parted-run.ts";
import { FAULT_GROUP_NAMES, type FaultGroup } from "./fault-groups.ts";
import type { PlayWishes } from "./play-region.ts";
import { playSeed, textOf, type PlayedSeed } from "./played-seed.ts";
import { summaryOf } from "./region-summary.ts";

const PROGRESS_EVERY = 10;

export interface RegionRun {
  readonly wishes: PlayWishes;
  readonly first: number;
  readonly count: number;
  readonly tellsStory: boolean;
  readonly processes: number;
  /** Outcomes are kept here, and what stands here is not played again. */
  readonly record: string | undefined;
  /** Which part of the seeds this process plays for another one; undefined for the one that was asked. */
  readonly part: number | undefined;
}

/** The process' exit code. `script` is what was called, to be called again for each further process. */
export async function runRegions(run: RegionRun, script: string): Promise<0 | 1> {
  const { wishes, first, count, processes, part } = run;
  const text = textOf(wishes);
  const record = new RunRecord<PlayedSeed>(run.record);
  const known = (): readonly PlayedSeed[] => record.outcomes.filter((each) => each.wishes === text);
  const done = new Set(known().map(({ seed }) => seed));
  const seeds = Array.from({ length: count }, (_, index) => first + index);
  const left = seeds.filter((seed) => !done.has(seed));
  if (part !== undefined) {
    const own = ownPart(seeds, part, processes);
    return playForAnother(
      left.filter((seed) => own.has(seed)),
      run,
    );
  }
  let playedNow = 0;
  const take = (played: PlayedSeed): void => {
    record.keep(played);
    playedNow += 1;
    if (played.story !== undefined) console.log(played.story);
    if (playedNow % PROGRESS_EVERY === 0) console.error(`${playedNow} of ${left.length} seeds`);
  };
  const takeMessage = (message: unknown): void => {
    take(message as PlayedSeed);
  };
  if (processes > 1) await playInParts(script, processes, takeMessage);
  else for (const seed of left) take(await playSeed(seed, wishes, run.tellsStory));
  for (const line of summaryOf(known(), processes)) console.log(line);
  const missing = seeds.filter((seed) => !known().some((played) => played.seed === seed));
  if (missing.length > 0) console.log(`could not be played: seeds ${missing.join(", ")}`);
  return missing.length === 0 && known().every(({ ending }) => ending === "held") ? 0 : 1;
}

/** Told to the process that was asked, one by one. */
async function playForAnother(seeds: readonly number[], { wishes, tellsStory }: RegionRun): Promise<0> {
  for (const seed of seeds) {
    const played = await playSeed(seed, wishes, tellsStory);
    await new Promise<void>((resolve) => {
      process.send?.(played, undefined, undefined, () => {
        resolve();
      });
    });
  }
  process.disconnect();
  return 0;
}

/** The names that `--faults` may give. */
export function readGroups(text: string): readonly FaultGroup[] | undefined {
  const names = text.split(",").filter((name) => name !== "" && name !== "none");
  const found = names.flatMap((name) => FAULT_GROUP_NAMES.filter((group) => group === name));
  return found.length === names.length ? found : undefined;
}
