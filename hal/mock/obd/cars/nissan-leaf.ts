/**
 * Nissan Leaf ZE1 of 40 kWh, whose 21 01 is 51 bytes long. Vehicle study, section 2.7, grade B; where charge and
 * capacity stand was read off the recordings of 2019. The current's scale of 1/1024 A is from memory (RECALL) there.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier, localIdentifier } from "./control-unit.ts";
import { layout, signed, unsigned } from "./data-layout.ts";

/** Of the 40 kWh battery when new. */
const CAPACITY_AH = 115;

export const nissanLeaf: CarDescription = {
  vehicle: VEHICLE_MODELS["nissan-leaf"],
  units: [
    {
      name: "battery controller",
      idBits: 11,
      requestId: 0x79b,
      responseId: 0x7bb,
      padding: 0xff,
      identifiers: [
        localIdentifier(
          0x01,
          layout(51, [
            // Charging is positive; two sensors.
            signed(0, 4, (car) => car.packCurrentA * 1024),
            unsigned(4, 2, () => 0x02af),
            signed(6, 4, (car) => car.packCurrentA * 1024),
            unsigned(18, 2, (car) => car.packVoltageV / 0.01),
            unsigned(30, 4, (car) => car.stateOfChargePercent / 0.0001),
            unsigned(34, 4, (car) => (CAPACITY_AH * car.healthPercent) / 100 / 0.0001),
          ]),
        ),
      ],
    },
    {
      name: "vehicle controller",
      idBits: 11,
      requestId: 0x797,
      responseId: 0x79a,
      padding: 0xff,
      identifiers: [
        // 0 none, 1 and 2 alternating current of 100 and 200 V, 3 direct current.
        dataIdentifier(0x114e, layout(1, [unsigned(0, 1, mode)])),
        // 0 none, 1 half in, 2 plugged.
        dataIdentifier(0x1234, layout(1, [unsigned(0, 1, (car) => (car.plugged ? 2 : 0))])),
        dataIdentifier(
          0x1236,
          layout(2, [unsigned(0, 2, ({ inlet }) => (inlet.kind === "ac" ? (inlet.outputV * inlet.outputA) / 100 : 0))]),
        ),
      ],
    },
  ],
};

function mode(car: BatteryState): number {
  if (!car.charging) return 0;
  if (car.inlet.kind === "dc") return 3;
  return car.inlet.voltagesV[0] < 150 ? 1 : 2;
}
