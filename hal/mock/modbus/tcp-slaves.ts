/** Simulated units behind a Modbus TCP server on this machine. */
import { createServer, type Server, type Socket } from "node:net";

import { concatBytes } from "#base/bytes.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { answerRequest } from "./answer-request.ts";
import type { SimulatedUnit } from "./simulated-unit.ts";

export interface TcpSlavesParts {
  readonly clock: Clock;
  readonly units: ReadonlyMap<number, SimulatedUnit>;
}

export interface TcpSlavesOptions {
  readonly host: string;
  /** 0 takes any free one; `start` tells which. */
  readonly port: number;
}

const HEADER_BYTES = 6;
const BODY_BYTES_MAX = 254;

export class TcpSlaves {
  readonly #parts: TcpSlavesParts;
  readonly #options: TcpSlavesOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(parts: TcpSlavesParts, options: TcpSlavesOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Resolves to the port it listens on. */
  async start(): Promise<number> {
    const server = createServer((socket) => {
      this.#serve(socket);
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#options.port, this.#options.host, resolve);
    });
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : this.#options.port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.dropConnections();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  }

  /** As a gateway that tires of an idle client. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    let received: Uint8Array = new Uint8Array(0);
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      received = concatBytes(received, chunk);
      for (let length = packetLength(received); length <= received.length; length = packetLength(received)) {
        const body = received.subarray(HEADER_BYTES, length);
        if (body.length > BODY_BYTES_MAX) {
          socket.destroy();
          return;
        }
        this.#answer(socket, received.slice(0, HEADER_BYTES), body);
        received = received.slice(length);
      }
    });
  }

  #answer(socket: Socket, header: Uint8Array, request: Uint8Array): void {
    const { clock, units } = this.#parts;
    const id = request[0] ?? 0;
    const unit = units.get(id);
    const answer = unit === undefined ? undefined : answerRequest(unit, request.subarray(1));
    if (unit === undefined || answer === undefined) return;
    const { delayMs, badCrc, answersAsUnit } = unit.faults;
    const whole = concatBytes(Uint8Array.of(answersAsUnit ?? id), answer);
    const body = badCrc ? whole.subarray(0, -1) : whole;
    const packet = concatBytes(header.subarray(0, 4), Uint8Array.of(0, body.length), body);
    const send = (): void => {
      if (!socket.destroyed) socket.write(packet);
    };
    if (delayMs === 0) send();
    else clock.wakeAt(clock.monotonicMs() + delayMs, send);
  }
}

/** Infinity until the head of the packet is there. */
function packetLength(bytes: Uint8Array): number {
  const high = bytes[4];
  const low = bytes[5];
  return high === undefined || low === undefined ? Infinity : HEADER_BYTES + ((high << 8) | low);
}
