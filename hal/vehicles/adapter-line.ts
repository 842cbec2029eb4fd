/** Pumps one command exchange: bytes from the link, deadlines from the clock, one promise a command. */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault } from "#hal/ports/byte-link.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { asciiBytes } from "#hal/protocols/ascii.ts";
import { CommandExchange, type ExchangeEffect } from "#hal/protocols/obd/elm327/command-exchange.ts";

export type LineFault =
  | { readonly code: "LINE_CLOSED"; readonly reason: string }
  /** No reply in time. `isAnswering`: it answers again, but in which state is unknown. */
  | { readonly code: "LINE_SILENT"; readonly isAnswering: boolean; readonly waitedMs: number };

type Settle = (result: Result<string, LineFault>) => void;

export class AdapterLine {
  readonly #link: ByteLink;
  readonly #clock: Clock;
  readonly #exchange = new CommandExchange();
  readonly #onReboot: () => void;
  #settle: Settle | undefined;
  #wake: { readonly atMs: number; readonly cancel: Cancel } | undefined;

  /** `onReboot` is called when the adapter loses its settings between two commands, or with the link. */
  constructor(dependencies: { readonly link: ByteLink; readonly clock: Clock }, onReboot: () => void) {
    this.#link = dependencies.link;
    this.#clock = dependencies.clock;
    this.#onReboot = onReboot;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  async open(): Promise<Result<void, ByteLinkFault>> {
    this.#exchange.reset();
    return await this.#link.open({
      onData: (bytes) => {
        this.#apply(this.#exchange.acceptBytes(bytes, this.#clock.monotonicMs()));
      },
      onClose: (reason) => {
        this.#exchange.reset();
        this.#onReboot();
        this.#arm();
        this.#end(fail({ code: "LINE_CLOSED", reason }));
      },
    });
  }

  /** The text up to the prompt. Settles within the timeout and the time it takes to get the adapter back. */
  exchange(command: string, timeoutMs: number): Promise<Result<string, LineFault>> {
    assert(this.#settle === undefined, "one command is in flight at a time");
    if (!this.#link.isOpen) return Promise.resolve(fail({ code: "LINE_CLOSED", reason: "the link is closed" }));
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#apply(this.#exchange.start(command, this.#clock.monotonicMs(), timeoutMs));
    });
  }

  /** Whether the adapter answers and is in step again; its settings are what they were. */
  async resync(): Promise<boolean> {
    assert(this.#settle === undefined, "one command is in flight at a time");
    const result = await new Promise<Result<string, LineFault>>((resolve) => {
      this.#settle = resolve;
      this.#apply(this.#exchange.resync(this.#clock.monotonicMs()));
    });
    return !result.ok && result.fault.code === "LINE_SILENT" && result.fault.isAnswering;
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  #apply(effects: readonly ExchangeEffect[]): void {
    for (const effect of effects) this.#applyOne(effect);
    this.#arm();
  }

  #applyOne(effect: ExchangeEffect): void {
    switch (effect.kind) {
      case "write":
        // A write that fails is followed by the link's end, which settles the command.
        void this.#link.write(asciiBytes(effect.text));
        return;
      case "replied":
        this.#end(ok(effect.text));
        return;
      case "failed":
        this.#end(fail({ code: "LINE_SILENT", isAnswering: effect.isAnswering, waitedMs: effect.waitedMs }));
        return;
      case "rebooted":
        this.#onReboot();
        return;
    }
  }

  #end(result: Result<string, LineFault>): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(result);
  }

  /** Each chunk puts the deadline off: a wake-up that comes too early for it is armed anew then, and not each time. */
  #arm(): void {
    const atMs = this.#exchange.deadlineMs;
    if (atMs !== undefined && this.#wake !== undefined && this.#wake.atMs <= atMs) return;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (atMs === undefined) return;
    const cancel = this.#clock.wakeAt(atMs, () => {
      this.#wake = undefined;
      this.#apply(this.#exchange.acceptDeadline(this.#clock.monotonicMs()));
    });
    this.#wake = { atMs, cancel };
  }
}
