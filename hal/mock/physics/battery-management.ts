/**
 * What the car's battery management believes: the true voltage and current through sensors with a gain and an offset,
 * counters of its own that began long ago, and a state of charge that is not quite linear.
 */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { BatteryState } from "../obd/battery-source.ts";
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

/** What the car does while its management counts. */
export type CarActivity = "standing" | "driving" | "charging-ac" | "charging-dc";

/** What a control unit tells of it, but for the cells and what is not the battery's. */
export type BelievedBattery = Omit<
  BatteryState,
  "cellVoltageMaxV" | "cellVoltageMinV" | "auxiliaryVoltageV" | "motorRpm" | "plugged" | "charging" | "inlet"
>;

type Resolution = BatteryResolution & {
  readonly chargeWaves?: { readonly share: number; readonly count: number };
};

export class BatteryManagement {
  /** What a dishonest car multiplies its current and its counting by; 1 is honest. Acts from now on. */
  lieFactor = 1;
  readonly #resolution: Resolution;
  readonly #voltageGain: number;
  readonly #currentGain: number;
  readonly #offsetA: number;
  readonly #emptyShare: number;
  readonly #fullShare: number;
  readonly #bend: number;
  readonly #reserveBelow: number;
  readonly #reserveAbove: number;
  readonly #healthPercent: number;
  readonly #counters: Counters;

  constructor(random: SeededRandom, resolution: Resolution) {
    this.#resolution = resolution;
    this.#voltageGain = 1 + drawWithin(random, 0.2 * BATTERY_GAIN_ERROR_MAX);
    this.#currentGain = 1 + drawWithin(random, 0.75 * BATTERY_GAIN_ERROR_MAX);
    this.#offsetA = drawWithin(random, 0.95 * BATTERY_OFFSET_MAX_A);
    this.#emptyShare = random.between(0, 0.04);
    this.#fullShare = random.between(0.995, 1);
    this.#bend = random.between(-0.02, 0.02);
    this.#counters = drawCounters(random);
    this.#reserveBelow = random.between(0.015, 0.04);
    this.#reserveAbove = random.between(0.02, 0.045);
    this.#healthPercent = Math.round(random.between(880, 1000)) / 10;
  }

  /** Counts while the car is awake; asleep it measures nothing. */
  record(battery: TrueBattery, durationS: number, activity: CarActivity = "standing"): void {
    const hours = durationS / 3600;
    const currentA = this.#measuredA(battery);
    const energyWh = battery.voltageV * this.#voltageGain * Math.abs(currentA) * hours;
    const counters = this.#counters;
    counters.operatingS += durationS;
    if (currentA <= 0) {
      counters.dischargedWh += energyWh;
      counters.dischargedAh -= currentA * hours;
      return;
    }
    counters.chargedWh += energyWh;
    counters.chargedAh += currentA * hours;
    if (activity === "driving") counters.regeneratedWh += energyWh;
    if (activity === "charging-ac") counters.alternatingWh += energyWh;
    if (activity === "charging-dc") counters.directWh += energyWh;
  }

  /** A charge at the plug begins. */
  countSession(kind: "ac" | "dc"): void {
    if (kind === "ac") this.#counters.alternatingSessions += 1;
    else this.#counters.directSessions += 1;
  }

  now(battery: TrueBattery, isAwake: boolean): BelievedBattery {
    const { voltageStepV, currentStepA, chargeStepPercent } = this.#resolution;
    const { operatingS, ...counters } = this.#counters;
    const bmsShare = this.#reserveBelow + battery.chargeShare * (1 - this.#reserveBelow - this.#reserveAbove);
    return {
      ...counters,
      packVoltageV: roundTo(battery.voltageV * this.#voltageGain, voltageStepV),
      packCurrentA: isAwake ? roundTo(this.#measuredA(battery), currentStepA) : 0,
      stateOfChargePercent: roundTo(100 * this.#waved(bmsShare), chargeStepPercent),
      displayPercent: roundTo(100 * this.#waved(this.#shownShare(battery.chargeShare)), chargeStepPercent),
      healthPercent: this.#healthPercent,
      operatingSeconds: Math.floor(operatingS),
    };
  }

  #measuredA(battery: TrueBattery): number {
    return (battery.currentA * this.#currentGain + this.#offsetA) * this.lieFactor;
  }

  /** The driver sees the usable part, a little bent in the middle. */
  #shownShare(chargeShare: number): number {
    const usable = (chargeShare - this.#emptyShare) / (this.#fullShare - this.#emptyShare);
    const within = Math.min(1, Math.max(0, usable));
    return within + this.#bend * Math.sin(2 * Math.PI * within);
  }

  #waved(share: number): number {
    const waves = this.#resolution.chargeWaves;
    if (waves === undefined) return share;
    return Math.min(1, Math.max(0, share + waves.share * Math.sin(2 * Math.PI * waves.count * share)));
  }
}

interface Counters {
  chargedWh: number;
  dischargedWh: number;
  regeneratedWh: number;
  chargedAh: number;
  dischargedAh: number;
  alternatingWh: number;
  directWh: number;
  alternatingSessions: number;
  directSessions: number;
  operatingS: number;
}

function drawCounters(random: SeededRandom): Counters {
  const chargedWh = random.between(5e5, 1.5e7);
  // Two hundred recorded cars: discharged over charged, as energy, 0.91 to 0.99.
  const dischargedWh = chargedWh * random.between(0.91, 0.99);
  const operatingS = random.integer(1e6, 2e7);
  const regeneratedWh = chargedWh * random.between(0.1, 0.2);
  const directWh = (chargedWh - regeneratedWh) * random.between(0.05, 0.4);
  const alternatingWh = chargedWh - regeneratedWh - directWh;
  // By charge, 0.91 to 1.01; both at some mean voltage of a life.
  const chargedAh = chargedWh / random.between(355, 365);
  return {
    ...{ chargedWh, dischargedWh, regeneratedWh, alternatingWh, directWh, operatingS, chargedAh },
    dischargedAh: chargedAh * random.between(0.95, 1),
    alternatingSessions: Math.ceil(alternatingWh / 15_000),
    directSessions: Math.ceil(directWh / 25_000),
  };
}

/** Steps of a sensor are decimal fractions; the second rounding takes off the binary remainder. */
function roundTo(value: number, step: number): number {
  return Math.round(Math.round(value / step) * step * 1e6) / 1e6;
}
