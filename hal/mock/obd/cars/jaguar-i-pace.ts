/** Jaguar I-Pace. Vehicle study, section 2.7, grade B: three values, no counter, no recording. */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { layout, unsigned } from "./data-layout.ts";

export const jaguarIPace: CarDescription = {
  vehicle: VEHICLE_MODELS["jaguar-i-pace"],
  units: [
    {
      name: "battery energy control",
      idBits: 11,
      requestId: 0x7e4,
      responseId: 0x7ec,
      padding: 0x00,
      identifiers: [
        dataIdentifier(0x490f, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.01)])),
        // Fortieths of an ampere; discharging is above 819.2 A.
        dataIdentifier(0x490c, layout(2, [unsigned(0, 2, (car) => (819.2 - car.packCurrentA) / 0.025)])),
        dataIdentifier(0x4910, layout(2, [unsigned(0, 2, (car) => car.stateOfChargePercent / 0.01)])),
      ],
    },
  ],
};
