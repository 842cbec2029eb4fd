/**
 * The station's meter: the true power with the errors of its class, counted into a register that moves in steps and is
 * shown at intervals, as a real one is.
 */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { drawWithin } from "./draw-within.ts";

/** Three phases each; 0 where the station has none, or no power. */
export interface MeterNow {
  readonly importedMilliWh: number;
  readonly powerW: number;
  readonly voltageV: readonly [number, number, number];
  readonly currentA: readonly [number, number, number];
  readonly frequencyHz: number;
}

/** MID 2014/32/EU, annex V, table 2: letters of the accuracy classes. */
export type MeterClass = "A" | "B" | "C";

/** What an honest meter of the class may err by between Itr and Imax at +5 to +30 °C, as a share of the energy. */
export const METER_ERROR_MAX: Readonly<Record<MeterClass, number>> = { A: 0.035, B: 0.02, C: 0.007 };

export interface StationMeterOptions {
  readonly meterClass: MeterClass;
  /** Step of the register. */
  readonly stepMilliWh: number;
  /** Interval at which the displayed values are renewed. */
  readonly updateEveryMs: number;
}

/** What really flows past the meter. */
export interface MeteredFlow {
  readonly powerW: number;
  readonly voltageV: readonly [number, number, number];
  readonly currentA: readonly [number, number, number];
  readonly frequencyHz: number;
}

export class StationMeter {
  /** What a dishonest station multiplies its readings by; 1 is honest. Acts from now on, on what is shown only. */
  lieFactor = 1;
  readonly #options: StationMeterOptions;
  readonly #gainError: number;
  readonly #smallLoadError: number;
  #countedMilliWh: number;
  #shown: MeterNow;
  #nextUpdateMs = -Infinity;

  constructor(random: SeededRandom, options: StationMeterOptions) {
    this.#options = options;
    const limit = METER_ERROR_MAX[options.meterClass];
    this.#gainError = drawWithin(random, 0.7 * limit);
    this.#smallLoadError = drawWithin(random, 0.25 * limit);
    this.#countedMilliWh = random.between(0, START_MILLI_WH_MAX);
    this.#shown = this.#display(NOTHING);
  }

  /** As last renewed. */
  now(): MeterNow {
    return this.#shown;
  }

  /** Counts what flowed up to `worldMs`, and renews the display when its time has come. */
  record(flow: MeteredFlow, durationS: number, worldMs: number): void {
    const factor = this.#factor(flow);
    this.#countedMilliWh += (flow.powerW * factor * durationS) / 3.6;
    if (worldMs < this.#nextUpdateMs) return;
    this.#nextUpdateMs = (Math.floor(worldMs / this.#options.updateEveryMs) + 1) * this.#options.updateEveryMs;
    this.#shown = this.#display(flow);
  }

  /** The power is cut: nothing is measured, the register keeps, and the first renewal afterwards is due at once. */
  goDark(): void {
    this.#nextUpdateMs = -Infinity;
    this.#shown = this.#display(NOTHING);
  }

  #display(flow: MeteredFlow): MeterNow {
    const { stepMilliWh } = this.#options;
    const factor = this.#factor(flow);
    const [first, second, third] = flow.currentA;
    return {
      importedMilliWh: Math.floor(this.#countedMilliWh / stepMilliWh) * stepMilliWh,
      powerW: flow.powerW * factor,
      voltageV: flow.voltageV,
      currentA: [first * factor, second * factor, third * factor],
      frequencyHz: flow.frequencyHz,
    };
  }

  /** The error of a small load fades with the current, as a current transformer's does. */
  #factor(flow: MeteredFlow): number {
    const currentA = Math.max(...flow.currentA);
    const fade = currentA > TRANSITION_A ? TRANSITION_A / currentA : 1;
    return (1 + this.#gainError + this.#smallLoadError * fade) * this.lieFactor;
  }
}

const TRANSITION_A = 5;
/** 40,000 kWh: a station of some years. */
const START_MILLI_WH_MAX = 4e10;
const NOTHING: MeteredFlow = { powerW: 0, voltageV: [0, 0, 0], currentA: [0, 0, 0], frequencyHz: 0 };
