/**
 * One control unit on the simulated bus: an ISO 15765-2 sender that holds back its consecutive frames until it has a
 * valid flow control frame from the right identifier. Without one, only the first frame is ever seen.
 *
 * Written from the standard and not from the driver: it shares no code with `hal/protocols/obd`, so that a frame that
 * both had misunderstood would need the same mistake twice.
 */
import type { CanFrame } from "#hal/ports/can-bus.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { ControlUnit } from "./cars/control-unit.ts";

export interface EcuPlan {
  /** The messages to send, one after the other: a pending notice first, or none at all from a unit that is busy. */
  readonly messages: readonly { readonly afterMs: number; readonly message: Uint8Array }[];
}

interface Unsent {
  readonly frames: readonly Uint8Array[];
  /** Flow control is awaited until then (N_Bs). */
  readonly untilMs: number;
}

const FLOW_CONTROL_TIMEOUT_MS = 1_000;
/** No frame follows another in less than its own length, 0.25 ms at 500 kbit/s. */
const FRAME_MS = 0.25;

/** Functional addressing (ISO 15765-4): every unit hears these, and says only what it has to say. */
const EVERYBODY = { 11: 0x7df, 29: 0x18db33f1 } as const;

export class SimulatedEcu {
  readonly #clock: Clock;
  readonly #unit: ControlUnit;
  readonly #plan: (request: Uint8Array) => EcuPlan;
  readonly #send: (frame: CanFrame) => void;
  #unsent: Unsent | undefined;
  /** Counts requests: what an older one left over is not sent any more. */
  #request = 0;

  constructor(
    dependencies: { readonly clock: Clock; readonly send: (frame: CanFrame) => void },
    unit: ControlUnit,
    plan: (request: Uint8Array) => EcuPlan,
  ) {
    this.#clock = dependencies.clock;
    this.#send = dependencies.send;
    this.#unit = unit;
    this.#plan = plan;
  }

  receive(frame: CanFrame): void {
    if (frame.idBits !== this.#unit.idBits) return;
    const isMine =
      frame.id === this.#unit.requestId && frame.bytes[0] === (this.#unit.extension?.unit ?? frame.bytes[0]);
    const isForAll = this.#unit.extension === undefined && frame.id === EVERYBODY[frame.idBits];
    if (!isMine && !isForAll) return;
    const content = frame.bytes.subarray(this.#unit.extension === undefined ? 0 : 1);
    const control = content[0] ?? 0;
    const length = control & 0x0f;
    if (control >> 4 === 0 && length > 0 && length < content.length) {
      this.#answer(content.slice(1, 1 + length), isForAll);
    } else if (control >> 4 === 3 && isMine) {
      this.#continue(content);
    }
  }

  /** Whatever was under way is forgotten. */
  reset(): void {
    this.#request += 1;
    this.#unsent = undefined;
  }

  #answer(request: Uint8Array, isForAll: boolean): void {
    this.reset();
    const current = this.#request;
    for (const { afterMs, message } of this.#plan(request).messages) {
      // Refusals of a request to everybody are not said (ISO 14229-1, 8.7).
      if (isForAll && message[0] === 0x7f) continue;
      this.#clock.wakeAt(this.#clock.monotonicMs() + afterMs, () => {
        if (current === this.#request) this.#begin(message);
      });
    }
  }

  #begin(message: Uint8Array): void {
    const [first, ...rest] = segment(message, this.#unit.padding, this.#unit.extension?.tester);
    if (first === undefined) return;
    if (rest.length > 0) {
      this.#unsent = { frames: rest, untilMs: this.#clock.monotonicMs() + FLOW_CONTROL_TIMEOUT_MS };
    }
    this.#transmit(first);
  }

  /** A flow control frame (ISO 15765-2, 9.6.5): go on, this many frames (0: all), this long apart. */
  #continue(flowControl: Uint8Array): void {
    const unsent = this.#unsent;
    const [control = 0, block = 0, separation = 0] = flowControl;
    const nowMs = this.#clock.monotonicMs();
    if (unsent === undefined || flowControl.length < 3 || nowMs > unsent.untilMs) return;
    if (control === 0x31) this.#unsent = { ...unsent, untilMs: nowMs + FLOW_CONTROL_TIMEOUT_MS };
    if (control === 0x32) this.#unsent = undefined;
    if (control !== 0x30) return;
    const count = block === 0 ? unsent.frames.length : Math.min(block, unsent.frames.length);
    const left = unsent.frames.slice(count);
    const spacingMs = separationMs(separation);
    const untilMs = nowMs + count * spacingMs + FLOW_CONTROL_TIMEOUT_MS;
    this.#unsent = left.length === 0 ? undefined : { frames: left, untilMs };
    this.#sendSpaced(unsent.frames.slice(0, count), spacingMs, this.#request);
  }

  /**
   * One after the other, for two wake-ups of a real clock a quarter of a millisecond apart may come in either order;
   * and each at its own time, for such a clock may wake later than several are due.
   */
  #sendSpaced(frames: readonly Uint8Array[], spacingMs: number, request: number): void {
    const startMs = this.#clock.monotonicMs();
    let sent = 0;
    const sendDue = (): void => {
      while (request === this.#request && sent < frames.length && this.#clock.monotonicMs() >= dueMs()) {
        this.#transmit(frames[sent] ?? new Uint8Array());
        sent += 1;
      }
      if (request === this.#request && sent < frames.length) this.#clock.wakeAt(dueMs(), sendDue);
    };
    const dueMs = (): number => startMs + (sent + 1) * spacingMs;
    this.#clock.wakeAt(dueMs(), sendDue);
  }

  #transmit(bytes: Uint8Array): void {
    this.#send({ idBits: this.#unit.idBits, id: this.#unit.responseId, bytes });
  }
}

/** A message as frames of 8 bytes (ISO 15765-2); `target` is the byte in front of each where addresses are extended. */
export function segment(message: Uint8Array, padding: number, target?: number): readonly Uint8Array[] {
  const front = target === undefined ? [] : [target];
  const room = 8 - front.length;
  if (message.length < room) return [padded([...front, message.length, ...message], padding)];
  const firstLength = room - 2;
  const first = [...front, 0x10 | (message.length >> 8), message.length & 0xff, ...message.subarray(0, firstLength)];
  const frames = [padded(first, padding)];
  for (let start = firstLength; start < message.length; start += room - 1) {
    const part = message.subarray(start, start + room - 1);
    frames.push(padded([...front, 0x20 | (frames.length & 0x0f), ...part], padding));
  }
  return frames;
}

function padded(bytes: readonly number[], padding: number): Uint8Array {
  const frame = new Uint8Array(8).fill(padding);
  frame.set(bytes);
  return frame;
}

/** STmin (ISO 15765-2, 9.6.5.4): milliseconds, tenths of them from F1 to F9, and 127 ms for what is reserved. */
function separationMs(separation: number): number {
  if (separation <= 0x7f) return Math.max(separation, FRAME_MS);
  return separation >= 0xf1 && separation <= 0xf9 ? (separation - 0xf0) / 10 : 127;
}
