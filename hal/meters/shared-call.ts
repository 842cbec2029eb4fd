/**
 * Calls that overlap share one run, but never one that began before the call: what a caller gets was measured after it
 * had asked. At most one run is under way and one waits.
 */
export class SharedCall<Value> {
  readonly #run: () => Promise<Value>;
  #current: Promise<Value> | undefined;
  #next: Promise<Value> | undefined;

  constructor(run: () => Promise<Value>) {
    this.#run = run;
  }

  call(): Promise<Value> {
    if (this.#current === undefined) return this.#start();
    this.#next ??= this.#current.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<Value> {
    this.#next = undefined;
    const current = this.#run().finally(() => {
      if (this.#current === current) this.#current = undefined;
    });
    this.#current = current;
    return current;
  }
}
