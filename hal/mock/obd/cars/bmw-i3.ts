/**
 * BMW i3 (and Mini SE): extended addresses, one request identifier for all units. Vehicle study, section 2.5; the
 * charger's bytes from OVMS3's unit definitions (`ecu_kle_code.cpp`, MIT). Grade A for the battery, C for the charger.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { counter, layout, signed, unsigned } from "./data-layout.ts";

const TESTER = 0xf1;

export const bmwI3: CarDescription = {
  vehicle: VEHICLE_MODELS["bmw-i3"],
  units: [
    {
      name: "battery management (SME)",
      idBits: 11,
      requestId: 0x6f1,
      responseId: 0x607,
      extension: { unit: 0x07, tester: TESTER },
      padding: 0xff,
      identifiers: [
        dataIdentifier(0xdd68, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.01, 0xffff)]), ["ffff"]),
        dataIdentifier(0xdd69, layout(4, [signed(0, 4, (car) => car.packCurrentA / 0.01)])),
        // Behind it the limits that the driver's display uses, as recorded.
        dataIdentifier(
          0xddbc,
          layout(6, [unsigned(0, 2, (car) => car.stateOfChargePercent / 0.1, 0xffff)], "000003b60050"),
          ["ffffffffffff"],
        ),
        // Steps of 1e-5 kWh, the finest public counter.
        dataIdentifier(
          0xdd7c,
          layout(85, [counter(77, 4, (car) => car.chargedWh / 0.01), counter(81, 4, (car) => car.dischargedWh / 0.01)]),
        ),
      ],
    },
    {
      name: "charger (KLE)",
      idBits: 11,
      requestId: 0x6f1,
      responseId: 0x615,
      extension: { unit: 0x15, tester: TESTER },
      padding: 0xff,
      identifiers: [
        dataIdentifier(
          0xde84,
          layout(16, [
            unsigned(0, 1, ({ inlet }) => frequency(inlet.voltagesV[0], inlet.frequencyHz)),
            unsigned(9, 1, mode),
            unsigned(10, 1, ({ inlet }) => frequency(inlet.voltagesV[1], inlet.frequencyHz)),
            unsigned(11, 1, ({ inlet }) => frequency(inlet.voltagesV[2], inlet.frequencyHz)),
          ]),
        ),
        dataIdentifier(
          0xde85,
          layout(4, [
            unsigned(0, 1, efficiencyPercent),
            unsigned(1, 1, efficiencyPercent),
            unsigned(2, 2, ({ inlet }) => inlet.outputV * inlet.outputA),
          ]),
        ),
        dataIdentifier(
          0xde86,
          layout(12, [
            unsigned(0, 2, ({ inlet }) => inlet.voltagesV[0]),
            unsigned(2, 2, () => 4100),
            unsigned(4, 2, ({ inlet }) => inlet.outputV / 0.1),
            unsigned(6, 1, (car) => car.auxiliaryVoltageV / 0.1),
            unsigned(7, 1, (car) => car.auxiliaryVoltageV / 0.1),
            unsigned(8, 2, ({ inlet }) => inlet.voltagesV[1]),
            unsigned(10, 2, ({ inlet }) => inlet.voltagesV[2]),
          ]),
        ),
        dataIdentifier(
          0xde87,
          layout(14, [
            unsigned(0, 2, ({ inlet }) => inlet.currentsA[0] / 0.1),
            unsigned(4, 2, ({ inlet }) => (inlet.outputA + 204.7) / 0.1),
            unsigned(8, 2, () => 2047),
            unsigned(10, 2, ({ inlet }) => inlet.currentsA[1] / 0.1),
            unsigned(12, 2, ({ inlet }) => inlet.currentsA[2] / 0.1),
          ]),
        ),
      ],
    },
  ],
};

/** 1 standby, 2 charging, 3 derating, 4 stopped, 5 error. */
function mode(car: BatteryState): number {
  if (car.charging) return car.inlet.kind === "ac" ? 2 : 1;
  if (!car.plugged) return 1;
  return { waiting: 1, ended: 4, failed: 5 }[car.inlet.pause];
}

/** Quarters of a hertz. */
function frequency(volts: number, hertz: number): number {
  return volts > 0 ? hertz * 4 : 0;
}

function efficiencyPercent({ inlet }: BatteryState): number {
  return inlet.activeW > 0 ? (100 * inlet.outputV * inlet.outputA) / inlet.activeW : 0;
}
