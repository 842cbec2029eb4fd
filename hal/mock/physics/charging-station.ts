/**
 * A charging station of the bench: its wiring, its pilot line, its meter. What a gateway may know of it is `meter` and
 * `evse`; `trueEnergy` is for whoever judges the gateways.
 */
import { assert } from "#base/assert.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { PlugState } from "#hal/ports/charge-point.ts";
import { DIRECT_CABLE_OHM } from "./direct-current.ts";
import { drawWithin } from "./draw-within.ts";
import { EnergyAccount } from "./energy-account.ts";
import type { TrueEnergy } from "./energy-account.ts";
import type { PowerFlow, Supply } from "./power-flow.ts";
import { drawSlowNoise } from "./slow-noise.ts";
import type { SlowNoise } from "./slow-noise.ts";
import { StationMeter } from "./station-meter.ts";
import type { MeterNow, StationMeterOptions } from "./station-meter.ts";

export interface StationOptions extends StationMeterOptions {
  readonly phases: 1 | 3;
  /** What the station and its cable are built for. */
  readonly currentMaxA: number;
  /** Of the cable to the car; drawn from the seed when absent. */
  readonly cableLengthM?: number;
  /** A station of direct current; then `currentMaxA` is that of its cable, and its meter sits there. */
  readonly directPowerMaxW?: number;
}

/** What a charge controller finds and does at its socket. */
export interface EvseView {
  plugState(): PlugState;
  /**
   * Offers this current, at most what the station is built for. Below 6 A the pilot has no sign: nothing is offered.
   */
  setPermittedCurrent(currentA: number): void;
}

export interface MeterView {
  now(): MeterNow;
}

export class ChargingStation {
  readonly number: number;
  readonly phases: 1 | 3;
  readonly meterDevice: StationMeter;
  readonly #options: StationOptions;
  readonly #account = new EnergyAccount();
  readonly #baseV: readonly [number, number, number];
  readonly #noise: readonly [SlowNoise, SlowNoise, SlowNoise];
  readonly #frequencyNoise: SlowNoise;
  readonly #feedConductorOhm: number;
  readonly #cableConductorOhm: number;
  #permittedA = 0;
  #isPowered = true;
  #isFaulty = false;

  constructor(number: number, options: StationOptions, random: SeededRandom) {
    this.number = number;
    this.phases = options.phases;
    this.#options = options;
    this.meterDevice = new StationMeter(random.fork("meter"), options);
    const grid = random.fork("grid");
    const drawBase = (): number => NOMINAL_V * (1 + drawWithin(grid, 0.03));
    this.#baseV = [drawBase(), drawBase(), drawBase()];
    this.#noise = [drawSlowNoise(grid), drawSlowNoise(grid), drawSlowNoise(grid)];
    this.#frequencyNoise = drawSlowNoise(grid);
    const areaMm2 = options.currentMaxA > 20 ? 6 : 2.5;
    const lengthM = options.cableLengthM ?? random.fork("cable").between(4, 7.5);
    this.#cableConductorOhm = (COPPER_OHM_MM2_PER_M * lengthM) / areaMm2;
    this.#feedConductorOhm = (COPPER_OHM_MM2_PER_M * grid.between(8, 30)) / (1.6 * areaMm2);
  }

  /** Current that the pilot offers now; 0 is none. */
  get offeredA(): number {
    return this.#isPowered && !this.#isFaulty ? this.#permittedA : 0;
  }

  get isPowered(): boolean {
    return this.#isPowered;
  }

  get isFaulty(): boolean {
    return this.#isFaulty;
  }

  /** Null at a station of alternating current. */
  get directPowerMaxW(): number | null {
    return this.#options.directPowerMaxW ?? null;
  }

  /** All that ever flowed through this station; the losses and planes behind the inlet are those of its cars. */
  get trueEnergy(): TrueEnergy {
    return this.#account.read();
  }

  setPermittedCurrent(currentA: number): void {
    assert(Number.isFinite(currentA) && currentA >= 0, "a permitted current is a number of amperes");
    this.#permittedA = currentA < PILOT_MIN_A ? 0 : Math.min(currentA, this.#options.currentMaxA);
  }

  /** Welded contact, earth fault, a button pressed: nothing flows until it is cleared. */
  setFault(isFaulty: boolean): void {
    this.#isFaulty = isFaulty;
  }

  /** The grid fails: the meter is dark and its register keeps; afterwards the controller has to permit anew. */
  cutPower(): void {
    this.#isPowered = false;
    this.#permittedA = 0;
    this.meterDevice.goDark();
  }

  restorePower(): void {
    this.#isPowered = true;
  }

  /** What a car finds that charges on this many phases. */
  supply(phases: number, worldMs: number): Supply {
    // The neutral carries a one-phase load's whole current and none of a balanced three-phase one.
    const loop = phases === 1 ? 2 : phases === 2 ? 1.5 : 1;
    return {
      voltagesV: this.#voltagesV(worldMs).slice(0, phases),
      feedOhm: this.#feedConductorOhm * loop,
      cableOhm: this.#cableConductorOhm * loop,
    };
  }

  /** Books what flowed for this long, up to `worldMs`. `phases` of them carried the current. */
  record(flow: PowerFlow, phases: number, durationS: number, worldMs: number): void {
    if (!this.#isPowered) return;
    this.#account.add(flow, durationS);
    const carried = (phase: number): number => (phase < phases ? flow.phaseCurrentA : 0);
    const metered = {
      powerW: flow.meterW,
      voltageV: this.#meteredV(flow, worldMs),
      currentA: [carried(0), carried(1), carried(2)] as const,
      frequencyHz: this.frequencyHz(worldMs),
    };
    this.meterDevice.record(metered, durationS, worldMs);
  }

  /** As `record`, with nobody plugged in. */
  recordNothing(durationS: number, worldMs: number): void {
    if (!this.#isPowered) return;
    const voltageV = this.directPowerMaxW === null ? this.#voltagesV(worldMs) : ([0, 0, 0] as const);
    const metered = { powerW: 0, voltageV, currentA: [0, 0, 0] as const, frequencyHz: this.frequencyHz(worldMs) };
    this.meterDevice.record(metered, durationS, worldMs);
  }

  /** Of the mains; a station of direct current has none at its cable. */
  frequencyHz(worldMs: number): number {
    return this.directPowerMaxW === null ? NOMINAL_HZ + 0.04 * this.#frequencyNoise(worldMs) : 0;
  }

  #meteredV(flow: PowerFlow, worldMs: number): readonly [number, number, number] {
    if (this.directPowerMaxW !== null) return [flow.batteryVoltageV + flow.phaseCurrentA * DIRECT_CABLE_OHM, 0, 0];
    const dropV = flow.phaseCurrentA * this.#feedConductorOhm;
    const [first, second, third] = this.#voltagesV(worldMs);
    return [first - dropV, second > 0 ? second - dropV : 0, third > 0 ? third - dropV : 0];
  }

  #voltagesV(worldMs: number): readonly [number, number, number] {
    if (!this.#isPowered) return [0, 0, 0];
    const volts = (phase: 0 | 1 | 2): number => this.#baseV[phase] * (1 + 0.012 * this.#noise[phase](worldMs));
    return this.phases === 1 ? [volts(0), 0, 0] : [volts(0), volts(1), volts(2)];
  }
}

const NOMINAL_V = 230;
const NOMINAL_HZ = 50;
/** Smallest current that the pilot's duty cycle can say (IEC 61851-1, annex A). */
const PILOT_MIN_A = 6;
/** Copper at about 45 °C. */
const COPPER_OHM_MM2_PER_M = 0.019;
