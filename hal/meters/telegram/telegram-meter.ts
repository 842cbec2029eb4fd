/**
 * An energy meter that speaks by itself, or that is asked for readouts. It is listened to from the first question on;
 * an answer is the newest intact telegram, with the time at which it came. One that is older than three of the meter's
 * periods answers nothing any more, nor does any from before the line was cut.
 *
 * Like a meter on a bus, it is refused with METER_SWAPPED when another number speaks, until somebody asks who it is.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink, SpeedLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { MeterKeys } from "#hal/protocols/dlms/ciphering.ts";
import { AskedTelegrams } from "./asked-telegrams.ts";
import { describeUnheard } from "./describe-unheard.ts";
import { makeMeterDecoder } from "./meter-decoder.ts";
import { PushedTelegrams } from "./pushed-telegrams.ts";
import { swapped, TelegramMemory } from "./telegram-memory.ts";
import { PERIODS_MAX, telegramPeriodMs, type TelegramModel } from "./telegram-model.ts";
import type { SourceListener, TelegramSource } from "./telegram-source.ts";

export interface TelegramMeterParts {
  /** The meter opens and closes it: nobody else is on it. */
  readonly link: ByteLink | SpeedLink;
  readonly clock: Clock;
}

export interface TelegramMeterOptions {
  readonly model: TelegramModel;
  /** Of a meter that encrypts its telegrams. */
  readonly keys?: MeterKeys | undefined;
  /** Of an asked meter that shares its line with others. */
  readonly deviceAddress?: string | undefined;
  /** Seconds in which the meter counts for each second of the clock: 1 but on the bench, whose time runs faster. */
  readonly worldSpeed?: number | undefined;
}

/** The longest that one call waits. */
export const TELEGRAM_WAIT_MS_MAX = 10_000;

export class TelegramMeter implements EnergyMeter {
  readonly #parts: TelegramMeterParts;
  readonly #options: TelegramMeterOptions;
  readonly #memory: TelegramMemory;
  readonly #source: TelegramSource;
  readonly #waiting = new Set<() => void>();
  #startedMs: number | undefined;
  #acceptedMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #told: { readonly bytes: number; readonly text: string } | undefined;

  constructor(parts: TelegramMeterParts, options: TelegramMeterOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#memory = new TelegramMemory(options.model, options.worldSpeed);
    this.#source = this.#makeSource();
  }

  identify(): Promise<Result<MeterIdentity, MeterFault>> {
    return this.#answer(() => {
      if (this.#memory.stranger !== undefined) this.#acceptStranger();
      const { identity } = this.#memory;
      return identity !== undefined && this.#isRecent() ? ok(identity) : undefined;
    });
  }

  read(): Promise<Result<MeterReading, MeterFault>> {
    return this.#answer(() => {
      const { newest, stranger } = this.#memory;
      if (stranger !== undefined && this.#isRecent()) return swapped(this.#memory, stranger);
      return newest !== undefined && this.#isYoung(newest.arrival.monotonicMs) ? newest.reading : undefined;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tellAll();
    await this.#source.stop();
  }

  /** Whose telegrams are waited for from now on. */
  #acceptStranger(): void {
    this.#memory.acceptStranger();
    this.#acceptedMs = this.#parts.clock.monotonicMs();
  }

  #makeSource(): TelegramSource {
    const { model, keys, deviceAddress } = this.#options;
    const parts = { ...this.#parts, decoder: makeMeterDecoder(model, keys) };
    const listener: SourceListener = {
      onTelegram: (telegram, arrival) => {
        this.#memory.take(telegram, arrival);
        this.#tellAll();
      },
      onInterrupt: () => {
        this.#memory.interrupt();
      },
      onChange: () => {
        this.#tellAll();
      },
    };
    return model.mode === "pushed"
      ? new PushedTelegrams(parts, telegramPeriodMs(model), listener)
      : new AskedTelegrams(parts, { periodMs: model.periodMs, deviceAddress }, listener);
  }

  /** Looks until there is an answer, or it is certain that none comes in time. */
  async #answer<Value>(look: () => Result<Value, MeterFault> | undefined): Promise<Result<Value, MeterFault>> {
    const { clock } = this.#parts;
    const untilMs = clock.monotonicMs() + TELEGRAM_WAIT_MS_MAX;
    if (!this.#isClosed) this.#start();
    // A close in the same turn is heard, although the answer may lie here already.
    await Promise.resolve();
    for (;;) {
      if (this.#isClosed) return fail({ code: "METER_CLOSED" });
      const answer = look() ?? this.#giveUp(untilMs);
      if (answer !== undefined) return answer;
      await this.#news(Math.min(untilMs, this.#patienceUntilMs()));
    }
  }

  #start(): void {
    if (this.#startedMs !== undefined) return;
    this.#startedMs = this.#parts.clock.monotonicMs();
    this.#source.start();
  }

  /** Undefined while a telegram may still come in time. */
  #giveUp(untilMs: number): Result<never, MeterFault> | undefined {
    const { status } = this.#source;
    const { endpoint } = this.#parts.link;
    if (status.kind === "down") return fail({ code: "METER_UNREACHABLE", endpoint, reason: status.reason });
    const nowMs = this.#parts.clock.monotonicMs();
    const isOver = nowMs >= Math.min(untilMs, this.#patienceUntilMs());
    return isOver || status.kind === "unanswered" ? fail(this.#silence(nowMs)) : undefined;
  }

  /** Until when a telegram is waited for. A meter that was heard and has fallen silent is not waited for. */
  #patienceUntilMs(): number {
    const { status } = this.#source;
    if (status.kind !== "listening") return Number.POSITIVE_INFINITY;
    const { model } = this.#options;
    // An asked meter has its own end: the readout that is under way.
    if (model.mode === "asked" && this.#memory.newest === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(status.sinceMs, this.#acceptedMs) + PERIODS_MAX * this.#periodMs;
  }

  /** What is wrong with a line that is open and does not give what is asked for. */
  #silence(nowMs: number): MeterFault {
    const { endpoint } = this.#parts.link;
    const { status, unheard } = this.#source;
    const isUnanswered = status.kind === "unanswered" && unheard.problem === undefined;
    if (isUnanswered && status.reason !== undefined)
      return { code: "METER_BAD_FRAME", endpoint, reason: status.reason };
    const isTalking = this.#isRecent() && this.#memory.newest === undefined;
    // What an optical head gives back of a question is no answer.
    if (!isTalking && !isUnanswered && unheard.lastMs !== undefined && this.#isYoung(unheard.lastMs)) {
      return { code: "METER_BAD_FRAME", endpoint, reason: this.#describeUnheard() };
    }
    const sinceMs = this.#memory.newest?.arrival.monotonicMs ?? this.#startedMs ?? nowMs;
    const waitedMs = nowMs - sinceMs;
    if (isTalking && waitedMs >= PERIODS_MAX * this.#periodMs) return this.#withoutReading();
    return { code: "METER_SILENT", endpoint, unit: null, waitedMs };
  }

  /** Of telegrams that come and are intact, and still give no reading. */
  #withoutReading(): MeterFault {
    const said = { code: "METER_IMPLAUSIBLE", quantity: "imported energy" } as const;
    if (this.#memory.hasRegister) {
      return {
        ...said,
        value: "unsteady",
        expected: "a register that goes on from telegram to telegram as the power says",
      };
    }
    const ways = this.#options.model.quantities.importedEnergy.map((sum) => sum.join(" + ")).join(", or ");
    const expected = `the import register ${ways} in the telegrams, which come and are intact`;
    return { ...said, value: "no value", expected };
  }

  /** Looking at the bytes takes decoding them several times, so it is done again only when there are many more. */
  #describeUnheard(): string {
    const { unheard } = this.#source;
    const told = this.#told;
    if (told !== undefined && told.bytes <= unheard.bytes && unheard.bytes < 2 * told.bytes) return told.text;
    const text = describeUnheard(unheard, this.#options.model);
    this.#told = { bytes: unheard.bytes, text };
    return text;
  }

  /** Within the time in which the energy has to come. */
  #isYoung(monotonicMs: number): boolean {
    return this.#parts.clock.monotonicMs() - monotonicMs <= PERIODS_MAX * this.#periodMs;
  }

  get #periodMs(): number {
    return Math.max(this.#options.model.periodMs, this.#source.paceMs);
  }

  /** Whether telegrams of any kind come. */
  #isRecent(): boolean {
    const { intactMs } = this.#memory;
    const { model } = this.#options;
    const periodMs = model.mode === "asked" ? this.#periodMs : telegramPeriodMs(model);
    return intactMs !== undefined && this.#parts.clock.monotonicMs() - intactMs <= PERIODS_MAX * periodMs;
  }

  #tellAll(): void {
    for (const wake of this.#waiting) wake();
  }

  #news(untilMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = Number.isFinite(untilMs) ? this.#parts.clock.wakeAt(untilMs, wake) : (): void => undefined;
      this.#waiting.add(wake);
    });
  }
}
