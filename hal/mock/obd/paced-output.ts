/** The adapter's transmitter: bytes leave in pieces cut anywhere, at the speed of the line or in notifications. */
import type { Clock } from "#hal/ports/clock.ts";
import type { SeededRandom } from "../seeded-random.ts";

export interface PacedOutputSettings {
  /** Of an 8N1 line; null writes as fast as the receiver takes it. */
  readonly baudRate: number | null;
  readonly pieceBytesMax: number;
  /** Every piece is as full as it can be, and leaves so long after the one before; null: pieces of any size. */
  readonly everyMs: readonly [number, number] | null;
  /** Probability of a NUL behind a byte. */
  readonly nuls: number;
}

export class PacedOutput {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #settings: PacedOutputSettings;
  #waiting: number[] = [];
  /** How many of them have left already: cutting off each piece would cost the square of a long text's length. */
  #sent = 0;
  #isSending = false;

  constructor(
    dependencies: {
      readonly clock: Clock;
      readonly random: SeededRandom;
      readonly write: (bytes: Uint8Array) => void;
    },
    settings: PacedOutputSettings,
  ) {
    this.#clock = dependencies.clock;
    this.#random = dependencies.random;
    this.#write = dependencies.write;
    this.#settings = settings;
  }

  get waitingBytes(): number {
    return this.#waiting.length - this.#sent;
  }

  push(text: string): void {
    const { nuls } = this.#settings;
    for (let index = 0; index < text.length; index += 1) {
      this.#waiting.push(text.charCodeAt(index) & 0xff);
      if (nuls > 0 && this.#random.chance(nuls)) this.#waiting.push(0);
    }
    this.#sendNext();
  }

  clear(): void {
    this.#waiting = [];
    this.#sent = 0;
  }

  /** Each piece at its own time: a real clock may wake later than several are due. */
  #sendNext(fromMs = this.#clock.monotonicMs()): void {
    if (this.#isSending || this.waitingBytes === 0) return;
    this.#isSending = true;
    const size = this.#pieceBytes();
    const atMs = fromMs + this.#durationMs(size);
    this.#clock.wakeAt(atMs, () => {
      this.#isSending = false;
      this.#sendPiece(size);
      while (this.#isInstant && this.waitingBytes > 0) this.#sendPiece(this.#pieceBytes());
      this.#sendNext(atMs);
    });
  }

  /** Nothing paces it: a wake-up for each piece would be a pace. */
  get #isInstant(): boolean {
    return this.#settings.baudRate === null && this.#settings.everyMs === null;
  }

  #pieceBytes(): number {
    const { pieceBytesMax, everyMs } = this.#settings;
    return everyMs === null ? Math.min(this.#random.integer(1, pieceBytesMax), this.waitingBytes) : pieceBytesMax;
  }

  #durationMs(bytes: number): number {
    const { baudRate, everyMs } = this.#settings;
    if (everyMs !== null) return this.#random.between(...everyMs);
    return baudRate === null ? 0 : (bytes * 10_000) / baudRate;
  }

  #sendPiece(size: number): void {
    const piece = new Uint8Array(Math.min(size, this.waitingBytes));
    for (let index = 0; index < piece.length; index += 1) piece[index] = this.#waiting[this.#sent + index] ?? 0;
    this.#sent += piece.length;
    if (this.waitingBytes === 0) this.clear();
    if (piece.length > 0) this.#write(piece);
  }
}
