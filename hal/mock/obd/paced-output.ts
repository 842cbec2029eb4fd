/** The adapter's transmitter: bytes leave in pieces cut anywhere, at the speed of the line. */
import type { Clock } from "#hal/ports/clock.ts";
import type { SeededRandom } from "../seeded-random.ts";

export interface PacedOutputSettings {
  /** Of an 8N1 line; null writes as fast as the receiver takes it. */
  readonly baudRate: number | null;
  readonly pieceBytesMax: number;
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
    for (const character of text) {
      this.#waiting.push(character.charCodeAt(0) & 0xff);
      if (this.#settings.nuls > 0 && this.#random.chance(this.#settings.nuls)) this.#waiting.push(0);
    }
    this.#sendNext();
  }

  clear(): void {
    this.#waiting = [];
    this.#sent = 0;
  }

  #sendNext(): void {
    if (this.#isSending || this.waitingBytes === 0) return;
    this.#isSending = true;
    const size = Math.min(this.#random.integer(1, this.#settings.pieceBytesMax), this.waitingBytes);
    const { baudRate } = this.#settings;
    const durationMs = baudRate === null ? 0 : (size * 10_000) / baudRate;
    this.#clock.wakeAt(this.#clock.monotonicMs() + durationMs, () => {
      this.#isSending = false;
      this.#sendPiece(size);
      this.#sendNext();
    });
  }

  #sendPiece(size: number): void {
    const piece = Uint8Array.from(this.#waiting.slice(this.#sent, this.#sent + size));
    this.#sent += piece.length;
    if (this.waitingBytes === 0) this.clear();
    if (piece.length > 0) this.#write(piece);
  }
}
