/**
 * A CAN interface of this machine as a CAN bus, through the optional package `socketcan`. The interface is set up by
 * the system beforehand: `ip link set can0 up type can bitrate 500000 restart-ms 100`.
 *
 * This was never run on a machine with CAN: it is tested against a stand-in for the package, made from the package's
 * own description.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { CanBus, CanBusFault, CanFrame } from "#hal/ports/can-bus.ts";
import { CanDriverError, loadSocketCan, type RawChannel, type SocketCanPackage } from "./load-socket-can.ts";

/** @throws CanDriverError when the package or the interface is not there. */
export async function openSocketCan(
  interfaceName: string,
  load: () => Promise<SocketCanPackage> = loadSocketCan,
): Promise<CanBus> {
  const socketCan = await load();
  try {
    return new SocketCanBus(interfaceName, socketCan);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot open ${interfaceName}: ${reason}; is it there and up, see \`ip -details link show\`?`;
    throw new CanDriverError("CAN_INTERFACE_UNAVAILABLE", message, error);
  }
}

class SocketCanBus implements CanBus {
  readonly endpoint: string;
  readonly #channel: RawChannel;
  readonly #listeners = new Set<(frame: CanFrame) => void>();
  #isClosed = false;
  #busOff: string | undefined;

  constructor(interfaceName: string, socketCan: SocketCanPackage) {
    this.endpoint = interfaceName;
    // Blocking would stop the whole gateway while nobody on the bus acknowledges.
    this.#channel = socketCan.createRawChannelWithOptions(interfaceName, { timestamps: false, non_block_send: true });
    this.#channel.addListener("onMessage", (message) => {
      this.#receive(message);
    });
    this.#channel.addListener("onStopped", () => {
      this.#busOff ??= "the interface went down";
    });
    this.#channel.setErrorFilters(ERROR_MASK);
    this.#channel.start();
  }

  send(frame: CanFrame): Promise<Result<void, CanBusFault>> {
    if (this.#isClosed) return Promise.resolve(fail({ code: "CAN_CLOSED" }));
    if (this.#busOff !== undefined) return Promise.resolve(fail({ code: "CAN_BUS_OFF", reason: this.#busOff }));
    try {
      const { id, idBits, bytes } = frame;
      this.#channel.send({ id, ext: idBits === 29, rtr: false, data: Buffer.from(bytes) });
      return Promise.resolve(ok(undefined));
    } catch (error) {
      return Promise.resolve(fail(faultOf(error)));
    }
  }

  onFrame(listener: (frame: CanFrame) => void): () => void {
    // Each call is a registration of its own, also of one listener given twice.
    const registered = (frame: CanFrame): void => {
      listener(frame);
    };
    this.#listeners.add(registered);
    return () => {
      this.#listeners.delete(registered);
    };
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    this.#listeners.clear();
    try {
      this.#channel.stop();
    } catch {
      // A channel that has stopped by itself says so by throwing; it is closed all the same.
    }
    return Promise.resolve();
  }

  #receive(message: unknown): void {
    if (this.#isClosed) return;
    const heard = readMessage(message);
    if (heard === undefined) return;
    if (heard.kind === "error") {
      if ((heard.mask & BUS_OFF) !== 0) this.#busOff = "too many errors on the bus";
      if ((heard.mask & RESTARTED) !== 0) this.#busOff = undefined;
      return;
    }
    this.#busOff = undefined;
    for (const listener of [...this.#listeners]) listener({ ...heard.frame, bytes: heard.frame.bytes.slice() });
  }
}

/** Linux, include/uapi/linux/can/error.h: the controller has given up, and has begun anew. */
const BUS_OFF = 0x40;
const RESTARTED = 0x100;
const ERROR_MASK = BUS_OFF | RESTARTED;
const FRAME_BYTES_MAX = 8;

type Heard =
  { readonly kind: "frame"; readonly frame: CanFrame } | { readonly kind: "error"; readonly mask: number } | undefined;

/** Data frames and error frames; remote requests and longer frames of CAN FD are none of ours. */
function readMessage(message: unknown): Heard {
  if (typeof message !== "object" || message === null || !("id" in message) || typeof message.id !== "number") {
    return undefined;
  }
  const { id } = message;
  if ("err" in message && message.err === true) return { kind: "error", mask: id };
  if (!("data" in message) || !(message.data instanceof Uint8Array) || message.data.length > FRAME_BYTES_MAX) {
    return undefined;
  }
  if ("rtr" in message && message.rtr === true) return undefined;
  const idBits = "ext" in message && message.ext === true ? 29 : 11;
  return { kind: "frame", frame: { idBits, id, bytes: Uint8Array.from(message.data) } };
}

function faultOf(error: unknown): CanBusFault {
  const reason = error instanceof Error ? error.message : String(error);
  // The system does not say how many frames wait.
  if (/ENOBUFS|EAGAIN|buffer/i.test(reason)) return { code: "CAN_QUEUE_FULL", waitingFrames: 1 };
  return { code: "CAN_BUS_OFF", reason };
}
