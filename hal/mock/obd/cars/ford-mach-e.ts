/**
 * Ford Mustang Mach-E. Vehicle study, section 2.7, and its recordings: 22 48 50 was recorded at 7E4, up to 212.7 A.
 * The current of the battery (22 48 F9) is of no use on real cars either: only 0, 25.5 and -25.6 A were ever seen.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { layout, unsigned } from "./data-layout.ts";

export const fordMachE: CarDescription = {
  vehicle: VEHICLE_MODELS["ford-mach-e"],
  units: [
    {
      name: "battery energy control (BECM)",
      idBits: 11,
      requestId: 0x7e4,
      responseId: 0x7ec,
      padding: 0x00,
      identifiers: [
        dataIdentifier(0x480d, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.01)])),
        dataIdentifier(0x4801, layout(2, [unsigned(0, 2, (car) => car.stateOfChargePercent / 0.002)])),
        dataIdentifier(0x4845, layout(1, [unsigned(0, 1, (car) => car.displayPercent / 0.5)])),
        dataIdentifier(0x484f, layout(1, [unsigned(0, 1, chargeState)])),
        dataIdentifier(0x4850, layout(2, [unsigned(0, 2, ({ inlet }) => inlet.outputA / 0.01)])),
        dataIdentifier(0x48f9, layout(2, [unsigned(0, 2, uselessCurrent)])),
      ],
    },
    {
      name: "charger (SOBDMC)",
      idBits: 11,
      requestId: 0x7e2,
      responseId: 0x7ea,
      padding: 0x00,
      identifiers: [
        dataIdentifier(0x484a, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.01)])),
        dataIdentifier(0x485e, layout(2, [unsigned(0, 2, ({ inlet }) => inlet.voltagesV[0] / 0.01)])),
        dataIdentifier(0x485f, layout(1, [unsigned(0, 1, ({ inlet }) => inlet.currentsA[0])])),
        // Recorded 00, 06 and 08, without a word on their meaning; only 00 is sure.
        dataIdentifier(0x4851, layout(1, [unsigned(0, 1, (car) => (car.plugged ? 0x08 : 0x00))])),
      ],
    },
  ],
};

/** RECALL, from Ford's own names: 0 not ready, 1 waiting, 2 ready, 3 charging, 4 done, 5 fault. */
function chargeState(car: BatteryState): number {
  if (car.charging) return 3;
  if (!car.plugged) return 0;
  return { waiting: 1, ended: 4, failed: 5 }[car.inlet.pause];
}

function uselessCurrent(car: BatteryState): number {
  if (Math.abs(car.packCurrentA) < 1) return 0x0000;
  return car.packCurrentA > 0 ? 0xff00 : 0x00ff;
}
