/**
 * The telegrams of a meter that pushes them. Bytes go to the decoder as they come; a pause ends what was begun; a line
 * that is open but brings nothing good is opened anew, since adapters hang.
 */
import type { ArrivalTime } from "#hal/meters/decode-reading.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { LinkKeeper } from "./link-keeper.ts";
import type { MeterDecoder, MeterTelegram } from "./meter-decoder.ts";
import { PERIODS_MAX } from "./telegram-model.ts";
import type { SourceListener, SourceStatus, TelegramSource, Unheard } from "./telegram-source.ts";
import { UnheardBytes } from "./unheard-bytes.ts";

export interface PushedParts {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly decoder: MeterDecoder;
}

/** Longer than any pause within a telegram, also of one whose frames come one by one over radio or TCP. */
const PAUSE_MS = 1_500;
/**
 * What comes in this time after the opening is not listened to: a serial server may have kept telegrams while nobody
 * was there, and gives them at once. They are old, and nothing in them says so.
 */
const STALE_MS = 100;
/** An adapter that hangs does so for longer, and opening it resets it. */
const WATCHDOG_MS_MIN = 5_000;
const WATCHDOG_MS_MAX = 300_000;

export class PushedTelegrams implements TelegramSource {
  readonly paceMs = 0;
  readonly #parts: PushedParts;
  readonly #listener: SourceListener;
  readonly #watchdogMs: number;
  readonly #keeper: LinkKeeper;
  readonly #unheard = new UnheardBytes();
  #status: SourceStatus = { kind: "opening" };
  #openedMs = 0;
  /** Of the first byte that the next chunk brings, in the decoder's stream. */
  #position = 0;
  #lastChunk: ArrivalTime | undefined;
  #cancelPause: Cancel | undefined;
  #cancelWatchdog: Cancel = () => undefined;
  #barks = 0;

  /** @param periodMs from one telegram of any kind to the next */
  constructor(parts: PushedParts, periodMs: number, listener: SourceListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#watchdogMs = Math.max(WATCHDOG_MS_MIN, PERIODS_MAX * periodMs);
    this.#keeper = new LinkKeeper(parts, {
      onOpen: () => {
        this.#opened();
      },
      onData: (bytes) => {
        this.#receive(bytes);
      },
      onDown: (reason) => {
        this.#down(reason);
      },
    });
  }

  get status(): SourceStatus {
    return this.#status;
  }

  get unheard(): Unheard {
    return this.#unheard;
  }

  start(): void {
    this.#keeper.start();
  }

  async stop(): Promise<void> {
    this.#endPause();
    this.#cancelWatchdog();
    await this.#keeper.stop();
  }

  #opened(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#openedMs = nowMs;
    // Who waits for a telegram does not wait longer because the line was opened once more in vain.
    if (this.#status.kind !== "listening") this.#status = { kind: "listening", sinceMs: nowMs + STALE_MS };
    this.#watch();
    this.#listener.onChange();
  }

  #down(reason: string): void {
    this.#cancelWatchdog();
    this.#forget();
    this.#status = { kind: "down", reason };
    this.#listener.onInterrupt();
    this.#listener.onChange();
  }

  #receive(bytes: Uint8Array): void {
    const { clock, decoder } = this.#parts;
    const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    if (now.monotonicMs - this.#openedMs < STALE_MS) return;
    const before = this.#lastChunk ?? now;
    const from = this.#position;
    this.#position += bytes.length;
    this.#lastChunk = now;
    this.#unheard.add(bytes, now.monotonicMs);
    for (const telegram of decoder.push(bytes)) {
      // Some telegrams are known to be complete only when the next begins; they were here before that.
      const isOfBefore = telegram.offset + telegram.lengthBytes <= from;
      this.#take(telegram, isOfBefore ? before : now);
    }
    this.#cancelPause ??= clock.wakeAt(now.monotonicMs + PAUSE_MS, () => {
      this.#pause();
    });
  }

  /** So long after some byte: if others have come since, the pause has not. */
  #pause(): void {
    const { clock, decoder } = this.#parts;
    this.#cancelPause = undefined;
    const last = this.#lastChunk;
    if (last === undefined) return;
    const endsMs = last.monotonicMs + PAUSE_MS;
    if (clock.monotonicMs() < endsMs) {
      this.#cancelPause = clock.wakeAt(endsMs, () => {
        this.#pause();
      });
      return;
    }
    this.#position = 0;
    this.#lastChunk = undefined;
    for (const telegram of decoder.end()) this.#take(telegram, last);
  }

  #take(telegram: MeterTelegram, arrival: ArrivalTime): void {
    if (telegram.problem !== undefined) {
      this.#unheard.noteProblem(telegram.problem);
      return;
    }
    this.#unheard.clear();
    this.#barks = 0;
    this.#keeper.noteGood();
    this.#watch();
    this.#listener.onTelegram(telegram, arrival);
  }

  /** What was begun on a line that is gone is not continued on the next. */
  #forget(): void {
    this.#endPause();
    this.#position = 0;
    this.#lastChunk = undefined;
    this.#parts.decoder.end();
  }

  #endPause(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  #watch(): void {
    const { clock } = this.#parts;
    this.#cancelWatchdog();
    const waitMs = Math.min(this.#watchdogMs * 2 ** this.#barks, Math.max(WATCHDOG_MS_MAX, this.#watchdogMs));
    this.#cancelWatchdog = clock.wakeAt(clock.monotonicMs() + waitMs, () => {
      this.#bark();
    });
  }

  #bark(): void {
    this.#barks += 1;
    this.#forget();
    this.#listener.onInterrupt();
    void this.#keeper.reopen();
  }
}
