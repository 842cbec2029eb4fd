/**
 * Tries the mutants of one target: each against the tests that reach it, until one fails: quick ones first, and those
 * first that have found many, since a test that fails does so early. What is reached while the code is loaded and lives
 * is tried again in a process of its own in which it is active from the start, against all tests.
 */
import type { Mutant } from "./mutant.ts";
import type { Survey, Verdict } from "./worker-messages.ts";
import { WorkerProcess, type WorkerStart } from "./worker-process.ts";

export type Outcome =
  | { readonly kind: "killed"; readonly by: string }
  | { readonly kind: "timed out" }
  /** `isReached`: whether any test comes by it. */
  | { readonly kind: "survived"; readonly isReached: boolean };

export interface Trial {
  readonly start: Omit<WorkerStart, "active">;
  readonly mutants: readonly Mutant[];
  readonly processes: number;
  readonly onOutcome: (mutant: Mutant, outcome: Outcome) => void;
}

const LOADING_CPU_MS_MAX = 60_000;
const SURVEY_CPU_MS_MAX = 600_000;

export async function tryMutants(trial: Trial): Promise<void> {
  const survey = await surveyOf(trial.start);
  const waiting = [...trial.mutants];
  const work = async (): Promise<void> => {
    const bench = new Bench(trial.start, survey);
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      trial.onOutcome(mutant, await bench.judge(mutant));
      for (const doubtful of await bench.check(waiting.length === 0 ? 1 : CHECK_EVERY)) {
        trial.onOutcome(doubtful, await bench.judgeAlone(doubtful));
      }
    }
    bench.end();
  };
  await Promise.all(Array.from({ length: trial.processes }, work));
}

/** After so many mutants that one test has found it must pass without any. */
const CHECK_EVERY = 12;

/** @throws Error when a test fails without any mutant: nothing could be said about any. */
async function surveyOf(start: Trial["start"]): Promise<Survey> {
  const worker = new WorkerProcess({ ...start, active: 0 });
  await worker.hear(() => LOADING_CPU_MS_MAX);
  worker.tell({ kind: "survey" });
  const survey = await worker.hear(() => SURVEY_CPU_MS_MAX);
  worker.end();
  if (survey?.kind !== "survey") throw new Error("the tests do not end without a mutant");
  const failed = survey.tests.filter(({ fault }) => fault !== undefined).map(({ name, fault }) => `${name}: ${fault}`);
  if (survey.loadingFault !== undefined) failed.push(survey.loadingFault);
  if (failed.length > 0) throw new Error(`without a mutant tests fail:\n${failed.join("\n")}`);
  return survey;
}

class Bench {
  readonly #start: Trial["start"];
  readonly #survey: Survey;
  /** How many each test has found. */
  readonly #found = new Map<number, number>();
  /** What each has found in the present process since it last passed. */
  readonly #unchecked = new Map<number, Mutant[]>();
  /** Those that pass by themselves. */
  readonly #independent = new Set<number>();
  #worker: WorkerProcess | undefined;

  constructor(start: Trial["start"], survey: Survey) {
    this.#start = start;
    this.#survey = survey;
  }

  async judge(mutant: Mutant): Promise<Outcome> {
    const tests = this.#reaching(mutant.id);
    const isStatic = this.#survey.atLoading.includes(mutant.id);
    if (tests.length === 0) return isStatic ? this.judgeAlone(mutant) : { kind: "survived", isReached: false };
    this.#worker ??= await this.#load(0);
    this.#worker.tell({ kind: "try", id: mutant.id, tests });
    const verdict = await this.#worker.hear(this.#cpuMsMaxOf);
    if (verdict?.kind !== "verdict") {
      this.end();
      return { kind: "timed out" };
    }
    const { killedBy } = verdict;
    if (killedBy === undefined && isStatic) return this.judgeAlone(mutant);
    if (typeof killedBy === "number") {
      await this.#requireIndependence(killedBy);
      this.#found.set(killedBy, (this.#found.get(killedBy) ?? 0) + 1);
      this.#unchecked.set(killedBy, [...(this.#unchecked.get(killedBy) ?? []), mutant]);
    }
    return this.#outcomeOf(verdict);
  }

  /**
   * That a test which has found a mutant passes without any, first in a process: one that leans on those before it would
   * find whatever is tried with it first.
   *
   * @throws Error when it does not
   */
  async #requireIndependence(test: number): Promise<void> {
    if (this.#independent.has(test)) return;
    const worker = await this.#load(0);
    worker.tell({ kind: "check", test });
    const verdict = await worker.hear(() => LOADING_CPU_MS_MAX);
    worker.end();
    if (verdict?.kind !== "verdict" || verdict.killedBy !== undefined) {
      throw new Error(`fails by itself, without a mutant: ${this.#survey.tests[test]?.name ?? ""}`);
    }
    this.#independent.add(test);
  }

  /** In a process of its own in which it is active from the start, against all tests. */
  async judgeAlone({ id }: Mutant): Promise<Outcome> {
    const worker = await this.#load(id);
    worker.tell({ kind: "try", id, tests: this.#inOrder([...this.#survey.tests.keys()]) });
    const verdict = await worker.hear(this.#cpuMsMaxOf);
    worker.end();
    if (verdict?.kind !== "verdict") return { kind: "timed out" };
    if (typeof verdict.killedBy === "number") await this.#requireIndependence(verdict.killedBy);
    return this.#outcomeOf(verdict);
  }

  /**
   * Whether tests that have found so many still pass without a mutant. What one has found that does not is to be tried
   * again: a mutant before it may have left something behind.
   */
  async check(foundMin: number): Promise<readonly Mutant[]> {
    const doubtful: Mutant[] = [];
    for (const [test, mutants] of this.#unchecked) {
      if (mutants.length < foundMin) continue;
      this.#unchecked.delete(test);
      this.#worker?.tell({ kind: "check", test });
      const verdict = await this.#worker?.hear(this.#cpuMsMaxOf);
      if (verdict?.kind === "verdict" && verdict.killedBy === undefined) continue;
      doubtful.push(...mutants, ...[...this.#unchecked.values()].flat());
      this.end();
    }
    return doubtful;
  }

  end(): void {
    this.#unchecked.clear();
    this.#worker?.end();
    this.#worker = undefined;
  }

  #outcomeOf({ killedBy }: Verdict): Outcome {
    if (killedBy === undefined) return { kind: "survived", isReached: true };
    return { kind: "killed", by: killedBy === "loading" ? "loading" : (this.#survey.tests[killedBy]?.name ?? "") };
  }

  async #load(active: number): Promise<WorkerProcess> {
    const worker = new WorkerProcess({ ...this.#start, active });
    await worker.hear(() => LOADING_CPU_MS_MAX);
    return worker;
  }

  #reaching(id: number): readonly number[] {
    const { tests } = this.#survey;
    return this.#inOrder([...tests.keys()].filter((index) => tests[index]?.reaches.includes(id)));
  }

  #inOrder(indexes: readonly number[]): readonly number[] {
    return indexes.toSorted((left, right) => this.#costOf(left) - this.#costOf(right));
  }

  /** Expected time until it finds one. */
  #costOf(index: number): number {
    return (this.#cpuMsOf(index) + 1) / ((this.#found.get(index) ?? 0) + 1);
  }

  #cpuMsOf(index: number): number {
    return this.#survey.tests[index]?.cpuMs ?? 0;
  }

  /** Of a test that begins; a mutant may make it slower. */
  readonly #cpuMsMaxOf = (test: number | undefined): number =>
    2000 + 3 * (test === undefined ? 0 : this.#cpuMsOf(test));
}
