/** MG ZS EV of the first generation (MG5 alike). Vehicle study, section 2.7, grade B; lengths from recordings. */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { layout, unsigned } from "./data-layout.ts";

export const mgZsEv: CarDescription = {
  vehicle: VEHICLE_MODELS["mg-zs-ev"],
  units: [
    {
      name: "battery management",
      idBits: 11,
      requestId: 0x781,
      responseId: 0x789,
      padding: 0x00,
      identifiers: [
        dataIdentifier(0xb041, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.25)])),
        dataIdentifier(0xb042, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.25)])),
        // Fortieths of an ampere above -1000 A of discharge: charging makes it smaller.
        dataIdentifier(0xb043, layout(2, [unsigned(0, 2, (car) => (1000 - car.packCurrentA) / 0.025)])),
        dataIdentifier(0xb046, layout(2, [unsigned(0, 2, (car) => car.stateOfChargePercent / 0.1)])),
        dataIdentifier(0xb048, layout(1, [unsigned(0, 1, state)])),
      ],
    },
  ],
};

/** 6 alternating, 7 direct current. Recorded elsewhere: 1 and 3, which here are standing and driving. */
function state(car: BatteryState): number {
  if (car.charging) return car.inlet.kind === "dc" ? 7 : 6;
  return car.motorRpm === 0 ? 1 : 3;
}
