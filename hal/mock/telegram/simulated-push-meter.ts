/** A meter that pushes what its source shows, at its own pace, to whoever listens. */
import type { MeterSource } from "#hal/mock/modbus/meter-source.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { damaged, noTelegramFaults, type TelegramFaults } from "./telegram-faults.ts";
import type { TelegramImage } from "./telegram-image.ts";

export interface PushMeterParts {
  readonly image: TelegramImage;
  readonly source: MeterSource;
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** The line; what nobody listens to is lost. */
  readonly send: (bytes: Uint8Array) => void;
}

export interface PushMeterOptions {
  readonly serialNumber: number;
  readonly periodMs: number;
}

export class SimulatedPushMeter {
  readonly faults: TelegramFaults = noTelegramFaults();
  readonly #parts: PushMeterParts;
  readonly #options: PushMeterOptions;
  #serialNumber: number;
  #cancel: Cancel = () => undefined;

  constructor(parts: PushMeterParts, options: PushMeterOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#serialNumber = options.serialNumber;
  }

  /** Another meter hangs in its place. */
  swap(serialNumber: number): void {
    this.#serialNumber = serialNumber;
  }

  start(): void {
    this.#pushAt(this.#parts.clock.monotonicMs());
  }

  stop(): void {
    this.#cancel();
  }

  #pushAt(monotonicMs: number): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(monotonicMs, () => {
      this.#push();
      // A meter keeps its own pace; one that was held up does not catch up.
      this.#pushAt(Math.max(monotonicMs + this.#options.periodMs, clock.monotonicMs()));
    });
  }

  #push(): void {
    const { image, source, clock, random, send } = this.#parts;
    const telegram = image.encode(source.now(), { serialNumber: this.#serialNumber, wallMs: clock.wallMs() });
    const bytes = damaged(telegram, this.faults, random);
    if (bytes !== undefined && bytes.length > 0) send(bytes);
  }
}
