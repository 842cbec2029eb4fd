/** A simulated meter that speaks, on a TCP port as a serial server gives it, or at the end of a byte link. */
import { createServer, type Server, type Socket } from "node:net";

import { assert } from "#base/assert.ts";
import type { Result } from "#base/result.ts";
import type { MeterSource } from "#hal/mock/modbus/meter-source.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { ByteLink, ByteLinkFault } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { SimulatedPushMeter } from "./simulated-push-meter.ts";
import { SimulatedReadoutMeter } from "./simulated-readout-meter.ts";
import type { TelegramFaults } from "./telegram-faults.ts";
import { ASKED_IMAGES, PUSHED_IMAGES } from "./telegram-images.ts";

export interface TelegramMeterSettings {
  readonly model: string;
  readonly serialNumber: number;
  /** Of a meter that pushes. */
  readonly periodMs: number;
  readonly seed: string | number;
  readonly deviceAddress?: string;
  readonly reactionMs?: number;
}

export interface SimulatedTelegramMeter {
  readonly faults: TelegramFaults;
  /** As whoever reads it finds it; null where it does not say. */
  readonly shownSerialNumber: string | null;
  swap(serialNumber: number): void;
  receive(bytes: Uint8Array): void;
  start(): void;
  stop(): void;
}

export interface TelegramMeterParts {
  readonly source: MeterSource;
  readonly clock: Clock;
  readonly send: (bytes: Uint8Array) => void;
  readonly setBaud?: (baud: number) => void;
}

function makeTelegramMeter(parts: TelegramMeterParts, settings: TelegramMeterSettings): SimulatedTelegramMeter {
  const { model, serialNumber, periodMs, seed } = settings;
  const random = new SeededRandom(`${seed}/${model}`);
  const asked = ASKED_IMAGES[model];
  if (asked !== undefined) {
    const meter = new SimulatedReadoutMeter({ ...parts, image: asked, random }, settings);
    return {
      faults: meter.faults,
      shownSerialNumber: asked.shownSerialNumber(serialNumber),
      swap: (other) => {
        meter.swap(other);
      },
      receive: (bytes) => {
        meter.receive(bytes);
      },
      start: () => undefined,
      stop: () => {
        meter.stop();
      },
    };
  }
  const image = PUSHED_IMAGES[model];
  assert(image !== undefined, `there is a simulated meter of the model ${model}`);
  const meter = new SimulatedPushMeter({ ...parts, image, random }, { serialNumber, periodMs });
  return {
    faults: meter.faults,
    shownSerialNumber: image.shownSerialNumber(serialNumber),
    swap: (other) => {
      meter.swap(other);
    },
    receive: () => undefined,
    start: () => {
      meter.start();
    },
    stop: () => {
      meter.stop();
    },
  };
}

/** At the far end of a serial line. */
export async function attachTelegramMeter(
  link: ByteLink & { readonly setBaudRate?: (baud: number) => Promise<unknown> },
  parts: Pick<TelegramMeterParts, "source" | "clock"> & { readonly followsSpeed?: boolean },
  settings: TelegramMeterSettings,
): Promise<Result<SimulatedTelegramMeter, ByteLinkFault>> {
  const setBaud = parts.followsSpeed === true ? { setBaud: (baud: number) => void link.setBaudRate?.(baud) } : {};
  const meter = makeTelegramMeter({ ...parts, ...setBaud, send: (bytes) => void link.write(bytes) }, settings);
  const opened = await link.open({
    onData: (bytes) => {
      meter.receive(bytes);
    },
    onClose: () => undefined,
  });
  if (!opened.ok) return opened;
  meter.start();
  return { ok: true, value: meter };
}

/** On a TCP port of this machine; every client hears it. */
export class TelegramMeterServer {
  readonly meter: SimulatedTelegramMeter;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(parts: Pick<TelegramMeterParts, "source" | "clock">, settings: TelegramMeterSettings) {
    const send = (bytes: Uint8Array): void => {
      for (const socket of this.#sockets) socket.write(bytes);
    };
    this.meter = makeTelegramMeter({ ...parts, send }, settings);
  }

  /** Resolves to the port; 0 takes any free one. */
  async start(port: number): Promise<number> {
    const server = createServer((socket) => {
      this.#serve(socket);
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    this.meter.start();
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.meter.stop();
    for (const socket of this.#sockets) socket.destroy();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      this.meter.receive(new Uint8Array(chunk));
    });
  }
}
