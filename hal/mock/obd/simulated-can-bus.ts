/** The CAN port's twin: a driver with its own transport protocol, straight on the simulated car's bus. */
import { fail, ok, type Result } from "#base/result.ts";
import type { CanBus, CanBusFault, CanFrame } from "#hal/ports/can-bus.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { SimulatedCar } from "./simulated-car.ts";

export interface CanTraffic {
  /** Frames a second that have nothing to do with diagnosis, as any bus of a car is full of; 0 by default. */
  readonly perSecond?: number;
  readonly seed?: number | string;
}

/** The controller's queue: the default of SocketCAN's `txqueuelen`. */
const QUEUE_FRAMES_MAX = 10;
/** Time on the wire of a frame of 8 bytes at 500 kbit/s. */
const FRAME_MS = 0.25;

export class SimulatedCanBus implements CanBus {
  readonly endpoint = "simulated can";
  readonly #clock: Clock;
  readonly #car: SimulatedCar;
  readonly #random: SeededRandom;
  readonly #intervalMs: number;
  readonly #listeners = new Set<(frame: CanFrame) => void>();
  readonly #unlisten: () => void;
  #cancelTraffic: () => void = () => undefined;
  #freeAtMs = 0;
  #waiting = 0;
  #isClosed = false;

  constructor(dependencies: { readonly clock: Clock; readonly car: SimulatedCar }, traffic: CanTraffic = {}) {
    this.#clock = dependencies.clock;
    this.#car = dependencies.car;
    this.#random = new SeededRandom(traffic.seed ?? "traffic");
    this.#intervalMs = 1000 / (traffic.perSecond ?? 0);
    this.#unlisten = this.#car.listen((frame) => {
      this.#deliver(frame);
    });
    this.#scheduleTraffic();
  }

  send(frame: CanFrame): Promise<Result<void, CanBusFault>> {
    if (this.#isClosed) return Promise.resolve(fail({ code: "CAN_CLOSED" }));
    if (this.#car.isBusCut) return Promise.resolve(fail({ code: "CAN_BUS_OFF", reason: "no acknowledgement" }));
    if (this.#waiting >= QUEUE_FRAMES_MAX) {
      return Promise.resolve(fail({ code: "CAN_QUEUE_FULL", waitingFrames: this.#waiting }));
    }
    const sent = { ...frame, bytes: frame.bytes.slice() };
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#clock.monotonicMs()) + FRAME_MS;
    this.#waiting += 1;
    this.#clock.wakeAt(this.#freeAtMs, () => {
      this.#waiting -= 1;
      this.#car.transmit(sent);
    });
    return Promise.resolve(ok(undefined));
  }

  onFrame(listener: (frame: CanFrame) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#unlisten();
    this.#cancelTraffic();
    this.#listeners.clear();
    return Promise.resolve();
  }

  #deliver(frame: CanFrame): void {
    for (const listener of [...this.#listeners]) listener({ ...frame, bytes: frame.bytes.slice() });
  }

  #scheduleTraffic(): void {
    if (!Number.isFinite(this.#intervalMs)) return;
    const delayMs = this.#intervalMs * this.#random.between(0.5, 1.5);
    this.#cancelTraffic = this.#clock.wakeAt(this.#clock.monotonicMs() + delayMs, () => {
      const bytes = Uint8Array.from({ length: 8 }, () => this.#random.integer(0, 255));
      if (!this.#car.isBusCut) this.#deliver({ idBits: 11, id: this.#random.integer(0x100, 0x5ff), bytes });
      this.#scheduleTraffic();
    });
  }
}
