/**
 * Chevrolet Bolt EV (Opel Ampera-e). Vehicle study, section 2.6, lengths from recordings and from OVMS3's
 * `vehicle_boltev.cpp` (MIT). Grade B; no energy counter is known.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { layout, signed, unsigned } from "./data-layout.ts";

export const chevroletBolt: CarDescription = {
  vehicle: VEHICLE_MODELS["chevrolet-bolt"],
  units: [
    {
      name: "battery energy control",
      idBits: 11,
      requestId: 0x7e1,
      responseId: 0x7e9,
      padding: 0xaa,
      identifiers: [
        dataIdentifier(0x2885, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.01)])),
        // Twentieths of an ampere; discharging is positive.
        dataIdentifier(0x2414, layout(2, [signed(0, 2, (car) => -car.packCurrentA / 0.05)])),
      ],
    },
    {
      name: "hybrid powertrain control 2",
      idBits: 11,
      requestId: 0x7e4,
      responseId: 0x7ec,
      padding: 0xaa,
      identifiers: [
        dataIdentifier(0x432d, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.52)])),
        dataIdentifier(0x43af, layout(2, [unsigned(0, 2, (car) => (car.stateOfChargePercent / 100) * 65_535)])),
        dataIdentifier(0x8334, layout(1, [unsigned(0, 1, (car) => (car.displayPercent / 100) * 255)])),
        dataIdentifier(0x4368, layout(1, [unsigned(0, 1, ({ inlet }) => inlet.voltagesV[0] / 2)])),
        dataIdentifier(0x4369, layout(1, [unsigned(0, 1, ({ inlet }) => inlet.currentsA[0] / 0.2)])),
        dataIdentifier(0x436b, layout(2, [unsigned(0, 2, ({ inlet }) => inlet.outputV / 0.5)])),
        dataIdentifier(0x436c, layout(2, [signed(0, 2, ({ inlet }) => inlet.outputA / 0.05)])),
        dataIdentifier(0x4531, layout(1, [unsigned(0, 1, level)])),
        // Bit 0 of the second byte; recorded as FFFF at the plug and 0000 elsewhere.
        dataIdentifier(0x4373, layout(2, [unsigned(0, 2, (car) => (car.charging ? 0xffff : 0))])),
      ],
    },
  ],
};

/** 0 none, 1 a socket of 120 V, 2 one of 240 V, 3 direct current. */
function level(car: BatteryState): number {
  if (!car.plugged) return 0;
  if (car.inlet.kind === "dc") return 3;
  const [first] = car.inlet.voltagesV;
  return first > 0 && first < 150 ? 1 : 2;
}
