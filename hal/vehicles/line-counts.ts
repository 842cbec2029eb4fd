/**
 * The count digit: told how many lines to expect, an adapter does not wait in silence behind the last one, which is
 * half of the time of a request. Which adapters can do it is found out by doing it; the number is learned from an
 * intact reply.
 */
import type { DecodedReply } from "#hal/protocols/obd/decode-reply.ts";

export class LineCounts {
  readonly #lines = new Map<string, number>();
  #spoiled = 0;

  /** What to append to a request; empty for none. */
  digitFor(request: string): string {
    const lines = this.#lines.get(request);
    return lines === undefined || this.#spoiled >= SPOILED_MAX ? "" : lines.toString(16).toUpperCase();
  }

  learn(request: string, digit: string, reply: DecodedReply): void {
    if (reply.kind === "payload") {
      if (reply.frames <= LINES_MAX) this.#lines.set(request, reply.frames);
      if (digit !== "") this.#spoiled = 0;
      return;
    }
    if (digit === "") return;
    this.#lines.delete(request);
    // A refused command says it at once; other units' lines that were counted take a second occurrence to believe.
    this.#spoiled += reply.kind === "trouble" && reply.trouble === "unknown-command" ? SPOILED_MAX : 1;
  }
}

const LINES_MAX = 15;
const SPOILED_MAX = 3;
