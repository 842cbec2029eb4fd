/** Keeps the last of what a line has brought without a telegram in it, so that somebody can say what it looks like. */
import type { TelegramProblem } from "#hal/protocols/telegram.ts";
import type { Unheard } from "./telegram-source.ts";

/** Room for two telegrams of most meters, so that one of them is whole. */
export const UNHEARD_BYTES_MAX = 4096;

export class UnheardBytes implements Unheard {
  #ring = new Uint8Array(UNHEARD_BYTES_MAX);
  #bytes = 0;
  #lastMs: number | undefined;
  #problem: TelegramProblem | undefined;

  get bytes(): number {
    return this.#bytes;
  }

  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  get problem(): TelegramProblem | undefined {
    return this.#problem;
  }

  get tail(): Uint8Array {
    if (this.#bytes <= UNHEARD_BYTES_MAX) return this.#ring.slice(0, this.#bytes);
    const at = this.#bytes % UNHEARD_BYTES_MAX;
    const tail = new Uint8Array(UNHEARD_BYTES_MAX);
    tail.set(this.#ring.subarray(at));
    tail.set(this.#ring.subarray(0, at), UNHEARD_BYTES_MAX - at);
    return tail;
  }

  add(bytes: Uint8Array, nowMs: number): void {
    for (const byte of bytes) {
      this.#ring[this.#bytes % UNHEARD_BYTES_MAX] = byte;
      this.#bytes += 1;
    }
    this.#lastMs = nowMs;
  }

  noteProblem(problem: TelegramProblem): void {
    this.#problem = problem;
  }

  /** An intact telegram came. */
  clear(): void {
    this.#bytes = 0;
    this.#lastMs = undefined;
    this.#problem = undefined;
  }
}
