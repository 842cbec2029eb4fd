/**
 * The readouts of a meter that has to be asked: IEC 62056-21, modes A to C. It is asked again and again at the model's
 * pace, each time from the beginning: at 300 baud, with a speed agreed for the readout.
 */
import type { ArrivalTime } from "#hal/meters/decode-reading.ts";
import type { ByteLink, SpeedLink } from "#hal/ports/byte-link.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { INITIAL_BAUD } from "#hal/protocols/iec62056-21/identification.ts";
import { IEC62056_TELEGRAM_BYTES_MAX } from "#hal/protocols/iec62056-21/iec62056-decoder.ts";
import { beginSignOn, stepSignOn, type SignOnEffect, type SignOnState } from "#hal/protocols/iec62056-21/sign-on.ts";
import { LinkKeeper } from "./link-keeper.ts";
import type { MeterDecoder, MeterTelegram } from "./meter-decoder.ts";
import { PERIODS_MAX } from "./telegram-model.ts";
import type { SourceListener, SourceStatus, TelegramSource, Unheard } from "./telegram-source.ts";
import { UnheardBytes } from "./unheard-bytes.ts";

export interface AskedParts {
  /** Without a speed of its own, such as a serial server, it stays at the 300 baud that the server is set to. */
  readonly link: ByteLink | SpeedLink;
  readonly clock: Clock;
  readonly decoder: MeterDecoder;
}

export interface AskedOptions {
  /** From the begin of one readout to the begin of the next, where a readout does not take longer. */
  readonly periodMs: number;
  readonly deviceAddress?: string | undefined;
}

/** Between two readouts: a meter that has just spoken needs a moment to listen again. */
const REST_MS = 100;
/** A request at 300 baud is on the line in 1.3 s. */
const EFFECT_MS_MAX = 3_000;

export class AskedTelegrams implements TelegramSource {
  readonly #parts: AskedParts;
  readonly #options: AskedOptions;
  readonly #listener: SourceListener;
  readonly #keeper: LinkKeeper;
  readonly #unheard = new UnheardBytes();
  #status: SourceStatus = { kind: "opening" };
  /** Another one with each opening, so that a readout knows that its line is gone. */
  #opening = 0;
  #isStopped = false;
  #silences = 0;
  #paceMs = 0;
  readonly #inbox: Chunk[] = [];
  #inboxBytes = 0;
  #wake: () => void = () => undefined;

  constructor(parts: AskedParts, options: AskedOptions, listener: SourceListener) {
    this.#parts = parts;
    this.#options = options;
    this.#listener = listener;
    this.#keeper = new LinkKeeper(parts, {
      onOpen: () => {
        this.#opened();
      },
      onData: (bytes) => {
        this.#receive(bytes);
      },
      onDown: (reason) => {
        this.#opening += 1;
        this.#wake();
        this.#listener.onInterrupt();
        this.#setStatus({ kind: "down", reason });
      },
    });
  }

  get status(): SourceStatus {
    return this.#status;
  }

  get unheard(): Unheard {
    return this.#unheard;
  }

  get paceMs(): number {
    return this.#paceMs;
  }

  start(): void {
    this.#keeper.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#opening += 1;
    this.#wake();
    await this.#keeper.stop();
  }

  #opened(): void {
    this.#opening += 1;
    this.#setStatus({ kind: "listening", sinceMs: this.#parts.clock.monotonicMs() });
    void this.#readAgainAndAgain(this.#opening);
  }

  #setStatus(status: SourceStatus): void {
    this.#status = status;
    this.#listener.onChange();
  }

  async #readAgainAndAgain(opening: number): Promise<void> {
    const { clock } = this.#parts;
    while (this.#isOn(opening)) {
      const startedMs = clock.monotonicMs();
      const failure = await this.#readOut(opening);
      if (!this.#isOn(opening)) return;
      this.#silences = failure === undefined ? 0 : this.#silences + 1;
      if (failure === undefined) {
        this.#keeper.noteGood();
        this.#paceMs = clock.monotonicMs() - startedMs;
      }
      this.#setStatus(
        failure === undefined
          ? { kind: "listening", sinceMs: clock.monotonicMs() }
          : { kind: "unanswered", reason: failure.reason },
      );
      if (this.#silences >= PERIODS_MAX) {
        this.#silences = 0;
        this.#listener.onInterrupt();
        await this.#keeper.reopen();
        return;
      }
      await this.#pauseUntil(Math.max(startedMs + this.#options.periodMs, clock.monotonicMs() + REST_MS), opening);
    }
  }

  #isOn(opening: number): boolean {
    return !this.#isStopped && this.#opening === opening;
  }

  /** One sign-on and what follows; undefined when it gave an intact telegram. */
  async #readOut(opening: number): Promise<{ readonly reason: string | undefined } | undefined> {
    const { decoder } = this.#parts;
    decoder.end();
    this.#emptyInbox();
    const baudMax = isSpeedLink(this.#parts.link) ? {} : { baudMax: INITIAL_BAUD };
    const { deviceAddress } = this.#options;
    let step = beginSignOn({ ...baudMax, ...(deviceAddress === undefined ? {} : { deviceAddress }) });
    let silenceMs = 0;
    let last: Chunk | undefined;
    for (;;) {
      silenceMs = (await this.#doAll(step.effects, opening)) ?? silenceMs;
      if (!this.#isOn(opening)) return { reason: undefined };
      if (step.state.phase === "failed") return { reason: reasonOf(step.state) };
      const chunk = await this.#listen(silenceMs, opening);
      if (!this.#isOn(opening)) return { reason: undefined };
      last = chunk ?? last;
      const wasReading = step.state.phase === "reading";
      const found = this.#decode(chunk, last, wasReading);
      if (found !== "none" && (wasReading || found === "intact")) {
        return found === "intact" ? undefined : { reason: undefined };
      }
      if (wasReading && chunk === undefined) return { reason: "the meter signed on, but sent no readout" };
      step = stepSignOn(
        step.state,
        chunk === undefined ? { kind: "silent" } : { kind: "received", bytes: chunk.bytes },
      );
    }
  }

  #decode(chunk: Chunk | undefined, last: Chunk | undefined, isReading: boolean): "none" | "intact" | "damaged" {
    const { decoder } = this.#parts;
    if (chunk !== undefined) this.#unheard.add(chunk.bytes, chunk.arrival.monotonicMs);
    else if (!isReading) return "none";
    const telegrams = chunk === undefined ? decoder.end() : decoder.push(chunk.bytes);
    for (const telegram of telegrams) this.#take(telegram, last);
    if (telegrams.length === 0) return "none";
    return telegrams.some(({ problem }) => problem === undefined) ? "intact" : "damaged";
  }

  #take(telegram: MeterTelegram, last: Chunk | undefined): void {
    if (telegram.problem !== undefined) this.#unheard.noteProblem(telegram.problem);
    if (telegram.problem !== undefined || last === undefined) return;
    this.#unheard.clear();
    this.#listener.onTelegram(telegram, last.arrival);
  }

  /** For how long to listen then; undefined where nothing was said of it. */
  async #doAll(effects: readonly SignOnEffect[], opening: number): Promise<number | undefined> {
    const { link, clock } = this.#parts;
    let silenceMs: number | undefined;
    for (const effect of effects) {
      if (!this.#isOn(opening)) return undefined;
      switch (effect.kind) {
        case "setSpeed":
          if (isSpeedLink(link)) await this.#within(link.setBaudRate(effect.baud));
          break;
        case "pause":
          await this.#pauseUntil(clock.monotonicMs() + effect.ms, opening);
          break;
        case "send":
          await this.#within(link.write(effect.bytes));
          // The system says that it has the bytes, not that the last bit of them is on the line.
          if (isSpeedLink(link)) await this.#pauseUntil(clock.monotonicMs() + effect.durationMs, opening);
          break;
        case "listen":
          silenceMs = effect.silenceMs;
          break;
      }
    }
    return silenceMs;
  }

  #receive(bytes: Uint8Array): void {
    const { clock } = this.#parts;
    // Nobody takes from a line that babbles while it is not listened to.
    if (this.#inboxBytes + bytes.length > IEC62056_TELEGRAM_BYTES_MAX) this.#emptyInbox();
    this.#inbox.push({ bytes: bytes.slice(), arrival: { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() } });
    this.#inboxBytes += bytes.length;
    this.#wake();
  }

  #emptyInbox(): void {
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
  }

  /** The next bytes, or undefined after so long a silence. */
  async #listen(silenceMs: number, opening: number): Promise<Chunk | undefined> {
    const untilMs = this.#parts.clock.monotonicMs() + silenceMs;
    if (this.#inbox.length === 0) await this.#sleepUntil(untilMs, () => this.#inbox.length > 0 || !this.#isOn(opening));
    const chunk = this.#inbox.shift();
    if (chunk !== undefined) this.#inboxBytes -= chunk.bytes.length;
    return chunk;
  }

  /** A port that hangs does not hang the next readout as well: that one finds the line silent, and it is reopened. */
  async #within(done: Promise<unknown>): Promise<void> {
    const { clock } = this.#parts;
    let cancel: Cancel = () => undefined;
    const isLate = new Promise<void>((resolve) => {
      cancel = clock.wakeAt(clock.monotonicMs() + EFFECT_MS_MAX, resolve);
    });
    await Promise.race([done, isLate]);
    cancel();
  }

  #pauseUntil(monotonicMs: number, opening: number): Promise<void> {
    return this.#sleepUntil(monotonicMs, () => !this.#isOn(opening));
  }

  #sleepUntil(monotonicMs: number, isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#wake = () => undefined;
        resolve();
      };
      const cancel = this.#parts.clock.wakeAt(monotonicMs, end);
      this.#wake = () => {
        if (isOver()) end();
      };
    });
  }
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly arrival: ArrivalTime;
}

/** Silence has no reason: nothing came that could be told of. */
function reasonOf(state: Extract<SignOnState, { phase: "failed" }>): string | undefined {
  return state.code === "SIGN_ON_SILENT" ? undefined : state.reason;
}

function isSpeedLink(link: ByteLink | SpeedLink): link is SpeedLink {
  return "setBaudRate" in link;
}
