/**
 * Samples the car and keeps the register of what its battery has received, on flash, so that a restart in mid-charge
 * goes on from where it was.
 */
import { resumeBattery, startBattery, takeSample } from "#core/metering/battery-energy.ts";
import type { BatteryEnergy, BatterySample } from "#core/metering/battery-state.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleLink } from "#hal/ports/vehicle-link.ts";
import { decodeBatteryJournal, encodeBatteryJournal } from "./battery-journal.ts";
import type { EmitEvent } from "./events.ts";

/**
 * How often the register is written while the car charges: what a power cut may lose is bridged by the car's counter.
 */
const JOURNAL_EVERY_MS = 10_000;
/** A parked car is asked rarely, for the sake of its 12 V battery. */
const PARKED_EVERY_MS = 60_000;

export interface BatteryWatchParts {
  readonly vehicle: VehicleLink;
  readonly clock: Clock;
  readonly toMonotonicMs: (stampMs: number) => number;
  readonly journal: SafetyRegister;
  readonly powerMaxW: number;
  readonly emit: EmitEvent;
}

export class BatteryWatch {
  readonly #parts: BatteryWatchParts;
  #energy: BatteryEnergy | undefined;
  #sampledAtMs: number | undefined;
  #askedAtMs: number | undefined;
  #journalledAtMs = Number.NEGATIVE_INFINITY;
  #charging = false;
  #currentA: number | undefined;
  #stateOfCharge: number | undefined;
  #lostSinceMs: number | undefined;
  #reported: string | undefined;

  constructor(parts: BatteryWatchParts) {
    this.#parts = parts;
    const stored = parts.journal.value === undefined ? undefined : decodeBatteryJournal(parts.journal.value);
    if (stored === undefined) return;
    const { clock } = parts;
    this.#energy = resumeBattery(stored.energy, clock.monotonicMs(), clock.wallMs() - stored.wallMs);
  }

  /** mWh into the battery since this gateway began to watch; never falls. */
  get registerMilliWh(): number {
    return this.#energy?.energyMilliWh ?? 0;
  }

  get ageMs(): number {
    if (this.#sampledAtMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#parts.clock.monotonicMs() - this.#sampledAtMs);
  }

  /** How old the register is: after a gap in a charge it is not known before the car's counter has bridged it. */
  get registerAgeMs(): number {
    const isBridging = this.#charging && this.#energy !== undefined && this.#energy.gaps.pending !== null;
    return isBridging ? Number.POSITIVE_INFINITY : this.ageMs;
  }

  get isCharging(): boolean {
    return this.#charging;
  }

  /** Into the battery, at the last sample; undefined while the car does not answer. */
  get currentA(): number | undefined {
    return this.#currentA;
  }

  get stateOfChargePercent(): number | undefined {
    return this.#stateOfCharge;
  }

  /** @param isWanted somebody waits for the register: else a parked car is left alone most of the time. */
  async look(isWanted: boolean): Promise<void> {
    const { clock, vehicle, toMonotonicMs, powerMaxW } = this.#parts;
    const now = clock.monotonicMs();
    if (!isWanted && this.#askedAtMs !== undefined && now - this.#askedAtMs < PARKED_EVERY_MS) return;
    this.#askedAtMs = now;
    const sampled = await vehicle.sample();
    if (!sampled.ok) {
      this.#lost(sampled.fault);
      return;
    }
    const sample: BatterySample = { ...sampled.value, monotonicMs: toMonotonicMs(sampled.value.monotonicMs) };
    this.#energy = this.#energy === undefined ? startBattery(sample) : takeSample(this.#energy, sample, powerMaxW);
    this.#charging = sampled.value.charging;
    this.#currentA = sampled.value.batteryCurrentA;
    this.#stateOfCharge = sampled.value.stateOfChargePercent ?? undefined;
    this.#back(sample.monotonicMs);
    await this.#writeJournal();
  }

  async #writeJournal(): Promise<void> {
    const { clock, journal } = this.#parts;
    const now = clock.monotonicMs();
    if (this.#energy === undefined || now - this.#journalledAtMs < JOURNAL_EVERY_MS) return;
    this.#journalledAtMs = now;
    await journal.write(encodeBatteryJournal({ wallMs: clock.wallMs(), energy: this.#energy }));
  }

  #lost(fault: VehicleFault): void {
    // We are stopping.
    if (fault.code === "VEHICLE_CLOSED") return;
    this.#currentA = undefined;
    this.#lostSinceMs ??= this.#parts.clock.monotonicMs();
    if (this.#reported === fault.code) return;
    this.#reported = fault.code;
    this.#parts.emit("meterLost", { code: fault.code, detail: JSON.stringify(fault) });
  }

  #back(atMs: number): void {
    this.#sampledAtMs = atMs;
    if (this.#lostSinceMs !== undefined) {
      this.#parts.emit("meterBack", { awayMs: Math.round(this.#parts.clock.monotonicMs() - this.#lostSinceMs) });
    }
    this.#lostSinceMs = undefined;
    this.#reported = undefined;
  }
}
