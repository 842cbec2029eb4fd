/**
 * One control unit on the simulated bus: an ISO 15765-2 sender that holds back its consecutive frames until it has a
 * valid flow control frame from the right identifier. Without one, only the first frame is ever seen.
 */
import type { Clock } from "#hal/ports/clock.ts";
import type { CanFrame } from "./can-frame.ts";
import type { EcuModel } from "./car-model.ts";

export interface EcuPlan {
  /** The messages to send, one after the other: a pending notice first, or none at all from a unit that sleeps. */
  readonly messages: readonly { readonly afterMs: number; readonly message: Uint8Array }[];
}

interface Unsent {
  readonly frames: readonly Uint8Array[];
  /** Flow control is awaited until then (N_Bs). */
  readonly untilMs: number;
}

const FLOW_CONTROL_TIMEOUT_MS = 1_000;

export class SimulatedEcu {
  readonly #clock: Clock;
  readonly #model: EcuModel;
  readonly #plan: (request: Uint8Array) => EcuPlan;
  readonly #send: (frame: CanFrame) => void;
  #unsent: Unsent | undefined;
  /** Counts requests: what an older one left over is not sent any more. */
  #request = 0;

  constructor(
    dependencies: { readonly clock: Clock; readonly send: (frame: CanFrame) => void },
    model: EcuModel,
    plan: (request: Uint8Array) => EcuPlan,
  ) {
    this.#clock = dependencies.clock;
    this.#send = dependencies.send;
    this.#model = model;
    this.#plan = plan;
  }

  receive(frame: CanFrame): void {
    if (frame.idBits !== this.#model.idBits || frame.id !== this.#model.requestId) return;
    const control = frame.bytes[0] ?? 0;
    const length = control & 0x0f;
    if (control >> 4 === 0 && length > 0 && length < frame.bytes.length) {
      this.#answer(frame.bytes.slice(1, 1 + length));
    } else if (control >> 4 === 3) {
      this.#continue(frame.bytes);
    }
  }

  #answer(request: Uint8Array): void {
    this.#request += 1;
    this.#unsent = undefined;
    const current = this.#request;
    for (const { afterMs, message } of this.#plan(request).messages) {
      this.#clock.wakeAt(this.#clock.monotonicMs() + afterMs, () => {
        if (current === this.#request) this.#begin(message);
      });
    }
  }

  #begin(message: Uint8Array): void {
    const [first, ...rest] = segment(message, this.#model.padding);
    if (first === undefined) return;
    if (rest.length > 0) {
      this.#unsent = { frames: rest, untilMs: this.#clock.monotonicMs() + FLOW_CONTROL_TIMEOUT_MS };
    }
    this.#transmit(first);
  }

  /** A flow control frame: go on, this many frames (0: all), this long apart. */
  #continue(flowControl: Uint8Array): void {
    const unsent = this.#unsent;
    const [control, block = 0, separation = 0] = flowControl;
    if (unsent === undefined || flowControl.length < 3 || this.#clock.monotonicMs() > unsent.untilMs) return;
    // 31 would be wait, 32 overflow.
    if (control !== 0x30) return;
    const count = block === 0 ? unsent.frames.length : Math.min(block, unsent.frames.length);
    const left = unsent.frames.slice(count);
    this.#unsent = left.length === 0 ? undefined : { frames: left, untilMs: unsent.untilMs + FLOW_CONTROL_TIMEOUT_MS };
    // No frame follows another in less than its own length, 0.25 ms at 500 kbit/s.
    const spacingMs = separation <= 0x7f ? Math.max(separation, 0.25) : 1;
    this.#sendSpaced(unsent.frames.slice(0, count), spacingMs, this.#request);
  }

  /** One after the other: two wake-ups of a real clock a quarter of a millisecond apart may come in either order. */
  #sendSpaced(frames: readonly Uint8Array[], spacingMs: number, request: number): void {
    const [frame, ...rest] = frames;
    if (frame === undefined) return;
    this.#clock.wakeAt(this.#clock.monotonicMs() + spacingMs, () => {
      if (request !== this.#request) return;
      this.#transmit(frame);
      this.#sendSpaced(rest, spacingMs, request);
    });
  }

  #transmit(bytes: Uint8Array): void {
    this.#send({ idBits: this.#model.idBits, id: this.#model.responseId, bytes });
  }
}

/** A message as frames of 8 bytes (ISO 15765-2). */
export function segment(message: Uint8Array, padding: number): readonly Uint8Array[] {
  if (message.length <= 7) return [padded([message.length, ...message], padding)];
  const frames = [padded([0x10 | (message.length >> 8), message.length & 0xff, ...message.subarray(0, 6)], padding)];
  for (let start = 6; start < message.length; start += 7) {
    frames.push(padded([0x20 | (frames.length & 0x0f), ...message.subarray(start, start + 7)], padding));
  }
  return frames;
}

function padded(bytes: readonly number[], padding: number): Uint8Array {
  const frame = new Uint8Array(8).fill(padding);
  frame.set(bytes);
  return frame;
}
