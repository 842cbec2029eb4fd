/**
 * Samples the car and keeps what its battery has received: the register that is signed, the estimates of the present
 * charge, and the evidence of both. On flash, so that a restart in mid-charge goes on from where it was.
 */
import { equalBytes } from "#base/bytes.ts";
import type { PowerSample } from "#core/binding/fit-watermark.ts";
import { NO_BATTERY_ENERGY, openSession, resumeBattery, takeSample } from "#core/metering/battery-energy.ts";
import { closeInterval, collectEvidence, NO_EVIDENCE, type ClosedInterval } from "#core/metering/battery-evidence.ts";
import { NO_ADDRESS } from "#core/metering/battery-record.ts";
import type { BatteryEnergy, BatteryLimits, RestCurrent } from "#core/metering/battery-state.ts";
import { batteryStatement, type BatteryStatement } from "#core/metering/battery-statement.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import { EvidenceWriter } from "./evidence-writer.ts";
import { batterySampleOf } from "./battery-sample-of.ts";
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
  /** Says that somebody waits for the car's samples, where it would else be left alone. */
  readonly expectCharge?: () => void;
  readonly clock: Clock;
  readonly toMonotonicMs: (stampMs: number) => number;
  readonly journal: SafetyRegister;
  readonly evidence: Pick<EvidenceStore, "keep">;
  readonly limits: BatteryLimits;
  readonly emit: EmitEvent;
}

export interface WatchedContract {
  readonly address: Uint8Array;
  /** The most that its terms allow. */
  readonly powerMaxW: number;
  /** The register that this side has signed last. */
  readonly signedMilliWh: number;
}

/** A charge as it is said to have been. */
export interface BatteryCharge {
  /** Transaction address; empty without a contract. */
  readonly address: Uint8Array;
  readonly statement: BatteryStatement;
}

export class BatteryWatch {
  readonly #parts: BatteryWatchParts;
  readonly #writer: EvidenceWriter;
  #energy = NO_BATTERY_ENERGY;
  #address: Uint8Array = NO_ADDRESS;
  #lastCharge: BatteryCharge | undefined;
  #evidence = NO_EVIDENCE;
  #nextInterval = 0;
  #sampledAtMs: number | undefined;
  /** Wall time of the newest sample, also of one before a restart: tells the next restart how long it was away. */
  #sampledWallMs = 0;
  #askedAtMs: number | undefined;
  #journalledAtMs = Number.NEGATIVE_INFINITY;
  #charging = false;
  #isStill = false;
  #plugged: boolean | undefined;
  #stateOfCharge: number | undefined;
  #flow: PowerSample | undefined;
  #lostSinceMs: number | undefined;
  #reported: string | undefined;

  constructor(parts: BatteryWatchParts) {
    this.#parts = parts;
    this.#writer = new EvidenceWriter(parts);
    const stored = parts.journal.value === undefined ? undefined : decodeBatteryJournal(parts.journal.value);
    if (stored === undefined) return;
    const { clock } = parts;
    const awayMs = clock.wallMs() - stored.wallMs;
    // A board without a battery for its clock wakes up in the past: how long it was away, nobody knows.
    this.#energy = resumeBattery(stored.energy, clock.monotonicMs(), awayMs < 0 ? null : awayMs);
    this.#sampledWallMs = stored.wallMs;
    this.#address = stored.address;
    this.#nextInterval = stored.nextInterval;
  }

  /** mWh into the battery since this gateway began to watch; never falls. */
  get registerMilliWh(): number {
    return this.#energy.registerMilliWh;
  }

  get ageMs(): number {
    if (this.#sampledAtMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#parts.clock.monotonicMs() - this.#sampledAtMs);
  }

  /** How old the register is: after a gap in a charge it is not known before the car's counter has bridged it. */
  get registerAgeMs(): number {
    return this.#energy.charge.gaps.pending === null ? this.ageMs : Number.POSITIVE_INFINITY;
  }

  get isCharging(): boolean {
    return this.#charging;
  }

  /** Nothing flows to speak of, at the last sample. Not known of a car that does not answer. */
  get isStill(): boolean {
    return this.#isStill;
  }

  /** As the car tells it; undefined where it does not, or cannot be asked. A car that sleeps stays where it is. */
  get isPlugged(): boolean | undefined {
    return this.#plugged;
  }

  /** Into the battery, or at the inlet where the battery's current is not told; as last read. */
  get flow(): PowerSample | undefined {
    return this.#flow;
  }

  get stateOfChargePercent(): number | undefined {
    return this.#stateOfCharge;
  }

  /** The present charge, or the stretch of charging without a contract. */
  get charge(): BatteryCharge {
    return { address: this.#address, statement: batteryStatement(this.#energy, this.#parts.limits) };
  }

  /** The charge before the present one, since this gateway was started. */
  get lastCharge(): BatteryCharge | undefined {
    return this.#lastCharge;
  }

  /** What the current sensor showed while the car was plugged and did not charge; nothing is corrected by it. */
  get restCurrent(): RestCurrent | null {
    return this.#energy.rest;
  }

  /** A contract has begun, or is gone on with after a restart. */
  async openCharge({ address, powerMaxW, signedMilliWh }: WatchedContract): Promise<void> {
    if (equalBytes(address, this.#address)) return;
    // Only a journal that was lost knows less than the ledger: what has been signed stands.
    const registerMilliWh = Math.max(this.#energy.registerMilliWh, signedMilliWh);
    this.#energy = { ...this.#energy, registerMilliWh };
    await this.#change(address, powerMaxW);
  }

  /** The contract is over. What still flows belongs to no charge. */
  async closeCharge(): Promise<void> {
    if (this.#address.length > 0) await this.#change(NO_ADDRESS, null);
  }

  /**
   * @param isWanted somebody waits for the register: else a parked car is left alone most of the time
   * @param parkedEveryMs how often it is asked then at most; the link may still say that it is to be left alone
   */
  async look(isWanted: boolean, parkedEveryMs = PARKED_EVERY_MS): Promise<void> {
    const { clock, vehicle, expectCharge } = this.#parts;
    if (isWanted) expectCharge?.();
    const now = clock.monotonicMs();
    const mayWait = !isWanted && !this.#charging;
    if (mayWait && this.#askedAtMs !== undefined && now - this.#askedAtMs < parkedEveryMs) return;
    this.#askedAtMs = now;
    const sampled = await vehicle.sample();
    if (!sampled.ok) {
      this.#lost(sampled.fault);
      return;
    }
    await this.#take(sampled.value);
    await this.#writeJournal();
  }

  async #take(value: VehicleSample): Promise<void> {
    const { toMonotonicMs, limits } = this.#parts;
    const sample = batterySampleOf(value, toMonotonicMs(value.monotonicMs));
    const before = this.#energy;
    const after = takeSample(before, sample, limits);
    this.#energy = after;
    this.#charging = value.charging;
    this.#isStill = isStill(value);
    this.#flow = flowOf(value, sample.monotonicMs) ?? this.#flow;
    this.#plugged = value.plugged ?? undefined;
    this.#stateOfCharge = value.stateOfChargePercent ?? undefined;
    const isBlind = sample.batteryVoltageV === null && limits.countedInlet === undefined;
    if (isBlind) this.#report("VEHICLE_TELLS_NO_CURRENT", "there is nothing to sign");
    else if (after.refused === before.refused) this.#back(sample.monotonicMs);
    this.#tellTrouble(before, after);
    const step = collectEvidence(this.#evidence, [before, after], value, limits.usableMilliWh);
    this.#evidence = step.evidence;
    if (step.closed !== null) await this.#keep(step.closed);
    const hasEnded = before.stretch.isOpen && !after.stretch.isOpen;
    // Without a contract each stretch of charging is a charge of its own.
    if (hasEnded && this.#address.length === 0) await this.#change(NO_ADDRESS, null);
  }

  async #change(address: Uint8Array, powerMaxW: number | null): Promise<void> {
    const { limits } = this.#parts;
    const { open } = this.#evidence;
    if (open !== null && this.#energy.stretch.isOpen) {
      await this.#keep(closeInterval(open, this.#energy, limits.usableMilliWh));
    }
    this.#lastCharge = this.charge;
    this.#energy = openSession(this.#energy, powerMaxW);
    this.#address = address;
    this.#evidence = NO_EVIDENCE;
    this.#nextInterval = 0;
    this.#journalledAtMs = Number.NEGATIVE_INFINITY;
    await this.#writeJournal();
  }

  async #keep(interval: ClosedInterval): Promise<void> {
    const index = this.#nextInterval;
    this.#nextInterval += 1;
    // The number is used up; the journal that follows must say so.
    this.#journalledAtMs = Number.NEGATIVE_INFINITY;
    const { powerMaxW } = this.#energy.session;
    await this.#writer.write(interval, { ...this.charge, index, powerMaxW });
  }

  #tellTrouble(before: BatteryEnergy, { charge }: BatteryEnergy): void {
    const { trouble } = charge.counter;
    if (trouble === null || before.charge.counter.trouble !== null) return;
    this.#parts.emit("refused", { what: "the car's charge counter", code: trouble, count: 1 });
  }

  async #writeJournal(): Promise<void> {
    const { clock, journal } = this.#parts;
    const now = clock.monotonicMs();
    if (now - this.#journalledAtMs < JOURNAL_EVERY_MS) return;
    this.#journalledAtMs = now;
    const entry = { wallMs: this.#sampledWallMs, address: this.#address, nextInterval: this.#nextInterval };
    await journal.write(encodeBatteryJournal({ ...entry, energy: this.#energy }));
  }

  #lost(fault: VehicleFault): void {
    // We are stopping, or the car is not asked for its battery's sake.
    if (fault.code === "VEHICLE_CLOSED" || fault.code === "VEHICLE_LEFT_ALONE") return;
    this.#isStill = false;
    if (fault.code !== "VEHICLE_ASLEEP") this.#plugged = undefined;
    this.#report(fault.code, JSON.stringify(fault));
  }

  /** Each kind of trouble is told once, until the car is back. */
  #report(code: string, detail: string): void {
    this.#lostSinceMs ??= this.#parts.clock.monotonicMs();
    if (this.#reported === code) return;
    this.#reported = code;
    this.#parts.emit("meterLost", { code, detail });
  }

  #back(atMs: number): void {
    this.#sampledAtMs = atMs;
    this.#sampledWallMs = this.#parts.clock.wallMs();
    if (this.#lostSinceMs !== undefined) {
      this.#parts.emit("meterBack", { awayMs: Math.round(this.#parts.clock.monotonicMs() - this.#lostSinceMs) });
    }
    this.#lostSinceMs = undefined;
    this.#reported = undefined;
  }
}

/** Less is a sensor's zero, and what the car's own electronics take. */
const STILL_A = 1;
const STILL_W = 400;

/** Where the battery's current is not told, by what the car takes at its inlet. */
function isStill({ batteryCurrentA, inlet, charging }: VehicleSample): boolean {
  if (batteryCurrentA !== null) return Math.abs(batteryCurrentA) < STILL_A;
  return inlet === null ? !charging : inlet.powerW < STILL_W;
}

function flowOf(
  { batteryVoltageV, batteryCurrentA, inlet, agesMs }: VehicleSample,
  atMs: number,
): PowerSample | undefined {
  if (batteryVoltageV !== null && batteryCurrentA !== null) return { atMs, powerW: batteryVoltageV * batteryCurrentA };
  const isNew = (agesMs?.inlet ?? 0) === 0;
  return inlet !== null && isNew ? { atMs, powerW: inlet.powerW } : undefined;
}
