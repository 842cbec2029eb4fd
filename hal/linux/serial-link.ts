/**
 * A serial line of this machine as a byte link. The line is locked: a second program, or a second driver in this one,
 * cannot open it and steal half of the bytes.
 */
import { SerialPort } from "serialport";

import { assert } from "#base/assert.ts";
import { ok, type Result } from "#base/result.ts";
import type { ByteLinkFault, ByteLinkListener, SerialSettings, SpeedLink } from "#hal/ports/byte-link.ts";
import { CLOSED_BY_OWNER, linkClosed, LinkSession, linkUnreachable } from "./link-session.ts";
import { endOnHangUp } from "./serial-hang-up.ts";

export class SerialLink implements SpeedLink {
  readonly #settings: SerialSettings;
  #port: SerialPort | undefined;
  #session: LinkSession | undefined;

  constructor(settings: SerialSettings) {
    this.#settings = settings;
  }

  get endpoint(): string {
    return this.#settings.path;
  }

  get isOpen(): boolean {
    return this.#session?.isOpen ?? false;
  }

  async open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    assert(this.#port === undefined, "a serial link is opened once at a time");
    this.#session = undefined;
    const { path, baudRate, dataBits, parity, stopBits } = this.#settings;
    const port = new SerialPort({ path, baudRate, dataBits, parity, stopBits, lock: true, autoOpen: false });
    // An error event without a listener would end the process; while opening, the callback below tells the same.
    port.on("error", (error) => {
      this.#drop(port, error.message);
    });
    this.#port = port;
    const refusal = await new Promise<Error | null>((resolve) => {
      port.open(resolve);
    });
    if (this.#port !== port) {
      await closePort(port);
      return linkClosed(CLOSED_BY_OWNER);
    }
    if (refusal !== null) {
      this.#port = undefined;
      return linkUnreachable(refusal.message);
    }
    endOnHangUp(port);
    const session = new LinkSession(listener);
    this.#session = session;
    port.on("close", (error: Error | null) => {
      this.#drop(port, error?.message ?? "the line was closed");
    });
    port.on("data", (chunk: Buffer) => {
      session.deliver(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    });
    return ok(undefined);
  }

  async write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    const port = this.#port;
    if (port === undefined || this.#session === undefined) return linkClosed("the link is closed");
    return await this.#session.write((done) => port.write(bytes, undefined, done));
  }

  async setBaudRate(baudRate: number): Promise<Result<void, ByteLinkFault>> {
    const port = this.#port;
    if (port === undefined || this.#session === undefined) return linkClosed("the link is closed");
    return await this.#session.write((done) => {
      port.drain((failure) => {
        if (failure) done(failure);
        else port.update({ baudRate }, done);
      });
    });
  }

  async close(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    // Before the port itself, so that a device that hangs in its close cannot delay the news.
    this.#session?.end(CLOSED_BY_OWNER);
    if (port !== undefined) await closePort(port);
  }

  /** The line failed under us: an unplugged USB adapter, or the other end of a pseudo terminal gone. */
  #drop(port: SerialPort, reason: string): void {
    if (this.#port !== port || this.#session === undefined) return;
    this.#port = undefined;
    this.#session.end(reason);
    void closePort(port);
  }
}

function closePort(port: SerialPort): Promise<void> {
  if (!port.isOpen) return Promise.resolve();
  return new Promise((resolve) => {
    // A port that is gone cannot be closed; that is as good as closed.
    port.close(() => {
      resolve();
    });
  });
}
