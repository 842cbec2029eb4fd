/**
 * Reads the station's meter and keeps the register that may be signed: values that a real meter in this place can have
 * shown, and how old the newest of them is. What was read last is on flash, so that an outage hides no other meter.
 *
 *   unknown --reading--> metering --fault--> ended --next charge--> unknown
 *                            \--units contradict each other--> ended for good
 */
import { checkPower, POWER_CHECK_START, type PowerCheck } from "#core/metering/power-check.ts";
import {
  resumeRegister,
  startRegister,
  takeRegister,
  type ReadingQuality,
  type RegisterEnergy,
  type RegisterFault,
  type RegisterReading,
} from "#core/metering/register-energy.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { EmitEvent } from "./events.ts";
import { decodeMeterMemory, encodeMeterMemory, type MeterMemory } from "./meter-journal.ts";

export interface MeterWatchParts {
  readonly meter: EnergyMeter;
  readonly clock: Clock;
  /** What the driver's stamps are in `clock`'s monotonic time; the two differ where the bench speeds time up. */
  readonly toMonotonicMs: (stampMs: number) => number;
  /** The most that can flow through this meter. */
  readonly powerMaxW: number;
  /** Of the only meter that may be billed by; undefined takes whichever is there when a charge begins. */
  readonly serialNumber: string | undefined;
  readonly memory: SafetyRegister;
  readonly emit: EmitEvent;
}

/** The newest reading that may be signed. */
export interface TrustedReading {
  readonly registerMilliWh: number;
  readonly resolutionMilliWh: number;
  /** Where the meter keeps it: register number with its function, or OBIS code. */
  readonly register: string;
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly quality: ReadingQuality;
  readonly ageMs: number;
}

/** A step since the last write is bounded by power and time, so little is lost by writing rarely. */
const REMEMBER_EVERY_MS = 300_000;
/**
 * What flowed while the gateway was off is counted for so long at most. Nothing is meant to flow then, and the wall
 * clock that says how long it was may have been set meanwhile: a longer time would excuse another meter's register.
 */
const AWAY_MS_MAX = 600_000;

/** What flows at one moment. */
export interface MeterFlow {
  readonly atMs: number;
  readonly powerW: number;
  /** Of the phase that carries most; undefined where the meter does not tell. */
  readonly currentA: number | undefined;
}

export class MeterWatch {
  readonly #parts: MeterWatchParts;
  #remembered: MeterMemory | undefined;
  #rememberedAtMs = Number.NEGATIVE_INFINITY;
  #identity: MeterIdentity | undefined;
  #energy: RegisterEnergy | undefined;
  /** The register when this watch began; what flowed since then is added to it. */
  #baseMilliWh = 0;
  #powerCheck: PowerCheck = POWER_CHECK_START;
  #newest: Omit<TrustedReading, "registerMilliWh" | "ageMs"> | undefined;
  #powerW: number | undefined;
  #flow: MeterFlow | undefined;
  #lostSinceMs: number | undefined;
  #reported: string | undefined;

  constructor(parts: MeterWatchParts) {
    this.#parts = parts;
    this.#remembered = parts.memory.value === undefined ? undefined : decodeMeterMemory(parts.memory.value);
  }

  /** The lifetime import register, accepted values only; undefined before the first. */
  get registerMilliWh(): number | undefined {
    return this.#energy === undefined ? undefined : this.#baseMilliWh + this.#energy.energyMilliWh;
  }

  /** Total active power at the last reading; undefined when there was none or the model does not say. */
  get powerW(): number | undefined {
    return this.#powerW;
  }

  /** As last read, accepted or not; undefined while the meter is away, and where it does not tell its power. */
  get flow(): MeterFlow | undefined {
    return this.#powerW === undefined ? undefined : this.#flow;
  }

  get resolutionMilliWh(): number | undefined {
    return this.#newest?.resolutionMilliWh;
  }

  /** How old the newest accepted reading is; endless before the first, and when the metering has ended with a fault. */
  get ageMs(): number {
    if (this.#newest === undefined || this.fault !== undefined || this.#energy === undefined)
      return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#parts.clock.monotonicMs() - this.#newest.monotonicMs);
  }

  /** Undefined before the first reading and after a fault. */
  get reading(): TrustedReading | undefined {
    const { registerMilliWh, ageMs } = this;
    if (this.#newest === undefined || registerMilliWh === undefined || this.fault !== undefined) return undefined;
    return { ...this.#newest, registerMilliWh, ageMs };
  }

  /** What the meter says it is; from before a restart, until it answers again, only its serial number. */
  get identity(): MeterIdentity | undefined {
    if (this.#identity !== undefined || this.#remembered === undefined) return this.#identity;
    return { model: "", serialNumber: this.#remembered.serialNumber, firmware: null };
  }

  /** Why the metering has ended. */
  get fault(): RegisterFault | undefined {
    return this.#energy?.fault ?? undefined;
  }

  /** What was last told to be wrong with the meter; undefined while it is read without trouble. */
  get trouble(): string | undefined {
    return this.fault?.code ?? this.#reported;
  }

  /**
   * A fault ends the metering of the charge in which it came; the next begins with the register as it stands. Units
   * that contradict each other do so in the next charge, too: only whoever changes the configuration can end that.
   */
  forgetFault(): void {
    const { fault } = this;
    if (fault === undefined || fault.code === "METER_POWER_DISAGREES") return;
    this.#energy = undefined;
    this.#remembered = undefined;
    this.#powerCheck = POWER_CHECK_START;
  }

  async look(): Promise<void> {
    const { meter, serialNumber: pinned } = this.#parts;
    const identity = await this.#identify();
    if (identity === undefined) return;
    const { serialNumber } = identity;
    if (pinned !== undefined && serialNumber !== pinned) {
      this.#identity = undefined;
      this.#lost({ code: "METER_SWAPPED", expectedSerialNumber: pinned, foundSerialNumber: serialNumber });
      return;
    }
    const read = await meter.read();
    if (read.ok) {
      await this.#take(read.value, identity);
      return;
    }
    // Who is there now is asked at the next look.
    if (read.fault.code === "METER_SWAPPED") this.#identity = undefined;
    this.#lost(read.fault);
  }

  /** Asked once: the driver itself notices when another meter answers, and asking costs a slow line a request. */
  async #identify(): Promise<MeterIdentity | undefined> {
    if (this.#identity !== undefined) return this.#identity;
    const identified = await this.#parts.meter.identify();
    if (identified.ok) this.#identity = identified.value;
    else this.#lost(identified.fault);
    return this.#identity;
  }

  async #take(read: MeterReading, identity: MeterIdentity): Promise<void> {
    const { powerMaxW, toMonotonicMs } = this.#parts;
    const reading: RegisterReading = {
      importedMilliWh: read.importedMilliWh,
      resolutionMilliWh: read.resolutionMilliWh,
      monotonicMs: toMonotonicMs(read.monotonicMs),
      serialNumber: identity.serialNumber,
    };
    const before = this.#energy ?? this.#begin(reading);
    const limits = { powerMaxW, modulusMilliWh: read.rolloverMilliWh };
    this.#energy = this.#withPower(takeRegister(before, reading, limits), read, reading.monotonicMs);
    this.#powerW = read.powerW ?? undefined;
    this.#flow = flowOf(read, reading.monotonicMs);
    const { fault } = this.#energy;
    if (fault !== null) {
      this.#report(fault.code, JSON.stringify(fault));
      return;
    }
    const isPutAside = this.#energy.refused > before.refused;
    const quality = isPutAside ? "put-aside" : this.#energy.held > before.held ? "held" : "good";
    // A value that was put aside has been read, but is nothing to sign: the one before grows old.
    if (isPutAside) {
      if (this.#newest !== undefined) this.#newest = { ...this.#newest, quality };
      return;
    }
    const { resolutionMilliWh, register, wallMs } = read;
    this.#newest = { resolutionMilliWh, register, monotonicMs: reading.monotonicMs, wallMs, quality };
    this.#back();
    await this.#remember(identity.serialNumber);
  }

  /** Where metering begins: at what was read before an outage, if anything was, else at this reading. */
  #begin(reading: RegisterReading): RegisterEnergy {
    const { clock } = this.#parts;
    const remembered = this.#remembered;
    if (remembered === undefined) {
      this.#baseMilliWh = reading.importedMilliWh;
      return startRegister(reading);
    }
    this.#baseMilliWh = remembered.registerMilliWh;
    const { serialNumber, shownMilliWh } = remembered;
    const stood = startRegister({ ...reading, serialNumber, importedMilliWh: shownMilliWh });
    const awayMs = Math.max(0, clock.wallMs() - remembered.wallMs);
    return resumeRegister(stood, reading.monotonicMs, Math.min(awayMs, AWAY_MS_MAX));
  }

  #withPower(energy: RegisterEnergy, read: MeterReading, atMs: number): RegisterEnergy {
    if (energy.fault !== null) return energy;
    const { powerW, resolutionMilliWh } = read;
    const seen = { atMs, powerW, energyMilliWh: energy.energyMilliWh, resolutionMilliWh };
    const { check, fault } = checkPower(this.#powerCheck, seen);
    this.#powerCheck = check;
    return fault === null ? energy : { ...energy, fault };
  }

  async #remember(serialNumber: string | null): Promise<void> {
    const { clock, memory } = this.#parts;
    const registerMilliWh = this.registerMilliWh ?? 0;
    const isOther = this.#remembered?.serialNumber !== serialNumber;
    // While nothing flows there is nothing to write, which spares the flash.
    const isFlowing = this.#remembered?.registerMilliWh !== registerMilliWh || (this.#powerW ?? 0) > 0;
    const isDue = clock.monotonicMs() - this.#rememberedAtMs >= REMEMBER_EVERY_MS;
    if (!isOther && !(isFlowing && isDue)) return;
    const shownMilliWh = this.#energy?.lastMilliWh ?? 0;
    this.#remembered = { serialNumber, shownMilliWh, registerMilliWh, wallMs: clock.wallMs() };
    this.#rememberedAtMs = clock.monotonicMs();
    await memory.write(encodeMeterMemory(this.#remembered));
  }

  #lost(fault: MeterFault): void {
    // We are stopping.
    if (fault.code === "METER_CLOSED") return;
    this.#powerW = undefined;
    this.#lostSinceMs ??= this.#parts.clock.monotonicMs();
    this.#report(fault.code, JSON.stringify(fault));
  }

  #back(): void {
    if (this.#lostSinceMs !== undefined) {
      this.#parts.emit("meterBack", { awayMs: Math.round(this.#parts.clock.monotonicMs() - this.#lostSinceMs) });
    }
    this.#lostSinceMs = undefined;
    this.#reported = undefined;
  }

  /** Each kind of trouble is told once, until the meter is back. */
  #report(code: string, detail: string): void {
    if (this.#reported === code) return;
    this.#reported = code;
    this.#parts.emit("meterLost", { code, detail });
  }
}

function flowOf({ powerW, currentA }: MeterReading, atMs: number): MeterFlow | undefined {
  if (powerW === null) return undefined;
  const told = currentA.filter((amperes) => amperes !== null).map(Math.abs);
  return { atMs, powerW, currentA: told.length === 0 ? undefined : Math.max(...told) };
}
