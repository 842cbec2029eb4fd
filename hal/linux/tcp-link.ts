/** A TCP connection as a byte link: Wi-Fi OBD adapters, serial servers, and meters behind a gateway. */
import { connect, type Socket } from "node:net";

import { assert } from "#base/assert.ts";
import { ok, type Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener } from "#hal/ports/byte-link.ts";
import { CLOSED_BY_OWNER, linkClosed, LinkSession, linkUnreachable } from "./link-session.ts";

export interface TcpEndpoint {
  readonly host: string;
  readonly port: number;
}

/** A device in the same building answers within milliseconds; the system's own limit is over two minutes. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Silence after which the system asks whether a peer that lost its power is still there. */
const KEEP_ALIVE_AFTER_MS = 10_000;

export class TcpLink implements ByteLink {
  readonly #endpoint: TcpEndpoint;
  #socket: Socket | undefined;
  #session: LinkSession | undefined;

  constructor(endpoint: TcpEndpoint) {
    this.#endpoint = endpoint;
  }

  get endpoint(): string {
    return `${this.#endpoint.host}:${this.#endpoint.port}`;
  }

  get isOpen(): boolean {
    return this.#session?.isOpen ?? false;
  }

  async open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    assert(this.#socket === undefined, "a TCP link is opened once at a time");
    this.#session = undefined;
    const { host, port } = this.#endpoint;
    const socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    });
    this.#socket = socket;
    const refusal = await connected(socket);
    if (this.#socket !== socket) return linkClosed(CLOSED_BY_OWNER);
    if (refusal !== undefined) {
      this.#socket = undefined;
      return linkUnreachable(refusal);
    }
    const session = new LinkSession(listener);
    this.#session = session;
    let reason = "closed by the peer";
    socket.on("error", (error) => {
      reason = error.message;
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      session.end(reason);
    });
    socket.on("data", (chunk: Buffer) => {
      session.deliver(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    });
    return ok(undefined);
  }

  async write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    const socket = this.#socket;
    if (socket === undefined || this.#session === undefined) return linkClosed("the link is closed");
    return await this.#session.write((done) => socket.write(bytes, done));
  }

  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#session?.end(CLOSED_BY_OWNER);
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
      });
      socket.destroy();
    });
  }
}

/** Resolves to undefined when the connection stands, or to the reason why it does not. */
function connected(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let reason = "closed while connecting";
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      reason = `no connection within ${CONNECT_TIMEOUT_MS} ms`;
      socket.destroy();
    });
    const remember = (error: Error): void => {
      reason = error.message;
    };
    const giveUp = (): void => {
      resolve(reason);
    };
    socket.once("error", remember);
    socket.once("close", giveUp);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", remember);
      socket.off("close", giveUp);
      resolve(undefined);
    });
  });
}
