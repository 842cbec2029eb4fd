/**
 * One request on the bus as the adapter performs it: the frame out, flow control for long answers, and the wait for
 * more until nothing has come for the timeout, or until as many lines have come as were expected.
 */
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { AdapterSettings } from "./adapter-settings.ts";
import type { CanFrame } from "./can-frame.ts";
import type { SimulatedCar } from "./simulated-car.ts";

export interface BusRequestEvents {
  onFrame(frame: CanFrame): void;
  /** The wait is over. */
  onEnd(frames: number): void;
}

export class BusRequest {
  readonly #clock: Clock;
  readonly #car: SimulatedCar;
  readonly #settings: AdapterSettings;
  readonly #events: BusRequestEvents;
  #framesMax = Infinity;
  #frames = 0;
  #unlisten: () => void = () => undefined;
  #cancelTimeout: Cancel = () => undefined;

  constructor(
    dependencies: { readonly clock: Clock; readonly car: SimulatedCar },
    settings: AdapterSettings,
    events: BusRequestEvents,
  ) {
    this.#clock = dependencies.clock;
    this.#car = dependencies.car;
    this.#settings = settings;
    this.#events = events;
  }

  start(request: Uint8Array, framesMax: number): void {
    this.#framesMax = framesMax;
    this.#unlisten = this.#car.listen((frame) => {
      this.#receive(frame);
    });
    this.#waitOn();
    this.#transmit(this.#settings.header, [request.length, ...request]);
  }

  stop(): void {
    this.#unlisten();
    this.#cancelTimeout();
  }

  get #idBits(): 11 | 29 {
    return this.#settings.protocol === "7" ? 29 : 11;
  }

  #transmit(id: number, content: readonly number[]): void {
    const bytes = new Uint8Array(8);
    bytes.set(this.#settings.extension === null ? content : [this.#settings.extension, ...content]);
    this.#car.transmit({ idBits: this.#idBits, id, bytes });
  }

  #receive(frame: CanFrame): void {
    if (frame.idBits !== this.#idBits || !this.#passesFilter(frame)) return;
    this.#frames += 1;
    this.#waitOn();
    const control = frame.bytes[this.#settings.extension === null ? 0 : 1] ?? 0;
    if (control >> 4 === 1) this.#sendFlowControl(frame.id);
    this.#events.onFrame(frame);
    if (this.#frames >= this.#framesMax) this.#finish();
  }

  /** Without a filter of its own the adapter takes all that looks like a diagnostic answer. */
  #passesFilter(frame: CanFrame): boolean {
    const { filter } = this.#settings;
    if (filter !== null) return frame.id === filter;
    return frame.idBits === 29 || frame.id >= 0x700;
  }

  #sendFlowControl(from: number): void {
    const { flowMode, flowHeader, flowData } = this.#settings;
    const automaticId = automaticFlowId(from, this.#idBits);
    const id = flowMode === 1 ? flowHeader : automaticId;
    const data = flowMode === 0 ? Uint8Array.of(0x30, 0, 0) : flowData;
    if (flowMode < 0 || id === null || data === null) return;
    const bytes = new Uint8Array(8);
    bytes.set(data);
    // Data of our own hold the extended address too (ELM327 data sheet, "Altering Flow Control Messages").
    if (flowMode === 0) this.#transmit(id, [...data]);
    else this.#car.transmit({ idBits: this.#idBits, id, bytes });
  }

  #waitOn(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = this.#clock.wakeAt(this.#clock.monotonicMs() + this.#settings.timeoutMs, () => {
      this.#finish();
    });
  }

  #finish(): void {
    this.stop();
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
