/**
 * Raw frames on a CAN bus, classic format of ISO 11898-1: what a SocketCAN interface gives, without any transport
 * protocol above it.
 *
 * What callers may rely on: `send` resolves when the controller has taken the frame, and frames leave in the order of
 * the calls; a frame of ours does not come back to us; frames reach every listener in the order of the bus, never from
 * within `send` or `onFrame`, and as copies that the listener may keep; a bus that fails answers CAN_BUS_OFF until it
 * is well again, without losing its listeners; `close` is safe at any time, after it no listener is called and every
 * `send` answers CAN_CLOSED.
 */
import type { Result } from "#base/result.ts";

export interface CanBus {
  /** For messages to people, such as `can0`. */
  readonly endpoint: string;
  send(frame: CanFrame): Promise<Result<void, CanBusFault>>;
  /** Calls the listener with every frame that others send from now on. The returned function ends that. */
  onFrame(listener: (frame: CanFrame) => void): () => void;
  close(): Promise<void>;
}

export interface CanFrame {
  /** Width of the identifier: base or extended format. */
  readonly idBits: 11 | 29;
  readonly id: number;
  /** At most 8. */
  readonly bytes: Uint8Array;
}

export type CanBusFault =
  | { readonly code: "CAN_CLOSED" }
  /** Nobody acknowledges, the bit rate is another one, or the wires are cut. */
  | { readonly code: "CAN_BUS_OFF"; readonly reason: string }
  /** The controller's own queue is full; the frame was not taken. */
  | { readonly code: "CAN_QUEUE_FULL"; readonly waitingFrames: number };
