/**
 * What an on-board charger makes of the pilot's offers. The first one and the end of one are taken at once; for another
 * one the charger takes its time, and it counts in whole amperes.
 */
export class FollowedOffer {
  readonly #reactionMs: number;
  #offeredA = 0;
  #obeyedA = 0;
  #coming: readonly { readonly currentA: number; readonly fromMs: number }[] = [];

  /** @param reactionMs IEC 61851-1, table A.6, gives a car 5 s */
  constructor(reactionMs: number) {
    this.#reactionMs = reactionMs;
  }

  /** The offer that the charger works by. */
  get currentA(): number {
    return this.#obeyedA;
  }

  /** To be told at each step, whether anything has changed or not. */
  notice(offeredA: number, nowMs: number): void {
    const isNew = offeredA !== this.#offeredA;
    const isAtOnce = this.#offeredA === 0 || offeredA === 0;
    this.#offeredA = offeredA;
    if (isNew && isAtOnce) {
      this.#obeyedA = offeredA;
      this.#coming = [];
    } else if (isNew) {
      this.#coming = [...this.#coming, { currentA: offeredA, fromMs: nowMs + this.#reactionMs }];
    }
    for (let [next] = this.#coming; next !== undefined && nowMs >= next.fromMs; [next] = this.#coming) {
      this.#obeyedA = Math.floor(next.currentA);
      this.#coming = this.#coming.slice(1);
    }
  }
}
