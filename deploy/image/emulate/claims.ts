/** What a run has shown: each claim with its time, and at the end one line that says how many held. */
export class Claims {
  readonly #startedMs = performance.now();
  readonly #numbers: string[] = [];
  #held = 0;
  #failed = 0;

  /** A claim that holds when `work` neither throws nor returns false; what it returns otherwise belongs to its text. */
  async claim(text: string, work: () => Promise<string | boolean | undefined>): Promise<void> {
    let detail: string | undefined;
    let holds = false;
    try {
      const outcome = await work();
      holds = outcome !== false;
      if (typeof outcome === "string") detail = outcome;
    } catch (error) {
      detail = error instanceof Error ? error.message : String(error);
    }
    if (holds) this.#held += 1;
    else this.#failed += 1;
    this.say(`${holds ? "holds " : "FAILS "} ${text}${detail === undefined || detail === "" ? "" : `: ${detail}`}`);
  }

  say(line: string): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(0).padStart(5);
    process.stdout.write(`${seconds} s  ${line}\n`);
  }

  /** Something measured, said again at the end. */
  number(what: string, value: string): void {
    this.#numbers.push(`  ${what.padEnd(54)}${value}`);
  }

  /** @returns whether everything held */
  close(): boolean {
    process.stdout.write(`\n${this.#numbers.join("\n")}\n\n${this.#held} passed, ${this.#failed} failed\n`);
    return this.#failed === 0 && this.#held > 0;
  }
}
