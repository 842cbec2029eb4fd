/**
 * One request on the bus as the adapter performs it: the frame out, flow control for long answers, and the wait for
 * more until nothing has come for the timeout, or until as many lines have come as were expected.
 */
import type { CanFrame } from "#hal/ports/can-bus.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { AdaptiveTiming } from "./adaptive-timing.ts";
import { type AdapterSettings, requestId } from "./adapter-settings.ts";
import type { SimulatedCar } from "./simulated-car.ts";

export interface BusRequestDependencies {
  readonly clock: Clock;
  readonly car: SimulatedCar;
  readonly timing: AdaptiveTiming;
}

export interface BusRequestEvents {
  onFrame(frame: CanFrame): void;
  /** The wait is over. */
  onEnd(frames: number): void;
}

export interface RequestOnBus {
  readonly idBits: 11 | 29;
  /** With its length in front where the adapter formats. */
  readonly content: readonly number[];
  readonly framesMax: number;
}

export class BusRequest {
  readonly #dependencies: BusRequestDependencies;
  readonly #settings: AdapterSettings;
  readonly #events: BusRequestEvents;
  #request: RequestOnBus = { idBits: 11, content: [], framesMax: Infinity };
  #frames = 0;
  #sentAtMs = 0;
  #latencyMs = 0;
  #unlisten: () => void = () => undefined;
  #cancelTimeout: Cancel = () => undefined;

  constructor(dependencies: BusRequestDependencies, settings: AdapterSettings, events: BusRequestEvents) {
    this.#dependencies = dependencies;
    this.#settings = settings;
    this.#events = events;
  }

  start(request: RequestOnBus): void {
    const { car, clock } = this.#dependencies;
    this.#request = request;
    this.#sentAtMs = clock.monotonicMs();
    this.#unlisten = car.listen((frame) => {
      this.#receive(frame);
    });
    this.#waitOn();
    this.#transmit(requestId(this.#settings, request.idBits), request.content);
  }

  stop(): void {
    this.#unlisten();
    this.#cancelTimeout();
  }

  #transmit(id: number, content: readonly number[]): void {
    const { extension } = this.#settings;
    this.#put(id, extension === null ? content : [extension, ...content]);
  }

  #put(id: number, content: ArrayLike<number>): void {
    const bytes = new Uint8Array(8);
    bytes.set(content);
    this.#dependencies.car.transmit({ idBits: this.#request.idBits, id, bytes });
  }

  #receive(frame: CanFrame): void {
    if (frame.idBits !== this.#request.idBits || !this.#passesFilter(frame)) return;
    if (this.#frames === 0) this.#latencyMs = this.#dependencies.clock.monotonicMs() - this.#sentAtMs;
    this.#frames += 1;
    this.#waitOn();
    const control = frame.bytes[this.#settings.extension === null ? 0 : 1] ?? 0;
    if (control >> 4 === 1 && this.#settings.automaticFlow) this.#sendFlowControl(frame.id);
    this.#events.onFrame(frame);
    if (this.#frames >= this.#request.framesMax) this.#finish();
  }

  /** Without a filter of its own the adapter takes all that looks like a diagnostic answer. */
  #passesFilter(frame: CanFrame): boolean {
    const { filter } = this.#settings;
    if (filter !== null) return (frame.id & filter.mask) === (filter.id & filter.mask);
    return frame.idBits === 29 || frame.id >= 0x600;
  }

  #sendFlowControl(from: number): void {
    const { flowMode, flowHeader, flowData, flowPairs } = this.#settings;
    const automaticId = flowPairs.get(from) ?? automaticFlowId(from, this.#request.idBits);
    const id = flowMode === 1 ? flowHeader : automaticId;
    const data = flowMode === 0 ? Uint8Array.of(0x30, 0, 0) : flowData;
    if (flowMode < 0 || id === null || data === null) return;
    // Data of our own hold the extended address too (ELM327 data sheet, "Altering Flow Control Messages").
    if (flowMode === 0) this.#transmit(id, [...data]);
    else this.#put(id, data);
  }

  #waitOn(): void {
    const { clock, timing } = this.#dependencies;
    this.#cancelTimeout();
    this.#cancelTimeout = clock.wakeAt(clock.monotonicMs() + timing.waitMs(this.#settings), () => {
      this.#finish();
    });
  }

  #finish(): void {
    this.stop();
    if (this.#frames === 0) this.#dependencies.timing.forget();
    else this.#dependencies.timing.learn(this.#latencyMs);
    this.#events.onEnd(this.#frames);
  }
}

/**
 * ISO 15765-4: the answers 7E8 to 7EF belong to the requests 7E0 to 7E7; 18 DA F1 xx to 18 DA xx F1. Others have no
 * rule.
 */
function automaticFlowId(from: number, idBits: 11 | 29): number | null {
  if (idBits === 11) return from >= 0x7e8 && from <= 0x7ef ? from - 8 : null;
  return from >>> 8 === 0x18daf1 ? 0x18da00f1 + (from & 0xff) * 256 : null;
}
