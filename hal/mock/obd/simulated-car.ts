/** The car at the other side of the diagnostic socket: its control units on one bus, and how they misbehave. */
import type { Clock } from "#hal/ports/clock.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { BatterySource } from "./battery-source.ts";
import type { CanFrame } from "./can-frame.ts";
import { answerRequest, type CarModel, carModels, type EcuModel } from "./car-model.ts";
import { type EcuPlan, SimulatedEcu } from "./simulated-ecu.ts";

/** Probabilities, each from 0 to 1 a request. */
export interface CarFaults {
  /** The unit first says that it needs more time (7F xx 78) and answers later. */
  readonly pending?: number;
  /** How much later. */
  readonly pendingMs?: number;
  /** Conditions not correct (7F xx 22). */
  readonly refused?: number;
  /** The unit is busy with something else and says nothing. */
  readonly unanswered?: number;
  /** Units that nobody asked speak too. */
  readonly chatter?: number;
}

export class SimulatedCar {
  readonly #clock: Clock;
  readonly #battery: BatterySource;
  readonly #random: SeededRandom;
  readonly #faults: CarFaults;
  readonly #ecus: readonly SimulatedEcu[];
  readonly #listeners = new Set<(frame: CanFrame) => void>();
  #isAsleep = false;

  constructor(
    dependencies: { readonly clock: Clock; readonly battery: BatterySource; readonly random: SeededRandom },
    model: CarModel,
    faults: CarFaults = {},
  ) {
    this.#clock = dependencies.clock;
    this.#battery = dependencies.battery;
    this.#random = dependencies.random;
    this.#faults = faults;
    const send = (frame: CanFrame): void => {
      for (const listener of this.#listeners) listener(frame);
    };
    this.#ecus = carModels[model].map(
      (ecu) => new SimulatedEcu({ clock: this.#clock, send }, ecu, (request) => this.#plan(ecu, request)),
    );
  }

  /** Units that sleep acknowledge nothing and answer nothing. */
  fallAsleep(): void {
    this.#isAsleep = true;
  }

  wakeUp(): void {
    this.#isAsleep = false;
  }

  listen(listener: (frame: CanFrame) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A frame that the adapter puts on the bus. */
  transmit(frame: CanFrame): void {
    if (this.#isAsleep) return;
    for (const ecu of this.#ecus) ecu.receive(frame);
    if (this.#random.chance(this.#faults.chatter ?? 0)) this.#chatter();
  }

  #plan(ecu: EcuModel, request: Uint8Array): EcuPlan {
    const faults = this.#faults;
    const afterMs = this.#random.integer(5, 25);
    if (this.#random.chance(faults.unanswered ?? 0)) return { messages: [] };
    const service = request[0] ?? 0;
    if (this.#random.chance(faults.refused ?? 0)) {
      return { messages: [{ afterMs, message: Uint8Array.of(0x7f, service, 0x22) }] };
    }
    const message = answerRequest(ecu, request, this.#battery);
    if (!this.#random.chance(faults.pending ?? 0)) return { messages: [{ afterMs, message }] };
    const notice = Uint8Array.of(0x7f, service, 0x78);
    return {
      messages: [
        { afterMs, message: notice },
        { afterMs: afterMs + (faults.pendingMs ?? 400), message },
      ],
    };
  }

  /** A reply of another unit to another tester, as its first frame and two more. */
  #chatter(): void {
    const frames = [
      [0x10, 0x14, 0x62, 0x01, 0x01, 0xff, 0xff, 0xff],
      [0x21, 1, 2, 3, 4, 5, 6, 7],
      [0x22, 8, 9, 10, 11, 12, 13, 14],
    ];
    frames.forEach((bytes, index) => {
      this.#clock.wakeAt(this.#clock.monotonicMs() + 6 + 5 * index, () => {
        const frame: CanFrame = { idBits: 11, id: 0x7eb, bytes: Uint8Array.from(bytes) };
        for (const listener of this.#listeners) listener(frame);
      });
    });
  }
}
