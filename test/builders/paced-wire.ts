/** A serial line in simulated time on which each byte takes as long as it takes at the line's speed. */
import { ok, type Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";

export interface PacedWire {
  readonly ours: PacedEnd;
  readonly theirs: PacedEnd;
}

export function pacedWire(clock: Clock, characterMs: number): PacedWire {
  const [ours, theirs] = [new PacedEnd(clock, characterMs), new PacedEnd(clock, characterMs)];
  ours.peer = theirs;
  theirs.peer = ours;
  return { ours, theirs };
}

export class PacedEnd implements ByteLink {
  readonly endpoint = "paced wire";
  readonly #clock: Clock;
  readonly #characterMs: number;
  peer: PacedEnd | undefined;
  #listener: ByteLinkListener | undefined;
  #freeAtMs = 0;
  /** Sent by this end, and the times at which its sending began and ended. */
  bytes = 0;
  readonly writes: (readonly [fromMs: number, toMs: number])[] = [];

  constructor(clock: Clock, characterMs: number) {
    this.#clock = clock;
    this.#characterMs = characterMs;
  }

  get isOpen(): boolean {
    return this.#listener !== undefined;
  }

  open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    this.#listener = listener;
    return Promise.resolve(ok(undefined));
  }

  write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    const fromMs = Math.max(this.#freeAtMs, this.#clock.monotonicMs());
    for (const [index, byte] of bytes.entries()) {
      this.#clock.wakeAt(fromMs + (index + 1) * this.#characterMs, () => {
        this.peer?.take(byte);
      });
    }
    this.#freeAtMs = fromMs + bytes.length * this.#characterMs;
    this.bytes += bytes.length;
    this.writes.push([fromMs, this.#freeAtMs]);
    return Promise.resolve(ok(undefined));
  }

  take(byte: number): void {
    this.#listener?.onData(Uint8Array.of(byte));
  }

  close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose("closed");
    return Promise.resolve();
  }
}
