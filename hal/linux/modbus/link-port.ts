/**
 * A byte link as the port that modbus-serial works on. The library makes the request frames, checks the answers'
 * checksum, unit and function and reads their registers; its own ports keep bytes of earlier answers, know no echo and
 * take a late answer for the next one, so this one stands in their place.
 */
import { EventEmitter } from "node:events";

import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Framing } from "#hal/protocols/modbus/framing.ts";

export interface PortWatcher {
  onBytes(): void;
  onLost(reason: string): void;
}

export class LinkPort extends EventEmitter {
  readonly #link: ByteLink;
  readonly #framing: Framing;
  #watcher: PortWatcher = { onBytes: ignore, onLost: ignore };
  #lostReason: string | undefined;

  constructor(link: ByteLink, framing: Framing) {
    super();
    this.#link = link;
    this.#framing = framing;
    // An error event that nobody listens to would end the process.
    this.on("error", ignore);
  }

  get isOpen(): boolean {
    return this.#link.isOpen && this.#lostReason === undefined;
  }

  get framing(): Framing {
    return this.#framing;
  }

  get lostReason(): string | undefined {
    return this.#lostReason;
  }

  watch(watcher: PortWatcher): void {
    this.#watcher = watcher;
  }

  /** Called by the library. */
  open(done: (error?: Error) => void): void {
    const listener = {
      onData: (bytes: Uint8Array) => {
        this.#receive(bytes);
      },
      onClose: (reason: string) => {
        this.#lose(reason);
      },
    };
    void this.#link.open(listener).then((opened) => {
      if (opened.ok) done();
      else done(new Error(opened.fault.reason));
    });
  }

  /** Called by the library with a whole request frame. */
  write(frame: Uint8Array): void {
    void this.#link.write(this.#framing.begin(frame)).then((written) => {
      if (!written.ok) this.#lose(written.fault.reason);
    });
  }

  /** Called by the library. */
  close(done?: () => void): void {
    void this.#link.close().then(() => done?.());
  }

  #receive(bytes: Uint8Array): void {
    const frame = this.#framing.receive(bytes);
    this.#watcher.onBytes();
    if (frame !== undefined) this.emit("data", Buffer.from(frame));
  }

  #lose(reason: string): void {
    if (this.#lostReason !== undefined) return;
    this.#lostReason = reason;
    this.#watcher.onLost(reason);
    this.emit("close");
  }
}

function ignore(): void {
  // Nobody watches yet, or any more.
}
