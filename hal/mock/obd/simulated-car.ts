/** The car at the other side of the diagnostic socket: its control units on one bus, and how they misbehave. */
import type { CanFrame } from "#hal/ports/can-bus.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { BatterySource } from "./battery-source.ts";
import { type CarModel, carModels } from "./car-model.ts";
import type { ControlUnit } from "./cars/control-unit.ts";
import { DiagnosticServer, NRC, refuse, type ServerFaults } from "./diagnostic-server.ts";
import { FaultCounter } from "./fault-counter.ts";
import { type EcuPlan, SimulatedEcu } from "./simulated-ecu.ts";

/** Probabilities, each from 0 to 1 a request. */
export interface CarFaults extends ServerFaults {
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
  /** Another unit answers the same request, frame by frame between those of the one that was asked. */
  readonly secondAnswer?: number;
}

interface Unit {
  readonly ecu: SimulatedEcu;
  readonly server: DiagnosticServer;
}

export class SimulatedCar {
  readonly faultsFired: FaultCounter;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #faults: CarFaults;
  readonly #description: readonly ControlUnit[];
  readonly #units: readonly Unit[];
  readonly #listeners = new Set<(frame: CanFrame) => void>();
  #isAsleep = false;
  #isCut = false;

  constructor(
    dependencies: { readonly clock: Clock; readonly battery: BatterySource; readonly random: SeededRandom },
    model: CarModel,
    faults: CarFaults = {},
  ) {
    this.#clock = dependencies.clock;
    this.#random = dependencies.random;
    this.#faults = faults;
    this.#description = carModels[model].units;
    const fired = new FaultCounter();
    this.faultsFired = fired;
    const send = (frame: CanFrame): void => {
      this.#send(frame);
    };
    this.#units = this.#description.map((unit) => {
      const random = dependencies.random.fork(unit.name);
      const count = (fault: string): void => {
        fired.count(fault);
      };
      const server = new DiagnosticServer({ ...dependencies, random, count }, unit, faults);
      const ecu = new SimulatedEcu({ clock: this.#clock, send }, unit, (request) => this.#plan(server, request));
      return { ecu, server };
    });
  }

  /** Units that sleep answer nothing; their gateway still acknowledges frames. */
  fallAsleep(): void {
    this.#isAsleep = true;
    for (const { ecu, server } of this.#units) {
      ecu.reset();
      server.reset();
    }
  }

  wakeUp(): void {
    this.#isAsleep = false;
  }

  /** The wires are cut, or nobody is there to acknowledge: nothing can be sent at all. */
  cutBus(): void {
    this.#isCut = true;
  }

  mendBus(): void {
    this.#isCut = false;
  }

  get isBusCut(): boolean {
    return this.#isCut;
  }

  listen(listener: (frame: CanFrame) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A frame that an adapter puts on the bus. */
  transmit(frame: CanFrame): void {
    if (this.#isAsleep || this.#isCut) return;
    for (const { ecu } of this.#units) ecu.receive(frame);
    const isExtended = this.#description.some((unit) => unit.requestId === frame.id && unit.extension !== undefined);
    const content = frame.bytes.subarray(isExtended ? 1 : 0);
    // A flow control frame is no request.
    if ((content[0] ?? 0) >> 4 !== 0) return;
    if (this.#fires("chatter")) this.#chatter(frame.idBits, 6, CHATTER);
    if (this.#fires("secondAnswer")) this.#chatter(frame.idBits, 5, secondAnswer(content));
  }

  #plan(server: DiagnosticServer, request: Uint8Array): EcuPlan {
    const afterMs = this.#random.integer(5, 25);
    const service = request[0] ?? 0;
    if (this.#fires("unanswered")) return { messages: [] };
    if (this.#fires("refused")) return { messages: [{ afterMs, message: refuse(service, NRC.conditionsNotCorrect) }] };
    const message = server.answer(request);
    if (message === undefined) return { messages: [] };
    if (!this.#fires("pending")) return { messages: [{ afterMs, message }] };
    const notice = refuse(service, NRC.responsePending);
    return {
      messages: [
        { afterMs, message: notice },
        { afterMs: afterMs + (this.#faults.pendingMs ?? 400), message },
      ],
    };
  }

  #fires(fault: "pending" | "refused" | "unanswered" | "chatter" | "secondAnswer"): boolean {
    const fires = this.#random.chance(this.#faults[fault] ?? 0);
    if (fires) this.faultsFired.count(fault);
    return fires;
  }

  /** Frames of a unit that is none of the car's that were described. */
  #chatter(idBits: 11 | 29, afterMs: number, frames: readonly (readonly number[])[]): void {
    const id = idBits === 11 ? 0x7eb : 0x18daf1e5;
    frames.forEach((bytes, index) => {
      this.#clock.wakeAt(this.#clock.monotonicMs() + afterMs + 5 * index, () => {
        this.#send({ idBits, id, bytes: Uint8Array.from(bytes) });
      });
    });
  }

  #send(frame: CanFrame): void {
    if (this.#isCut) return;
    for (const listener of [...this.#listeners]) listener(frame);
  }
}

/** A reply to another tester, as its first frame and two more. */
const CHATTER = [
  [0x10, 0x14, 0x62, 0x01, 0x01, 0xff, 0xff, 0xff],
  [0x21, 1, 2, 3, 4, 5, 6, 7],
  [0x22, 8, 9, 10, 11, 12, 13, 14],
];

/** A whole reply to the very request, of 20 bytes that mean something else there. */
function secondAnswer([, service = 0, high = 0, low = 0]: Uint8Array): readonly (readonly number[])[] {
  return [
    [0x10, 0x14, (service + 0x40) & 0xff, high, low, 0, 0, 0],
    [0x21, 0, 0, 0, 0, 0, 0, 0],
    [0x22, 0, 0, 0, 0, 0, 0, 0],
  ];
}
