/**
 * Reads the station's meter and keeps the register that may be signed: values that a real meter in this place can have
 * shown, and how old the newest of them is.
 */
import {
  startRegister,
  takeRegister,
  type RegisterEnergy,
  type RegisterLimits,
} from "#core/metering/register-energy.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault } from "#hal/ports/energy-meter.ts";
import type { EmitEvent } from "./events.ts";

export interface MeterWatchParts {
  readonly meter: EnergyMeter;
  readonly clock: Clock;
  /** What the driver's stamps are in `clock`'s monotonic time; the two differ where the bench speeds time up. */
  readonly toMonotonicMs: (stampMs: number) => number;
  readonly limits: RegisterLimits;
  readonly emit: EmitEvent;
}

export class MeterWatch {
  readonly #parts: MeterWatchParts;
  #energy: RegisterEnergy | undefined;
  /** The register when this watch began; what flowed since then is added to it. */
  #baseMilliWh = 0;
  #readAtMs: number | undefined;
  #powerW: number | undefined;
  #resolutionMilliWh: number | undefined;
  #lostSinceMs: number | undefined;
  #reported: string | undefined;

  constructor(parts: MeterWatchParts) {
    this.#parts = parts;
  }

  /** The lifetime import register, accepted values only; undefined before the first. */
  get registerMilliWh(): number | undefined {
    return this.#energy === undefined ? undefined : this.#baseMilliWh + this.#energy.energyMilliWh;
  }

  /** Total active power at the last reading; undefined when there was none or the model does not say. */
  get powerW(): number | undefined {
    return this.#powerW;
  }

  get resolutionMilliWh(): number | undefined {
    return this.#resolutionMilliWh;
  }

  /** How old the newest accepted reading is; endless before the first, and when the metering has ended with a fault. */
  get ageMs(): number {
    if (this.#readAtMs === undefined || this.#energy?.fault !== null) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#parts.clock.monotonicMs() - this.#readAtMs);
  }

  /** A fault ends the metering of the charge in which it came; the next begins with the register as it stands. */
  forgetFault(): void {
    if (this.#energy !== undefined && this.#energy.fault !== null) this.#energy = undefined;
  }

  async look(): Promise<void> {
    const { meter, toMonotonicMs, limits } = this.#parts;
    const identity = await meter.identify();
    if (!identity.ok) {
      this.#lost(identity.fault);
      return;
    }
    const read = await meter.read();
    if (!read.ok) {
      this.#lost(read.fault);
      return;
    }
    const { importedMilliWh, resolutionMilliWh, powerW, monotonicMs } = read.value;
    const reading = {
      importedMilliWh,
      resolutionMilliWh,
      monotonicMs: toMonotonicMs(monotonicMs),
      serialNumber: identity.value.serialNumber,
    };
    const before = this.#energy;
    if (before === undefined) this.#baseMilliWh = importedMilliWh;
    this.#energy = before === undefined ? startRegister(reading) : takeRegister(before, reading, limits);
    this.#powerW = powerW ?? undefined;
    this.#resolutionMilliWh = resolutionMilliWh;
    if (this.#energy.fault !== null) {
      this.#report(this.#energy.fault.code, JSON.stringify(this.#energy.fault));
      return;
    }
    // A value that was put aside has been read, but is nothing to sign.
    if (before !== undefined && this.#energy.refused > before.refused) return;
    this.#back(reading.monotonicMs);
  }

  #lost(fault: MeterFault): void {
    // We are stopping.
    if (fault.code === "METER_CLOSED") return;
    this.#powerW = undefined;
    this.#lostSinceMs ??= this.#parts.clock.monotonicMs();
    this.#report(fault.code, JSON.stringify(fault));
  }

  #back(atMs: number): void {
    this.#readAtMs = atMs;
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
