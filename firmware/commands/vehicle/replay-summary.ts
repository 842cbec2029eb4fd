/** What came of a file of recorded replies, as a table. */
import type { ReplayResult } from "./replay.ts";

export class ReplaySummary {
  readonly #reasons = new Map<string, number>();
  #payloads = 0;
  #withValues = 0;
  #implausible = 0;
  #asksAgain = 0;
  #badLines = 0;

  get badLines(): number {
    return this.#badLines;
  }

  add(result: ReplayResult): void {
    if (result.outcome === "ask-again") {
      const reason = result.reason ?? "";
      this.#asksAgain += 1;
      // Reasons hold the adapter's own words: the table's length is bounded, not theirs.
      const key = this.#reasons.size < REASONS_MAX || this.#reasons.has(reason) ? reason : "others";
      this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
      return;
    }
    this.#payloads += 1;
    if (result.values === null) this.#implausible += 1;
    else if (result.values !== undefined) this.#withValues += 1;
  }

  addBadLine(): void {
    this.#badLines += 1;
  }

  lines(): readonly string[] {
    const reasons = [...this.#reasons].sort(([, left], [, right]) => right - left);
    const rows: readonly (readonly [string, number])[] = [
      ["records", this.#payloads + this.#asksAgain],
      ["payload", this.#payloads],
      ["  with values", this.#withValues],
      ["  that no profile believes", this.#implausible],
      ["  that no profile asks for", this.#payloads - this.#withValues - this.#implausible],
      ["ask again", this.#asksAgain],
      ...reasons.map(([reason, count]) => [`  ${reason}`, count] as const),
      ["bad lines", this.#badLines],
    ];
    const width = Math.max(...rows.map(([name]) => name.length));
    const digits = Math.max(...rows.map(([, count]) => String(count).length));
    return rows.map(([name, count]) => `${name.padEnd(width)}  ${String(count).padStart(digits)}`);
  }
}

const REASONS_MAX = 20;
