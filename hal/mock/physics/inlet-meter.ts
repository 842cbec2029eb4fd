/** What the car measures at its inlet and its charger's output, through sensors that are worse than a meter's. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { InletState } from "../obd/battery-source.ts";
import { drawWithin } from "./draw-within.ts";
import type { PowerFlow } from "./power-flow.ts";

/** Half-widths of the gains (OVMS3 tells of ± 5 % and ± 3 % that are allowed; good chargers are better). */
const VOLTAGE_GAIN_ERROR_MAX = 0.015;
const CURRENT_GAIN_ERROR_MAX = 0.03;

export interface InletNow {
  readonly kind: "ac" | "dc";
  readonly plugged: boolean;
  readonly pause: InletState["pause"];
  /** Of the station, before feed and cable; empty where no power comes. */
  readonly supplyV: readonly number[];
  readonly pathOhm: number;
  readonly frequencyHz: number;
  readonly flow: PowerFlow;
  readonly sessionWh: number;
}

export class InletMeter {
  readonly #voltageGain: number;
  readonly #currentGain: number;
  readonly #outputVoltageGain: number;
  readonly #outputCurrentGain: number;

  constructor(random: SeededRandom) {
    this.#voltageGain = 1 + drawWithin(random, VOLTAGE_GAIN_ERROR_MAX);
    this.#currentGain = 1 + drawWithin(random, CURRENT_GAIN_ERROR_MAX);
    this.#outputVoltageGain = 1 + drawWithin(random, VOLTAGE_GAIN_ERROR_MAX);
    this.#outputCurrentGain = 1 + drawWithin(random, CURRENT_GAIN_ERROR_MAX);
  }

  now(inlet: InletNow): InletState {
    const { kind, flow, supplyV, pathOhm, frequencyHz } = inlet;
    const isFlowing = flow.inletW > 0;
    const alternating = kind === "ac" && isFlowing;
    const volts = (phase: number): number => {
      const supply = supplyV[phase] ?? 0;
      return alternating && supply > 0 ? (supply - flow.phaseCurrentA * pathOhm) * this.#voltageGain : 0;
    };
    const amperes = (phase: number): number =>
      alternating && (supplyV[phase] ?? 0) > 0 ? flow.phaseCurrentA * this.#currentGain : 0;
    const outputV = isFlowing ? flow.batteryVoltageV * this.#outputVoltageGain : 0;
    const outputA = isFlowing ? (flow.chargerOutputW / flow.batteryVoltageV) * this.#outputCurrentGain : 0;
    return {
      kind,
      locked: inlet.plugged,
      pause: inlet.pause,
      voltagesV: [volts(0), volts(1), volts(2)],
      currentsA: [amperes(0), amperes(1), amperes(2)],
      frequencyHz: alternating ? frequencyHz : 0,
      activeW: isFlowing ? flow.inletW * this.#voltageGain * this.#currentGain : 0,
      outputV,
      outputA,
      sessionWh: inlet.sessionWh * this.#outputVoltageGain * this.#outputCurrentGain,
    };
  }
}
