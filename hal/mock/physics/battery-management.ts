/**
 * What the car's battery management believes: the true voltage and current through sensors with a gain and an offset,
 * counters of its own that began long ago, and a state of charge that is not quite linear.
 */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { drawWithin } from "./draw-within.ts";

/** Half-widths that an honest car keeps: of the gain of energy, and of the offset of its current sensor. */
export const BATTERY_GAIN_ERROR_MAX = 0.025;
export const BATTERY_OFFSET_MAX_A = 0.3;

export interface BatteryResolution {
  readonly voltageStepV: number;
  readonly currentStepA: number;
  readonly chargeStepPercent: number;
}

/** What really is at the terminals. */
export interface TrueBattery {
  readonly voltageV: number;
  /** Into the battery is positive. */
  readonly currentA: number;
  readonly chargeShare: number;
}

export interface BelievedBattery {
  readonly packVoltageV: number;
  readonly packCurrentA: number;
  readonly stateOfChargePercent: number;
  /** Lifetime counters; regeneration on the road is in the first. */
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly operatingSeconds: number;
}

export class BatteryManagement {
  /** What a dishonest car multiplies its current and its counting by; 1 is honest. Acts from now on. */
  lieFactor = 1;
  readonly #resolution: BatteryResolution;
  readonly #voltageGain: number;
  readonly #currentGain: number;
  readonly #offsetA: number;
  readonly #emptyShare: number;
  readonly #fullShare: number;
  readonly #bend: number;
  #chargedWh: number;
  #dischargedWh: number;
  #operatingS: number;

  constructor(random: SeededRandom, resolution: BatteryResolution) {
    this.#resolution = resolution;
    this.#voltageGain = 1 + drawWithin(random, 0.2 * BATTERY_GAIN_ERROR_MAX);
    this.#currentGain = 1 + drawWithin(random, 0.75 * BATTERY_GAIN_ERROR_MAX);
    this.#offsetA = drawWithin(random, 0.95 * BATTERY_OFFSET_MAX_A);
    this.#emptyShare = random.between(0, 0.04);
    this.#fullShare = random.between(0.995, 1);
    this.#bend = random.between(-0.02, 0.02);
    this.#chargedWh = random.between(5e5, 1.5e7);
    // Two hundred recorded cars: discharged over charged, as energy, 0.91 to 0.99.
    this.#dischargedWh = this.#chargedWh * random.between(0.91, 0.99);
    this.#operatingS = random.integer(1e6, 2e7);
  }

  /** Counts while the car is awake; asleep it measures nothing. */
  record(battery: TrueBattery, durationS: number): void {
    const powerW = battery.voltageV * this.#voltageGain * this.#measuredA(battery);
    const energyWh = (Math.abs(powerW) * durationS) / 3600;
    if (powerW > 0) this.#chargedWh += energyWh;
    else this.#dischargedWh += energyWh;
    this.#operatingS += durationS;
  }

  now(battery: TrueBattery, isAwake: boolean): BelievedBattery {
    const { voltageStepV, currentStepA, chargeStepPercent } = this.#resolution;
    return {
      packVoltageV: roundTo(battery.voltageV * this.#voltageGain, voltageStepV),
      packCurrentA: isAwake ? roundTo(this.#measuredA(battery), currentStepA) : 0,
      stateOfChargePercent: roundTo(this.#shownPercent(battery.chargeShare), chargeStepPercent),
      chargedWh: this.#chargedWh,
      dischargedWh: this.#dischargedWh,
      operatingSeconds: Math.floor(this.#operatingS),
    };
  }

  #measuredA(battery: TrueBattery): number {
    return (battery.currentA * this.#currentGain + this.#offsetA) * this.lieFactor;
  }

  /** The driver sees the usable part, a little bent in the middle. */
  #shownPercent(chargeShare: number): number {
    const usable = (chargeShare - this.#emptyShare) / (this.#fullShare - this.#emptyShare);
    const within = Math.min(1, Math.max(0, usable));
    return 100 * (within + this.#bend * Math.sin(2 * Math.PI * within));
  }
}

/** Steps of a sensor are decimal fractions; the second rounding takes off the binary remainder. */
function roundTo(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(6));
}
