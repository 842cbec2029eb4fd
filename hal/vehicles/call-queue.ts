/**
 * Calls that may overlap, done one after the other in the order in which they came. One that throws does not hold up
 * those behind it. How many wait is bounded by who calls: a driver's callers wait for each answer.
 */
export class CallQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves, or rejects, as the work does. */
  run<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything that was called until now is over. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
