/** The cable between driver and simulated adapter, without a delay of its own: it can be pulled and put back. */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener } from "#hal/ports/byte-link.ts";

export class BenchLine implements ByteLink {
  readonly endpoint = "bench";
  /** Where written bytes go. */
  receive: (bytes: Uint8Array) => void = () => undefined;
  #listener: ByteLinkListener | undefined;
  #isPulled = false;

  get isOpen(): boolean {
    return this.#listener !== undefined;
  }

  open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    if (this.#isPulled) return Promise.resolve(fail({ code: "LINK_UNREACHABLE", reason: "nothing is plugged in" }));
    this.#listener = listener;
    return Promise.resolve(ok(undefined));
  }

  async write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    if (this.#listener === undefined) return fail({ code: "LINK_CLOSED", reason: "closed" });
    const copy = bytes.slice();
    await Promise.resolve();
    this.receive(copy);
    return ok(undefined);
  }

  /** From the adapter. */
  deliver(bytes: Uint8Array): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    queueMicrotask(() => {
      if (this.#listener === listener) listener.onData(bytes);
    });
  }

  close(): Promise<void> {
    this.#end("closed by its owner");
    return Promise.resolve();
  }

  pull(): void {
    this.#isPulled = true;
    this.#end("the adapter was pulled");
  }

  putBack(): void {
    this.#isPulled = false;
  }

  #end(reason: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose(reason);
  }
}
