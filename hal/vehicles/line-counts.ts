/**
 * The count digit: told how many lines to expect, an adapter does not wait in silence behind the last one, which is
 * half of the time of a request. Which adapters can do it is found out by doing it; the number is learned from an
 * intact reply. Some take the digit for part of the request: theirs is dropped at the first sign.
 */
import type { DecodedReply } from "#hal/protocols/obd/decode-reply.ts";
import { RESPONSE_CODES } from "#hal/protocols/obd/uds-codes.ts";

export type CountDigitSupport =
  | "unknown"
  /** It saves time. */
  | "honoured"
  /** It changes nothing. */
  | "ignored"
  /** The adapter does not know it, or answers something else because of it. */
  | "refused";

export interface CountedReply {
  /** As `digitFor` gave it. */
  readonly digit: string;
  readonly reply: DecodedReply;
  /** From the command's first byte to the prompt. */
  readonly durationMs: number;
}

export class LineCounts {
  readonly #requests = new Map<string, LearnedRequest>();
  #spoiled = 0;
  #useless = 0;
  #isHonoured = false;

  get support(): CountDigitSupport {
    if (this.#spoiled >= SPOILED_MAX) return "refused";
    if (this.#isHonoured) return "honoured";
    return this.#useless >= USELESS_MAX ? "ignored" : "unknown";
  }

  /** What to append to a request; empty for none. */
  digitFor(request: string): string {
    const learned = this.#requests.get(request);
    const isOff = this.support === "refused" || this.support === "ignored";
    return learned === undefined || isOff ? "" : learned.lines.toString(16).toUpperCase();
  }

  learn(request: string, { digit, reply, durationMs }: CountedReply): void {
    if (reply.kind === "payload") this.#learnLength(request, digit, { lines: reply.frames, durationMs });
    else if (digit !== "") this.#learnFailure(request, reply);
  }

  #learnLength(request: string, digit: string, seen: { readonly lines: number; readonly durationMs: number }): void {
    const before = this.#requests.get(request);
    if (digit === "") {
      const isCountable = seen.lines <= LINES_MAX && (before !== undefined || this.#requests.size < REQUESTS_MAX);
      if (isCountable) this.#requests.set(request, { lines: seen.lines, plainMs: seen.durationMs });
      return;
    }
    this.#spoiled = 0;
    if (before === undefined) return;
    if (before.plainMs - seen.durationMs >= SAVED_MIN_MS) this.#isHonoured = true;
    else if (!this.#isHonoured) this.#useless += 1;
    if (seen.lines !== before.lines) this.#requests.delete(request);
  }

  #learnFailure(request: string, reply: DecodedReply): void {
    this.#requests.delete(request);
    // A notice that the answer follows later is the unit's doing, not the adapter's.
    if (reply.kind === "pending") return;
    // A refused command says it at once; other units' lines that were counted take a second occurrence to believe.
    this.#spoiled += isDigitTaken(reply) ? SPOILED_MAX : 1;
  }
}

/** The digit itself is at fault: the adapter does not know the command, or the unit was sent something else. */
export function isDigitTaken(reply: DecodedReply): boolean {
  if (reply.kind === "trouble") return reply.trouble === "unknown-command";
  return reply.kind === "refused" && reply.responseCode === RESPONSE_CODES.wrongLength;
}

interface LearnedRequest {
  readonly lines: number;
  /** How long it took without the digit. */
  readonly plainMs: number;
}

const LINES_MAX = 15;
const SPOILED_MAX = 3;
/** An adapter that shortens its wait by itself leaves less to save; five times nothing is the digit's doing. */
const USELESS_MAX = 5;
const SAVED_MIN_MS = 15;
const REQUESTS_MAX = 256;
