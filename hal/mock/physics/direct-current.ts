/**
 * Charging with direct current: the station's converter feeds the battery's bus, the on-board charger rests, and the
 * battery decides how much it takes.
 */
import { type BatteryPack, openCircuitV } from "./battery-pack.ts";
import type { PowerFlow, VehicleElectrics } from "./power-flow.ts";

/** Both conductors of a cooled cable of some metres, 70 mm². */
export const DIRECT_CABLE_OHM = 0.0025;

/** Share of the charge and of the greatest power that a battery takes there; straight lines between. */
const TAPER: readonly (readonly [number, number])[] = [
  [0, 0.7],
  [0.1, 1],
  [0.5, 1],
  [0.65, 0.7],
  [0.8, 0.4],
  [0.9, 0.18],
  [1, 0.03],
];

/** What the battery takes of the power that it takes at best. */
export function directPowerShare(chargeShare: number): number {
  let [lowShare, lowPower] = [0, 0.7];
  for (const [share, power] of TAPER) {
    if (chargeShare <= share && share > lowShare) {
      return lowPower + ((power - lowPower) * (chargeShare - lowShare)) / (share - lowShare);
    }
    [lowShare, lowPower] = [share, power];
  }
  return lowPower;
}

/** The flow while the cable carries this current. What the station takes from its grid is not part of it. */
export function directFlow(vehicle: VehicleElectrics, cableA: number): PowerFlow {
  const { pack, chargeShare, onBoardW, tractionW } = vehicle;
  const restV = openCircuitV(pack, chargeShare);
  const batteryVoltageV = busVoltageV(pack, restV, cableA, onBoardW + tractionW);
  const inletW = batteryVoltageV * cableA;
  const cableLossW = cableA * cableA * DIRECT_CABLE_OHM;
  const batteryCurrentA = cableA - (onBoardW + tractionW) / batteryVoltageV;
  return {
    gridW: inletW + cableLossW,
    feedLossW: 0,
    meterW: inletW + cableLossW,
    cableLossW,
    inletW,
    converterLossW: 0,
    chargerOutputW: inletW,
    onBoardW,
    tractionW,
    terminalsW: batteryVoltageV * batteryCurrentA,
    resistanceLossW: batteryCurrentA * batteryCurrentA * pack.resistanceOhm,
    storedW: restV * batteryCurrentA,
    phaseCurrentA: cableA,
    batteryCurrentA,
    batteryVoltageV,
  };
}

/** Current in the cable at which it brings this power to the inlet. */
export function cableForPowerA(vehicle: VehicleElectrics, inletW: number): number {
  const restV = openCircuitV(vehicle.pack, vehicle.chargeShare);
  const { resistanceOhm } = vehicle.pack;
  // The bus lies at about rest voltage plus resistance times current.
  const root = Math.sqrt(restV * restV + 4 * resistanceOhm * inletW);
  return (2 * inletW) / (root + restV);
}

/** Where the battery's line of rest voltage and resistance meets a current that loads share with it. */
function busVoltageV(pack: BatteryPack, restV: number, cableA: number, loadsW: number): number {
  const openV = restV + pack.resistanceOhm * cableA;
  return (openV + Math.sqrt(openV * openV - 4 * pack.resistanceOhm * loadsW)) / 2;
}
