/**
 * Renault Zoe, phase 2 (ZE50): 29-bit identifiers, everything in the extended session. Vehicle study, section 2.4;
 * lengths and codes from OVMS3's Zoe component (`EVC_pids.cpp`, `rz2_pids_LBC.cpp`, MIT). Grade B.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { counter, layout, unsigned } from "./data-layout.ts";

const EXTENDED_SESSION = { kind: 0x03, timeoutMs: 5_000 };

export const renaultZoePh2: CarDescription = {
  vehicle: VEHICLE_MODELS["renault-zoe-ph2"],
  units: [
    {
      name: "battery (LBC)",
      idBits: 29,
      requestId: 0x18dadbf1,
      responseId: 0x18daf1db,
      padding: 0xaa,
      session: EXTENDED_SESSION,
      identifiers: [
        dataIdentifier(0x9005, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.1, 0xffff)]), ["ffff"]),
        // The mean over 100 ms, charging positive.
        dataIdentifier(0x925d, layout(2, [unsigned(0, 2, (car) => (car.packCurrentA + 1020) / 0.03125, 0xffff)]), [
          "ffff",
        ]),
        dataIdentifier(0x9001, layout(2, [unsigned(0, 2, (car) => car.stateOfChargePercent / 0.01)])),
        dataIdentifier(0x9002, layout(2, [unsigned(0, 2, (car) => car.displayPercent / 0.01)])),
        dataIdentifier(0x9003, layout(2, [unsigned(0, 2, (car) => car.healthPercent / 0.01)])),
        // Only at the plug; what comes from braking has a counter of its own.
        dataIdentifier(0x9243, layout(4, [counter(0, 4, (car) => car.chargedWh - car.regeneratedWh)])),
        dataIdentifier(0x9245, layout(4, [counter(0, 4, (car) => car.dischargedWh)])),
        dataIdentifier(0x9247, layout(4, [counter(0, 4, (car) => car.regeneratedWh)])),
      ],
    },
    {
      name: "vehicle controller (EVC)",
      idBits: 29,
      requestId: 0x18dadaf1,
      responseId: 0x18daf1da,
      padding: 0xaa,
      session: EXTENDED_SESSION,
      identifiers: [
        dataIdentifier(0x2005, layout(2, [unsigned(0, 2, (car) => car.auxiliaryVoltageV / 0.01)])),
        dataIdentifier(0x2b6d, layout(1, [unsigned(0, 1, chargeState)])),
        dataIdentifier(0x2b85, layout(1, [unsigned(0, 1, (car) => (car.plugged ? 1 : 0))])),
        dataIdentifier(0x300d, layout(2, [unsigned(0, 2, ({ inlet }) => inlet.currentsA[0] / 0.1)])),
        dataIdentifier(0x2b8a, layout(2, [unsigned(0, 2, mainsHalfVolts)])),
        dataIdentifier(0x300b, layout(1, [unsigned(0, 1, phaseCode)])),
        dataIdentifier(0x3064, layout(2, [unsigned(0, 2, (car) => Math.abs(car.motorRpm))])),
      ],
    },
  ],
};

/** The low half of the byte: 0 none, 1 waiting, 2 ended, 3 charging, 4 failed. */
function chargeState(car: BatteryState): number {
  if (car.charging) return 3;
  if (!car.plugged) return 0;
  return { waiting: 1, ended: 2, failed: 4 }[car.inlet.pause];
}

/**
 * Between two phases where there are three, else to neutral: the published formula of the power has a factor of the
 * square root of three, which fits only the former.
 */
function mainsHalfVolts({ inlet }: BatteryState): number {
  const [first, , third] = inlet.voltagesV;
  return (inlet.kind === "dc" ? 0 : third > 0 ? first * Math.sqrt(3) : first) / 0.5;
}

/** 0, 1 and 2 for one, two and three phases; 3 is not detected. */
function phaseCode({ inlet }: BatteryState): number {
  const phases = inlet.kind === "dc" ? 0 : inlet.voltagesV.filter((volts) => volts > 0).length;
  return phases === 0 ? 3 : phases - 1;
}
