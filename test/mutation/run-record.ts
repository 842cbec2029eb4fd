/**
 * What became of each mutant, a line of JSON each, so that a run that was broken off goes on and one after a change
 * tries only what the change can have touched: a mutant stays killed while its own file and the test that killed it are
 * the same, and stays alive while all of its target's tests are.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, type Mutant } from "./mutant.ts";
import type { Target } from "./targets.ts";
import type { Outcome } from "./try-mutants.ts";

interface RecordedLine {
  readonly target: string;
  readonly key: string;
  /** Hash of what the outcome rests on. */
  readonly basis: string;
  readonly outcome: Outcome;
}

export class RunRecord {
  readonly #path: string | undefined;
  readonly #root: string;
  readonly #lines = new Map<string, RecordedLine>();
  readonly #contents = new Map<string, Uint8Array>();

  /** @param path of the file; undefined to keep nothing */
  constructor(root: string, path: string | undefined) {
    this.#root = root;
    this.#path = path;
    if (path === undefined || !existsSync(path)) return;
    for (const text of readFileSync(path, "utf8").split("\n")) {
      if (!text.endsWith("}")) continue;
      const line = JSON.parse(text) as RecordedLine;
      this.#lines.set(`${line.target} ${line.key}`, line);
    }
  }

  find(target: Target, mutant: Mutant): Outcome | undefined {
    const line = this.#lines.get(`${target.name} ${keyOf(mutant)}`);
    if (line === undefined) return undefined;
    return line.basis === this.#basisOf(target, mutant, line.outcome) ? line.outcome : undefined;
  }

  add(target: Target, mutant: Mutant, outcome: Outcome): void {
    if (this.#path === undefined) return;
    const basis = this.#basisOf(target, mutant, outcome);
    const line: RecordedLine = { target: target.name, key: keyOf(mutant), basis, outcome };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }

  #basisOf(target: Target, mutant: Mutant, outcome: Outcome | undefined): string {
    const by = outcome?.kind === "killed" ? outcome.by : "";
    const killer = target.tests.filter((file) => by.startsWith(`${file.replace(/^test\//, "")} ›`));
    const files = [mutant.file, ...(killer.length > 0 ? killer : target.tests)];
    const hash = createHash("sha256");
    for (const file of files) hash.update(this.#contentOf(file));
    return hash.digest("hex").slice(0, 16);
  }

  /** As it was when the run began: what is changed meanwhile is not what was tried. */
  #contentOf(file: string): Uint8Array {
    const content = this.#contents.get(file) ?? readFileSync(join(this.#root, file));
    this.#contents.set(file, content);
    return content;
  }
}
