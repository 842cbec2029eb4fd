/**
 * What has been learned of a meter from its telegrams: who it is, its newest reading, and whether another meter speaks
 * now. No time passes here and nothing waits.
 *
 *   unknown --telegram--> known --telegram of another--> stranger --acceptStranger--> known
 *                           \--interrupt--> unproven --telegram with the number--> known, or stranger
 */
import { fail, type Result } from "#base/result.ts";
import type { MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { ArrivalTime } from "#hal/meters/decode-reading.ts";
import { decodeTelegram, type TelegramContents } from "./decode-telegram.ts";
import type { MeterTelegram } from "./meter-decoder.ts";
import { goesOn, type SteppedReading } from "./step-check.ts";
import { PERIODS_MAX, telegramPeriodMs, type TelegramModel } from "./telegram-model.ts";

export class TelegramMemory {
  readonly #model: TelegramModel;
  readonly #worldSpeed: number;
  #known: MeterIdentity | undefined;
  #stranger: MeterIdentity | undefined;
  #mustProve = false;
  /** Another number than the known one, where telegrams can be damaged unseen: it has to be said twice. */
  #doubtful: string | undefined;
  /** Since when telegrams have come that do not say whose they are, although the meter does say it. */
  #unprovenSinceMs: number | undefined;
  #register: string | undefined;
  #newest: { readonly reading: Result<MeterReading, MeterFault>; readonly arrival: ArrivalTime } | undefined;
  /** The last step of the register, believed or not, where telegrams can be damaged unseen. */
  #last: SteppedReading | undefined;
  #ofStranger: { readonly reading: ToldResult; readonly arrival: ArrivalTime } | undefined;
  #hasReading = false;
  #hasRegister = false;
  #intactMs: number | undefined;

  constructor(model: TelegramModel, worldSpeed = 1) {
    this.#model = model;
    this.#worldSpeed = worldSpeed;
  }

  /** Who speaks now, once it has said so or has said all that it says. */
  get identity(): MeterIdentity | undefined {
    if (this.#mustProve || this.#known === undefined) return undefined;
    return this.#known.serialNumber !== null || this.#hasReading ? this.#known : undefined;
  }

  /** Of the meter that `identity` told of last. */
  get serialNumber(): string | null {
    return this.#known?.serialNumber ?? null;
  }

  get stranger(): MeterIdentity | undefined {
    return this.#stranger;
  }

  /** When the newest telegram came that was intact, with a reading or without. */
  get intactMs(): number | undefined {
    return this.#intactMs;
  }

  /** Of the newest telegram with the energy, whatever its age; undefined where there was none. */
  get newest(): { readonly reading: Result<MeterReading, MeterFault>; readonly arrival: ArrivalTime } | undefined {
    return this.#newest;
  }

  /** Whether an import register was sent, also where it is not believed yet. */
  get hasRegister(): boolean {
    return this.#hasRegister;
  }

  /** The stranger is the meter from now on, and what it has said is the newest. */
  acceptStranger(): void {
    if (this.#stranger === undefined) return;
    this.#known = this.#stranger;
    this.#stranger = undefined;
    this.#register = undefined;
    this.#last = undefined;
    this.#newest = undefined;
    this.#hasReading = false;
    const said = this.#ofStranger;
    if (said !== undefined) this.#takeReading(said.reading, said.arrival);
    this.#ofStranger = undefined;
  }

  /** The line was cut: what comes next may be of another meter, and what was told before answers nothing any more. */
  interrupt(): void {
    this.#mustProve = true;
    this.#newest = undefined;
  }

  take(telegram: MeterTelegram, arrival: ArrivalTime): void {
    const silentMs = arrival.monotonicMs - (this.#intactMs ?? arrival.monotonicMs);
    if (silentMs > PERIODS_MAX * telegramPeriodMs(this.#model)) this.interrupt();
    this.#intactMs = arrival.monotonicMs;
    const contents = decodeTelegram(this.#model, telegram, this.#register);
    const isRecognised = this.#isRecognised(contents, arrival.monotonicMs);
    if (isRecognised && contents.reading !== undefined) this.#takeReading(contents.reading, arrival);
    if (this.#stranger === undefined) return;
    // It may count by another register.
    const { reading } = decodeTelegram(this.#model, telegram, undefined);
    if (reading !== undefined) this.#ofStranger = { reading, arrival };
  }

  /** Whether it is of the known meter. */
  #isRecognised(contents: TelegramContents, nowMs: number): boolean {
    const { serialNumber, firmware } = contents;
    const found: MeterIdentity = { model: this.#model.model, serialNumber, firmware };
    const known = this.#known?.serialNumber ?? null;
    if (serialNumber === null) return this.#isAssumed(found, contents, nowMs);
    const isNew = known === null ? this.#model.check === "none" : known !== serialNumber;
    const isCertain = !isNew || this.#model.check === "crc" || this.#doubtful === serialNumber;
    this.#doubtful = isCertain ? undefined : serialNumber;
    if (!isCertain) return false;
    this.#mustProve = false;
    this.#unprovenSinceMs = undefined;
    if (known !== null && known !== serialNumber) {
      this.#stranger = found;
      return false;
    }
    this.#stranger = undefined;
    this.#known = { ...found, firmware: firmware ?? this.#known?.firmware ?? null };
    return true;
  }

  /** Without a number it is of whoever spoke before, as long as nothing came between. */
  #isAssumed(found: MeterIdentity, contents: TelegramContents, nowMs: number): boolean {
    if (this.#stranger !== undefined) return false;
    if (this.#known === undefined || this.#known.serialNumber === null) {
      this.#known = { ...found, firmware: found.firmware ?? this.#known?.firmware ?? null };
      this.#mustProve = false;
    }
    if (!this.#mustProve) return true;
    this.#unprovenSinceMs ??= nowMs;
    const isLong = nowMs - this.#unprovenSinceMs >= PERIODS_MAX * this.#model.periodMs;
    if (isLong && contents.reading !== undefined) this.#stranger = found;
    return false;
  }

  #takeReading(told: ToldResult, arrival: ArrivalTime): void {
    this.#hasRegister = true;
    if (!told.ok) {
      this.#newest = { reading: told, arrival };
      return;
    }
    const reading: MeterReading = { ...told.value, ...arrival };
    if (!this.#isBelievable(reading)) return;
    this.#register = reading.register;
    this.#hasReading = true;
    this.#newest = { reading: { ok: true, value: reading }, arrival };
  }

  #isBelievable(reading: MeterReading): boolean {
    const { check } = this.#model;
    if (check === "crc") return true;
    const last = this.#last;
    this.#last = reading;
    return last === undefined ? check === "bcc" : goesOn(last, reading, this.#worldSpeed);
  }
}

type ToldResult = NonNullable<TelegramContents["reading"]>;

/** What a reading is refused with while another meter speaks. */
export function swapped(memory: TelegramMemory, stranger: MeterIdentity): Result<never, MeterFault> {
  return fail({
    code: "METER_SWAPPED",
    expectedSerialNumber: memory.serialNumber,
    foundSerialNumber: stranger.serialNumber,
  });
}
