/** True energy since the start of the world, at each plane and in each loss. No gateway ever sees these figures. */
import type { PowerFlow } from "./power-flow.ts";

/** All in Wh; the planes and losses of power-flow.ts. */
export interface TrueEnergy {
  readonly gridWh: number;
  readonly feedLossWh: number;
  readonly meterWh: number;
  readonly cableLossWh: number;
  readonly inletWh: number;
  readonly converterLossWh: number;
  readonly chargerOutputWh: number;
  readonly onBoardWh: number;
  readonly tractionWh: number;
  /** At the battery's terminals, net of what was taken out. */
  readonly terminalsWh: number;
  readonly resistanceLossWh: number;
  readonly storedWh: number;
}

export class EnergyAccount {
  readonly #sums = { ...NOTHING };

  add(flow: PowerFlow, durationS: number): void {
    const hours = durationS / 3600;
    const sums = this.#sums;
    sums.gridWh += flow.gridW * hours;
    sums.feedLossWh += flow.feedLossW * hours;
    sums.meterWh += flow.meterW * hours;
    sums.cableLossWh += flow.cableLossW * hours;
    sums.inletWh += flow.inletW * hours;
    sums.converterLossWh += flow.converterLossW * hours;
    sums.chargerOutputWh += flow.chargerOutputW * hours;
    sums.onBoardWh += flow.onBoardW * hours;
    sums.tractionWh += flow.tractionW * hours;
    sums.terminalsWh += flow.terminalsW * hours;
    sums.resistanceLossWh += flow.resistanceLossW * hours;
    sums.storedWh += flow.storedW * hours;
  }

  read(): TrueEnergy {
    return { ...this.#sums };
  }
}

/** What happened between two readings of one account. */
export function energyBetween(earlier: TrueEnergy, later: TrueEnergy): TrueEnergy {
  return {
    gridWh: later.gridWh - earlier.gridWh,
    feedLossWh: later.feedLossWh - earlier.feedLossWh,
    meterWh: later.meterWh - earlier.meterWh,
    cableLossWh: later.cableLossWh - earlier.cableLossWh,
    inletWh: later.inletWh - earlier.inletWh,
    converterLossWh: later.converterLossWh - earlier.converterLossWh,
    chargerOutputWh: later.chargerOutputWh - earlier.chargerOutputWh,
    onBoardWh: later.onBoardWh - earlier.onBoardWh,
    tractionWh: later.tractionWh - earlier.tractionWh,
    terminalsWh: later.terminalsWh - earlier.terminalsWh,
    resistanceLossWh: later.resistanceLossWh - earlier.resistanceLossWh,
    storedWh: later.storedWh - earlier.storedWh,
  };
}

const NOTHING = {
  gridWh: 0,
  feedLossWh: 0,
  meterWh: 0,
  cableLossWh: 0,
  inletWh: 0,
  converterLossWh: 0,
  chargerOutputWh: 0,
  onBoardWh: 0,
  tractionWh: 0,
  terminalsWh: 0,
  resistanceLossWh: 0,
  storedWh: 0,
};
