/**
 * The physics of a region in few words: an outlet with its meter, a car with its battery, and what flows between them.
 * Cheap, because years of it are played; the fine physics of one charge are those of `hal/mock/physics`.
 *
 * Power ramps up, wanders by some per cent and tapers off at the end of the charge. The meter errs within its class,
 * the car's sensors within what cars state; a liar multiplies what it shows, never what flows.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { EvseTarget } from "#hal/mock/modbus/evse-target.ts";
import type { PlugState } from "#hal/ports/charge-point.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";

const RAMP_MS = 4_000;
/** Power is taken for constant for so long at most. */
const STEP_MS = 10_000;
const MILLI_WH_PER_W_MS = 1 / 3600;
const METER_STEP_MILLI_WH = 1_000;
const COUNTER_STEP_MILLI_WH = 100_000;
const PACK_V = 400;
const NOTHING_V = [230, 230, 230] as const;

/** Of a charge that a driver means to have. */
export interface Charge {
  readonly powerW: number;
  /** Ends by itself after so much. */
  readonly energyMilliWh: number;
}

export class Outlet implements EvseTarget {
  readonly number: number;
  /** What the meter shows of what flows: near 1, or more at a liar's. */
  shownShare: number;
  readonly #now: () => number;
  #car: Car | undefined;
  #permittedA = 0;
  #permittedAtMs = 0;
  #atMs = 0;
  #deliveredMilliWh = 0;
  #shownMilliWh: number;
  readonly #wave: { readonly periodMs: number; readonly phase: number };

  constructor(number: number, nowMs: () => number, random: SeededRandom) {
    this.number = number;
    this.#now = nowMs;
    this.shownShare = 1 + random.between(-0.012, 0.012);
    this.#shownMilliWh = random.integer(0, 40_000) * 1_000_000;
    this.#wave = { periodMs: random.between(200_000, 900_000), phase: random.between(0, 6) };
  }

  get car(): Car | undefined {
    return this.#car;
  }

  /** What has really flowed, mWh. */
  get deliveredMilliWh(): number {
    this.advance();
    return this.#deliveredMilliWh;
  }

  /** The register as the meter shows it. */
  get shownMilliWh(): number {
    this.advance();
    return Math.floor(this.#shownMilliWh / METER_STEP_MILLI_WH) * METER_STEP_MILLI_WH;
  }

  get powerW(): number {
    return this.#powerAt(this.#now());
  }

  plug(car: Car): void {
    this.advance();
    this.#car = car;
    car.outlet = this;
  }

  unplug(): void {
    this.advance();
    if (this.#car !== undefined) this.#car.outlet = undefined;
    this.#car = undefined;
  }

  plugState(): PlugState {
    if (this.#car === undefined) return "unplugged";
    return this.powerW > 0 ? "charging" : "plugged";
  }

  setPermittedCurrent(currentA: number): void {
    if (currentA === this.#permittedA) return;
    this.advance();
    if (this.#permittedA === 0) this.#permittedAtMs = this.#now();
    this.#permittedA = currentA;
  }

  /** Lets what flows flow until now. */
  advance(): void {
    const nowMs = this.#now();
    if (this.#car === undefined || this.#permittedA === 0) {
      this.#atMs = nowMs;
      return;
    }
    while (this.#atMs < nowMs) {
      const untilMs = Math.min(nowMs, this.#atMs + STEP_MS);
      const powerW = this.#powerAt((this.#atMs + untilMs) / 2);
      const milliWh = powerW * (untilMs - this.#atMs) * MILLI_WH_PER_W_MS;
      this.#deliveredMilliWh += milliWh;
      this.#shownMilliWh += milliWh * this.shownShare;
      this.#car.receive(milliWh, powerW, untilMs - this.#atMs);
      this.#atMs = untilMs;
    }
  }

  #powerAt(atMs: number): number {
    const car = this.#car;
    if (car === undefined || this.#permittedA < 6) return 0;
    const wanted = Math.min(car.wantedW, this.#permittedA * 3 * 230);
    const ramp = Math.min(1, Math.max(0, (atMs - this.#permittedAtMs) / RAMP_MS));
    const wave = 1 + 0.04 * Math.sin((6.283 * atMs) / this.#wave.periodMs + this.#wave.phase);
    return wanted * ramp * wave;
  }

  meter(clock: Clock, serialNumber: string): EnergyMeter {
    let isClosed = false;
    const closed = { code: "METER_CLOSED" } as const;
    return {
      identify: (): Promise<Result<MeterIdentity, MeterFault>> =>
        Promise.resolve(isClosed ? fail(closed) : ok({ model: "simulated", serialNumber, firmware: null })),
      read: (): Promise<Result<MeterReading, MeterFault>> =>
        Promise.resolve(isClosed ? fail(closed) : ok(this.#reading(clock))),
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    };
  }

  #reading(clock: Clock): MeterReading {
    return {
      importedMilliWh: this.shownMilliWh,
      resolutionMilliWh: METER_STEP_MILLI_WH,
      rolloverMilliWh: null,
      register: "simulated",
      exportedMilliWh: null,
      powerW: this.powerW * this.shownShare,
      voltageV: NOTHING_V,
      currentA: [0, 0, 0],
      frequencyHz: 50,
      monotonicMs: clock.monotonicMs(),
      wallMs: clock.wallMs(),
    };
  }
}

export class Car {
  outlet: Outlet | undefined;
  /** What the car shows of what its battery receives: near 1, or less at a liar's. */
  shownShare: number;
  readonly #efficiency: number;
  #charge: Charge | undefined;
  #takenMilliWh = 0;
  #storedMilliWh: number;
  #batteryW = 0;

  constructor(random: SeededRandom) {
    this.shownShare = 1 + random.between(-0.012, 0.012);
    this.#efficiency = random.between(0.9, 0.93);
    this.#storedMilliWh = random.integer(0, 9_000) * 1_000_000;
  }

  wants(charge: Charge | undefined): void {
    this.outlet?.advance();
    this.#charge = charge;
    this.#takenMilliWh = 0;
  }

  /** At the inlet; little at the end of the charge, and nothing after it. */
  get wantedW(): number {
    if (this.#charge === undefined) return 0;
    const left = this.#charge.energyMilliWh - this.#takenMilliWh;
    if (left <= 0) return 0;
    return this.#charge.powerW * Math.min(1, 0.3 + left / 1_500_000);
  }

  get isFull(): boolean {
    return this.#charge !== undefined && this.wantedW === 0;
  }

  receive(milliWh: number, powerW: number, overMs: number): void {
    this.#takenMilliWh += milliWh;
    const stored = milliWh * this.#efficiency;
    this.#storedMilliWh += stored * this.shownShare;
    this.#batteryW = overMs > 0 && powerW > 0 ? stored / overMs / MILLI_WH_PER_W_MS : 0;
  }

  link(clock: Clock): VehicleLink {
    let isClosed = false;
    const closed = { code: "VEHICLE_CLOSED" } as const;
    return {
      identify: (): Promise<Result<VehicleIdentity, VehicleFault>> =>
        Promise.resolve(isClosed ? fail(closed) : ok({ adapter: "simulated", profile: "simulated" })),
      sample: (): Promise<Result<VehicleSample, VehicleFault>> =>
        Promise.resolve(isClosed ? fail(closed) : ok(this.#sample(clock))),
      supplyVoltage: () => Promise.resolve(isClosed ? fail(closed) : ok(13)),
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    };
  }

  #sample(clock: Clock): VehicleSample {
    this.outlet?.advance();
    const isFlowing = (this.outlet?.powerW ?? 0) > 0;
    const batteryW = isFlowing ? this.#batteryW * this.shownShare : 0;
    return {
      batteryVoltageV: PACK_V,
      batteryCurrentA: batteryW / PACK_V,
      chargedMilliWh: Math.floor(this.#storedMilliWh / COUNTER_STEP_MILLI_WH) * COUNTER_STEP_MILLI_WH,
      chargedResolutionMilliWh: COUNTER_STEP_MILLI_WH,
      stateOfChargePercent: 50,
      inlet: null,
      plugged: null,
      charging: isFlowing,
      rawReplies: [],
      monotonicMs: clock.monotonicMs(),
      wallMs: clock.wallMs(),
    };
  }
}
