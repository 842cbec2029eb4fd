/** How often each fault has really happened: a test of faults that never fire tests nothing. */
export class FaultCounter {
  readonly #fired = new Map<string, number>();

  count(fault: string): void {
    this.#fired.set(fault, this.of(fault) + 1);
  }

  of(fault: string): number {
    return this.#fired.get(fault) ?? 0;
  }

  /** By name, those that never happened left out. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#fired);
  }
}
