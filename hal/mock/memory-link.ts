/**
 * Two byte links joined in memory, like the two ends of a cable. Bytes arrive later, in pieces cut at random places,
 * and are lost while the other end is not open, as on a serial line. The cable can be cut and mended.
 */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface MemoryCable {
  readonly left: MemoryLink;
  readonly right: MemoryLink;
  /** Both open ends close with the reason, what is under way is lost, and neither opens again before `mend`. */
  cut(reason: string): void;
  mend(): void;
}

export interface MemoryCableSettings {
  readonly clock: Clock;
  readonly seed: number | string;
  /** From a write to its first piece, and from piece to piece. */
  readonly delayMs?: number;
  readonly pieceBytesMax?: number;
}

export function joinMemoryLinks(settings: MemoryCableSettings): MemoryCable {
  const left = new MemoryLink("memory:left", settings);
  const right = new MemoryLink("memory:right", settings);
  left.joinTo(right);
  right.joinTo(left);
  return {
    left,
    right,
    cut: (reason) => {
      left.cut(reason);
      right.cut(reason);
    },
    mend: () => {
      left.mend();
      right.mend();
    },
  };
}

export class MemoryLink implements ByteLink {
  readonly endpoint: string;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #delayMs: number;
  readonly #pieceBytesMax: number;
  #peer: MemoryLink | undefined;
  #listener: ByteLinkListener | undefined;
  #cutReason: string | undefined;
  readonly #underWay: Piece[] = [];
  /** Counts openings, so that a piece sent to the last one does not reach this one. */
  #opening = 0;
  #lastPieceAtMs = Number.NEGATIVE_INFINITY;

  constructor(endpoint: string, settings: MemoryCableSettings) {
    this.endpoint = endpoint;
    this.#clock = settings.clock;
    this.#random = new SeededRandom(`${settings.seed}/${endpoint}`);
    this.#delayMs = settings.delayMs ?? 1;
    this.#pieceBytesMax = settings.pieceBytesMax ?? 24;
  }

  get isOpen(): boolean {
    return this.#listener !== undefined;
  }

  joinTo(peer: MemoryLink): void {
    this.#peer = peer;
  }

  open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    assert(this.#listener === undefined, "a memory link is opened once at a time");
    if (this.#cutReason !== undefined) {
      return Promise.resolve(fail({ code: "LINK_UNREACHABLE", reason: this.#cutReason }));
    }
    this.#listener = listener;
    this.#opening += 1;
    return Promise.resolve(ok(undefined));
  }

  write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    if (this.#listener === undefined) {
      return Promise.resolve(fail({ code: "LINK_CLOSED", reason: "the link is closed" }));
    }
    const peer = this.#peer;
    if (peer !== undefined) this.#sendPieces(peer, bytes.slice());
    return Promise.resolve(ok(undefined));
  }

  close(): Promise<void> {
    this.#end("closed by its owner");
    return Promise.resolve();
  }

  cut(reason: string): void {
    this.#cutReason = reason;
    this.#end(reason);
  }

  mend(): void {
    this.#cutReason = undefined;
  }

  #end(reason: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose(reason);
  }

  #sendPieces(peer: MemoryLink, bytes: Uint8Array): void {
    const opening = peer.#opening;
    let atMs = Math.max(this.#lastPieceAtMs, this.#clock.monotonicMs());
    for (let start = 0; start < bytes.length;) {
      const end = start + this.#random.integer(1, this.#pieceBytesMax);
      peer.#underWay.push({ bytes: bytes.subarray(start, end), opening });
      atMs += this.#delayMs;
      // Each wake-up takes the oldest piece and not its own: a clock that wakes two out of order cannot swap bytes.
      this.#clock.wakeAt(atMs, () => {
        peer.#receiveNext();
      });
      start = end;
    }
    this.#lastPieceAtMs = atMs;
  }

  #receiveNext(): void {
    const piece = this.#underWay.shift();
    if (piece?.opening === this.#opening) this.#listener?.onData(piece.bytes);
  }
}

interface Piece {
  readonly bytes: Uint8Array;
  /** Which opening of the receiver it was sent to. */
  readonly opening: number;
}
