/**
 * One opening of a byte link, from `open` to its end: keeps the duties of the ByteLink port that do not depend on the
 * medium. Data stops at the end, the end is told once, and no write stays pending after it.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLinkFault, ByteLinkListener } from "#hal/ports/byte-link.ts";

export type WriteDone = (error?: Error | null) => void;

export class LinkSession {
  readonly #listener: ByteLinkListener;
  readonly #pendingWrites = new Set<(reason: string) => void>();
  #ended = false;

  constructor(listener: ByteLinkListener) {
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  deliver(bytes: Uint8Array): void {
    if (!this.#ended) this.#listener.onData(bytes);
  }

  /** The first reason is the one that is told; later ones are consequences of it. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const give of this.#pendingWrites) give(reason);
    this.#pendingWrites.clear();
    this.#listener.onClose(reason);
  }

  /** Runs one write. A medium that forgets its callback when it is closed does not leave the caller waiting. */
  write(start: (done: WriteDone) => void): Promise<Result<void, ByteLinkFault>> {
    if (this.#ended) return Promise.resolve(linkClosed("the link is closed"));
    return new Promise((resolve) => {
      const giveUp = (reason: string): void => {
        resolve(linkClosed(reason));
      };
      this.#pendingWrites.add(giveUp);
      start((error) => {
        this.#pendingWrites.delete(giveUp);
        resolve(error ? linkClosed(error.message) : ok(undefined));
      });
    });
  }
}

export function linkClosed(reason: string): { readonly ok: false; readonly fault: ByteLinkFault } {
  return fail({ code: "LINK_CLOSED", reason });
}

export function linkUnreachable(reason: string): { readonly ok: false; readonly fault: ByteLinkFault } {
  return fail({ code: "LINK_UNREACHABLE", reason });
}

/** What a link says when it was its own owner who closed it. */
export const CLOSED_BY_OWNER = "closed by its owner";
