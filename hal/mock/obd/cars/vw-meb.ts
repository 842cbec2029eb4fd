/**
 * Volkswagen's MEB platform (ID.3, ID.4, Enyaq, Born, Q4): 29-bit identifiers for the battery, 11-bit ones for the
 * charger. Vehicle study, section 2.3 (battery grade A and B, charger grade C).
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { counter, layout, unsigned } from "./data-layout.ts";
import { VW_CHARGER_EFFICIENCY, VW_COUNTERS, VW_PACK_VOLTAGE, VW_STATE_OF_CHARGE } from "./vw-e-up.ts";

/** Hundredths of an ampere above -1500 A, charging positive. */
const CURRENT = layout(4, [unsigned(0, 4, (car) => (car.packCurrentA + 1500) / 0.01)]);

export const vwMeb: CarDescription = {
  vehicle: VEHICLE_MODELS["vw-meb"],
  units: [
    {
      name: "battery management",
      idBits: 29,
      requestId: 0x17fc007b,
      responseId: 0x17fe007b,
      padding: 0xaa,
      identifiers: [
        VW_PACK_VOLTAGE,
        dataIdentifier(0x1e3d, CURRENT),
        // Recorded where others ask for 1E 3D; the same scale.
        dataIdentifier(0x1e3e, CURRENT),
        VW_COUNTERS,
        VW_STATE_OF_CHARGE,
        dataIdentifier(0x7448, layout(1, [unsigned(0, 1, mode)])),
      ],
    },
    {
      name: "charger",
      idBits: 11,
      requestId: 0x744,
      responseId: 0x7ae,
      padding: 0xcc,
      identifiers: [
        dataIdentifier(0x103d, layout(2, [unsigned(0, 2, ({ inlet }) => inlet.outputA / 0.1)])),
        dataIdentifier(0x103e, layout(2, [counter(0, 2, ({ inlet }) => inlet.sessionWh / 10)])),
        // Three converters, a third of the lifetime energy each.
        dataIdentifier(
          0x1507,
          layout(9, [
            counter(0, 3, (car) => car.alternatingWh / 3 / 100),
            counter(3, 3, (car) => car.alternatingWh / 3 / 100),
            counter(6, 3, (car) => car.alternatingWh / 3 / 100),
          ]),
        ),
        // Tenths of a volt here, whole ones on the e-Up.
        dataIdentifier(0x1da7, layout(2, [unsigned(0, 2, ({ inlet }) => inlet.outputV / 0.1)])),
        dataIdentifier(0x15d6, VW_CHARGER_EFFICIENCY),
      ],
    },
  ],
};

/** 0 standby, 1 driving, 4 alternating and 6 direct current. */
function mode(car: BatteryState): number {
  if (car.charging) return car.inlet.kind === "dc" ? 6 : 4;
  return car.motorRpm === 0 ? 0 : 1;
}
