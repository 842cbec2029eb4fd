/**
 * Volkswagen e-Up of 2020 (Mii, Citigo alike): two phases, 32.3 kWh. Vehicle study, section 2.2 (grade A and B).
 *
 * Cars until 2019 answer 22 1D A9 and 22 1D A8 instead of 22 41 FC and 22 41 FB; this one refuses those.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier, type Identifier } from "./control-unit.ts";
import { counter, type Encode, layout, signed, unsigned } from "./data-layout.ts";

/** Sentinels of the pack voltage, each of them recorded. */
const VOLTAGE_UNKNOWN = ["ffff", "0ffe", "0fff"];

/** Steps of the charge and energy counters: 1/549.316 Ah and 1/8583.07 kWh. */
const STEPS_PER_AH = 549.316;
const STEPS_PER_WH = 8.58307;

/** 22 1E 3B: quarters of a volt. The same on the e-Golf and the MEB platform. */
export const VW_PACK_VOLTAGE: Identifier = dataIdentifier(
  0x1e3b,
  layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.25, 0xffff)]),
  VOLTAGE_UNKNOWN,
);

/** 22 1E 32: charge in and out, energy in and out since new; what went out is negative, regeneration came in. */
export const VW_COUNTERS: Identifier = dataIdentifier(
  0x1e32,
  layout(16, [
    counter(0, 4, (car) => car.chargedAh * STEPS_PER_AH),
    signed(4, 4, (car) => -Math.floor(car.dischargedAh * STEPS_PER_AH)),
    counter(8, 4, (car) => car.chargedWh * STEPS_PER_WH),
    signed(12, 4, (car) => -Math.floor(car.dischargedWh * STEPS_PER_WH)),
  ]),
);

/** 22 02 8C: four tenths of a per cent. */
export const VW_STATE_OF_CHARGE: Identifier = dataIdentifier(
  0x028c,
  layout(1, [unsigned(0, 1, (car) => car.stateOfChargePercent / 0.4)]),
);

/** 22 15 D6: tenths of a per cent above 75; more than 250 is no value. */
export const VW_CHARGER_EFFICIENCY: Encode = layout(1, [
  unsigned(
    0,
    1,
    (car) => {
      const { activeW, outputV, outputA } = car.inlet;
      return activeW > 0 ? Math.min(250, ((100 * outputV * outputA) / activeW - 75) / 0.1) : null;
    },
    0xff,
  ),
]);

export const vwEUp: CarDescription = {
  vehicle: VEHICLE_MODELS["vw-e-up"],
  units: [
    {
      name: "battery management",
      idBits: 11,
      requestId: 0x7e5,
      responseId: 0x7ed,
      padding: 0xaa,
      identifiers: [
        VW_PACK_VOLTAGE,
        // Quarters of an ampere above -511 A, charging positive. Public lists that say 2048 steps are 1 A off.
        dataIdentifier(0x1e3d, layout(2, [unsigned(0, 2, (car) => (car.packCurrentA + 511) / 0.25)]), ["ffff"]),
        VW_STATE_OF_CHARGE,
        VW_COUNTERS,
      ],
    },
    {
      name: "charge management",
      idBits: 11,
      requestId: 0x765,
      responseId: 0x7cf,
      padding: 0x55,
      identifiers: [
        dataIdentifier(0x1dd0, layout(1, [unsigned(0, 1, (car) => car.displayPercent / 0.5)])),
        dataIdentifier(0x1dd6, layout(1, [unsigned(0, 1, chargeMode)])),
      ],
    },
    {
      name: "charger",
      idBits: 11,
      requestId: 0x744,
      responseId: 0x7ae,
      padding: 0x55,
      identifiers: [
        dataIdentifier(
          0x1dda,
          layout(1, [unsigned(0, 1, (car) => (car.plugged ? 1 : 0) + (car.inlet.locked ? 2 : 0))]),
        ),
        // 511 and 255 are no value: there is no mains.
        dataIdentifier(
          0x41fc,
          layout(4, [
            unsigned(0, 2, ({ inlet }) => mains(inlet.voltagesV[0]), 511),
            unsigned(2, 2, ({ inlet }) => mains(inlet.voltagesV[1]), 511),
          ]),
          ["01ff01ff"],
        ),
        dataIdentifier(
          0x41fb,
          layout(2, [
            unsigned(0, 1, ({ inlet }) => (mains(inlet.voltagesV[0]) === null ? null : inlet.currentsA[0] / 0.1), 255),
            unsigned(1, 1, ({ inlet }) => (mains(inlet.voltagesV[1]) === null ? null : inlet.currentsA[1] / 0.1), 255),
          ]),
          ["ffff"],
        ),
        dataIdentifier(0x1da7, layout(2, [unsigned(0, 2, ({ inlet }) => inlet.outputV)])),
        // Two bytes: 510 steps are no current. The study names the formula, not the length.
        dataIdentifier(0x4237, layout(2, [unsigned(0, 2, ({ inlet }) => (inlet.outputA + 102) / 0.2)])),
        dataIdentifier(0x15d6, VW_CHARGER_EFFICIENCY, ["ff"]),
      ],
    },
  ],
};

/** 0 none, 1 to 3 alternating current, 4 and more direct current; of the first three nobody says which is which. */
function chargeMode(car: BatteryState): number {
  if (!car.charging) return 0;
  return car.inlet.kind === "dc" ? 4 : 1;
}

function mains(volts: number): number | null {
  return volts > 0 ? volts : null;
}
