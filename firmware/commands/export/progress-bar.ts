/** How far a long export is, drawn over itself on a terminal; nothing anywhere else. */
import type { CommandIo } from "../command-io.ts";

export class ProgressBar {
  readonly #io: CommandIo;
  readonly #total: number;
  readonly #isShown: boolean;
  #drawn = "";

  constructor(io: CommandIo, total: number, isShown: boolean) {
    this.#io = io;
    this.#total = total;
    this.#isShown = isShown && io.isTerminal && total > 1;
  }

  show(done: number): void {
    if (!this.#isShown) return;
    const count = ` ${String(done).padStart(String(this.#total).length)}/${this.#total}`;
    const width = Math.max(4, Math.min(40, this.#io.columns - count.length - 4));
    const filled = Math.floor((width * done) / this.#total);
    const bar = `[${"#".repeat(filled)}${".".repeat(width - filled)}]${count}`;
    if (bar === this.#drawn) return;
    this.#drawn = bar;
    this.#io.write(`\r${bar}`);
  }

  /** Takes the bar away again. */
  end(): void {
    if (this.#drawn !== "") this.#io.write(`\r${" ".repeat(this.#drawn.length)}\r`);
    this.#drawn = "";
  }
}
