/** A worker as the run sees it: orders and answers, and an end when it burns more time than the tests can need. */
import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer, Order } from "./worker-messages.ts";

export interface WorkerStart {
  /** The copy of the tree. */
  readonly root: string;
  readonly tests: readonly string[];
  /** Parts of the titles of tests that are left out. */
  readonly without: readonly string[];
  readonly mutantsMax: number;
  /** A mutant that is active from the first line of code on; 0 for none. */
  readonly active: number;
}

/** A test that waits for what never comes burns no time at all. */
const SILENCE_MS_MAX = 180_000;
const LOOK_EVERY_MS = 250;
const TICKS_PER_SECOND = 100;

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #queue: Answer[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor({ root, tests, without, mutantsMax, active }: WorkerStart) {
    const script = join(root, "test/mutation/mutation-worker.ts");
    this.#child = fork(script, [JSON.stringify({ mutantsMax, active, tests, without })], {
      cwd: root,
      env: { ...process.env, NODE_COMPILE_CACHE: join(root, ".compile-cache") },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.on("message", (answer: Answer) => {
      this.#queue.push(answer);
      this.#wake?.();
    });
    this.#child.on("exit", () => {
      this.#isOver = true;
      this.#wake?.();
    });
  }

  tell(order: Order): void {
    if (!this.#isOver) this.#child.send(order);
  }

  /**
   * The next answer; undefined when the process has ended, or has used more of a core than it may.
   *
   * @param cpuMsMaxOf of a test that begins; none before the first
   */
  async hear(cpuMsMaxOf: (test: number | undefined) => number): Promise<Answer | undefined> {
    let cpuMsMax = cpuMsMaxOf(undefined);
    let [startedMs, cpuAtStartMs] = [performance.now(), this.#cpuMs()];
    for (;;) {
      const answer = this.#queue.shift();
      if (answer?.kind === "progress") {
        cpuMsMax = cpuMsMaxOf(answer.test);
        [startedMs, cpuAtStartMs] = [performance.now(), this.#cpuMs()];
        continue;
      }
      if (answer !== undefined) return answer;
      const isLate = performance.now() - startedMs > SILENCE_MS_MAX + cpuMsMax;
      if (this.#isOver || isLate || this.#cpuMs() - cpuAtStartMs > cpuMsMax) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, LOOK_EVERY_MS);
      });
    }
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }

  /** Time on a core and not on a clock: a machine that is busy elsewhere makes no mutant endless. See proc(5), stat. */
  #cpuMs(): number {
    try {
      const stat = readFileSync(`/proc/${this.#child.pid ?? 0}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
    } catch {
      return 0;
    }
  }
}
