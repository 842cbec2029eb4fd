/**
 * Keeps a line open: opens it, opens it again at growing distances when it fails or vanishes, and on request when it
 * is open but nothing good comes over it.
 */
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";

export interface LinkKeeperListener {
  onOpen(): void;
  onData(bytes: Uint8Array): void;
  /** It could not be opened, or is not open any more; it is tried again. */
  onDown(reason: string): void;
}

/** The first is short: a meter that was pulled for a moment is back soon. */
const TRY_AGAIN_AFTER_MS = [250, 500, 1_000, 2_000, 5_000] as const;

const CLOSE_MS_MAX = 3_000;

export class LinkKeeper {
  readonly #link: ByteLink;
  readonly #clock: Clock;
  readonly #listener: LinkKeeperListener;
  #isRunning = false;
  /** Each opening has its own: what an earlier one still says is not heard. */
  #opening = 0;
  #failures = 0;
  #cancel: Cancel = () => undefined;

  constructor(parts: { readonly link: ByteLink; readonly clock: Clock }, listener: LinkKeeperListener) {
    this.#link = parts.link;
    this.#clock = parts.clock;
    this.#listener = listener;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#open();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#opening += 1;
    this.#cancel();
    await this.#link.close();
  }

  /** Good news came over the line: when it fails the next time, it is tried again soon. */
  noteGood(): void {
    this.#failures = 0;
  }

  /** Closes the line and opens it again: what lies in an adapter that hangs goes with it. */
  async reopen(): Promise<void> {
    if (!this.#isRunning) return;
    this.#opening += 1;
    this.#cancel();
    await this.#close();
    await this.#open();
  }

  /** An adapter that hangs may hang in its close as well. */
  async #close(): Promise<void> {
    const { promise, end } = this.#after(CLOSE_MS_MAX);
    await Promise.race([this.#link.close(), promise]);
    end();
  }

  #after(ms: number): { readonly promise: Promise<void>; readonly end: Cancel } {
    let end: Cancel = () => undefined;
    const promise = new Promise<void>((resolve) => {
      end = this.#clock.wakeAt(this.#clock.monotonicMs() + ms, resolve);
    });
    return { promise, end };
  }

  async #open(): Promise<void> {
    if (!this.#isRunning) return;
    this.#opening += 1;
    const opening = this.#opening;
    const opened = await this.#link.open({
      onData: (bytes) => {
        if (this.#opening === opening) this.#listener.onData(bytes);
      },
      onClose: (reason) => {
        if (this.#opening === opening) this.#down(reason);
      },
    });
    if (this.#opening !== opening) return;
    if (opened.ok) this.#listener.onOpen();
    else this.#down(opened.fault.reason);
  }

  #down(reason: string): void {
    this.#opening += 1;
    const step = Math.min(this.#failures, TRY_AGAIN_AFTER_MS.length - 1);
    this.#failures += 1;
    this.#cancel = this.#clock.wakeAt(this.#clock.monotonicMs() + (TRY_AGAIN_AFTER_MS[step] ?? 0), () => {
      void this.#open();
    });
    this.#listener.onDown(reason);
  }
}
