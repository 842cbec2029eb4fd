/**
 * The power at each plane between the grid and the cells, for one instant:
 *
 *   grid ─ feed ─▶ meter ─ cable ─▶ inlet ─ charger ─▶ charger output ─▶ terminals ─ resistance ─▶ stored
 *                                                            └─▶ the car itself, its motor
 *
 * Each loss comes from its own law (I²R, the converter's curve), not from a difference, so that "neither made nor lost"
 * is a claim that can fail.
 */
import type { BatteryPack } from "./battery-pack.ts";
import { currentForPowerA, openCircuitV } from "./battery-pack.ts";
import type { OnBoardCharger } from "./on-board-charger.ts";
import { converterInputW, converterLossW } from "./on-board-charger.ts";

export interface PowerFlow {
  readonly gridW: number;
  readonly feedLossW: number;
  readonly meterW: number;
  readonly cableLossW: number;
  readonly inletW: number;
  readonly converterLossW: number;
  readonly chargerOutputW: number;
  /** What the car's electronics take; from the battery when the charger does not feed them. */
  readonly onBoardW: number;
  /** The motor; negative while it brakes. */
  readonly tractionW: number;
  readonly terminalsW: number;
  readonly resistanceLossW: number;
  readonly storedW: number;
  /** RMS, in each phase that carries any. */
  readonly phaseCurrentA: number;
  readonly batteryCurrentA: number;
  readonly batteryVoltageV: number;
}

/** What lies between the grid and the inlet. */
export interface Supply {
  /** Before the feed, one a phase that the charge uses. */
  readonly voltagesV: readonly number[];
  /** Of a phase's whole path, with the return conductor where it carries current. */
  readonly feedOhm: number;
  readonly cableOhm: number;
}

export interface VehicleElectrics {
  readonly charger: OnBoardCharger;
  readonly pack: BatteryPack;
  readonly chargeShare: number;
  readonly onBoardW: number;
  readonly tractionW: number;
}

/** The flow while each phase carries this RMS current; 0 is a car that takes nothing. */
export function alternatingFlow(supply: Supply, vehicle: VehicleElectrics, phaseCurrentA: number): PowerFlow {
  const { charger, pack } = vehicle;
  const activeA = activeCurrentA(charger, phaseCurrentA);
  const squareA = activeA > 0 ? phaseCurrentA * phaseCurrentA : 0;
  let inletW = 0;
  let lostW = 0;
  let phases = 0;
  for (const voltageV of supply.voltagesV) {
    if (activeA === 0) break;
    const phaseW = (voltageV - activeA * (supply.feedOhm + supply.cableOhm)) * activeA;
    inletW += phaseW;
    lostW += converterLossW(charger, phaseW);
    phases += 1;
  }
  const cableLossW = phases * squareA * supply.cableOhm;
  const feedLossW = phases * squareA * supply.feedOhm;
  const chargerOutputW = inletW - lostW;
  const batteryCurrentA = currentForPowerA(
    pack,
    vehicle.chargeShare,
    chargerOutputW - vehicle.onBoardW - vehicle.tractionW,
  );
  const restV = openCircuitV(pack, vehicle.chargeShare);
  const batteryVoltageV = restV + batteryCurrentA * pack.resistanceOhm;
  return {
    gridW: inletW + cableLossW + feedLossW,
    feedLossW,
    meterW: inletW + cableLossW,
    cableLossW,
    inletW,
    converterLossW: lostW,
    chargerOutputW,
    onBoardW: vehicle.onBoardW,
    tractionW: vehicle.tractionW,
    terminalsW: batteryVoltageV * batteryCurrentA,
    resistanceLossW: batteryCurrentA * batteryCurrentA * pack.resistanceOhm,
    storedW: restV * batteryCurrentA,
    phaseCurrentA: activeA > 0 ? phaseCurrentA : 0,
    batteryCurrentA,
    batteryVoltageV,
  };
}

/** RMS current a phase at which the battery's terminals take this power. */
export function phaseCurrentForTerminalsA(supply: Supply, vehicle: VehicleElectrics, terminalsW: number): number {
  const phases = supply.voltagesV.length;
  if (phases === 0) return 0;
  const outputW = Math.max(0, terminalsW + vehicle.onBoardW) / phases;
  const phaseW = converterInputW(vehicle.charger, outputW);
  const voltageV = supply.voltagesV.reduce((sum, volts) => sum + volts, 0) / phases;
  const pathOhm = supply.feedOhm + supply.cableOhm;
  const activeA = (2 * phaseW) / (voltageV + Math.sqrt(voltageV * voltageV - 4 * pathOhm * phaseW));
  return Math.hypot(activeA, vehicle.charger.reactiveCurrentA);
}

function activeCurrentA(charger: OnBoardCharger, phaseCurrentA: number): number {
  const square = phaseCurrentA ** 2 - charger.reactiveCurrentA ** 2;
  return square > 0 ? Math.sqrt(square) : 0;
}
