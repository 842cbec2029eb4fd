/** Answers what others ask, and the same question, which the mesh may bring twice, once: an answer may be long. */
import { toHex } from "#base/bytes.ts";
import { BoundedMap } from "#core/mesh/bounded-map.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { answerQuery, type QueryParts } from "./answer-sync.ts";

/** Whoever really asks again waits longer (`ANSWER_WITHIN_MS`). */
const SAME_QUESTION_MS = 1_000;
const ANSWERED_MAX = 64;

export interface QueryAnswersParts extends QueryParts {
  readonly clock: Pick<Clock, "monotonicMs">;
}

export class QueryAnswers {
  readonly #parts: QueryAnswersParts;
  /** When each was answered last, in monotonic ms, by its hash. */
  readonly #answeredMs = new BoundedMap<number>(ANSWERED_MAX);

  constructor(parts: QueryAnswersParts) {
    this.#parts = parts;
  }

  /** The code of what was wrong with the question. */
  answer(object: Uint8Array): string | undefined {
    const name = toHex(this.#parts.ledger.chain.context.crypto.sha256(object));
    const now = this.#parts.clock.monotonicMs();
    if (now < (this.#answeredMs.get(name) ?? Number.NEGATIVE_INFINITY) + SAME_QUESTION_MS) return undefined;
    this.#answeredMs.set(name, now);
    return answerQuery(this.#parts, object);
  }
}
