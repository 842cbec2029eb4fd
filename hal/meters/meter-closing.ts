/** The end of a meter's driver: who waits for an answer then gets METER_CLOSED at once, whatever the wire does. */
import { fail, type Result } from "#base/result.ts";
import type { MeterFault } from "#hal/ports/energy-meter.ts";

export class MeterClosing {
  readonly #closed: Promise<Result<never, MeterFault>>;
  #tell: () => void = () => undefined;
  #isClosed = false;

  constructor() {
    this.#closed = new Promise((resolve) => {
      this.#tell = () => {
        resolve(fail({ code: "METER_CLOSED" }));
      };
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.#tell();
  }

  /** The call's own outcome, if it comes before the end. */
  orClosed<Value>(call: Promise<Result<Value, MeterFault>>): Promise<Result<Value, MeterFault>> {
    return Promise.race([this.#closed, call]);
  }
}
