/**
 * Renault Zoe, phase 1 (ZE40): 11-bit identifiers, a manufacturer's session (10 C0). Vehicle study, section 2.4;
 * lengths from OVMS3's list of Zoe identifiers (`PIDs_Renault_Zoe.txt`). Grade B.
 *
 * The sign of 22 32 04 is the study's open question. CanZE computes the consumption as minus voltage times current
 * over speed, so charging is positive here.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, dataIdentifier } from "./control-unit.ts";
import { layout, unsigned } from "./data-layout.ts";

const MAKERS_SESSION = { kind: 0xc0, timeoutMs: 5_000 };

export const renaultZoePh1: CarDescription = {
  vehicle: VEHICLE_MODELS["renault-zoe-ph1"],
  units: [
    {
      name: "vehicle controller (EVC)",
      idBits: 11,
      requestId: 0x7e4,
      responseId: 0x7ec,
      padding: 0xaa,
      session: MAKERS_SESSION,
      identifiers: [
        dataIdentifier(0x3203, layout(2, [unsigned(0, 2, (car) => car.packVoltageV / 0.5, 0xffff)]), ["ffff"]),
        dataIdentifier(0x3204, layout(2, [unsigned(0, 2, (car) => (car.packCurrentA + 8192) / 0.25, 0xffff)]), [
          "ffff",
        ]),
        dataIdentifier(0x2002, layout(2, [unsigned(0, 2, (car) => car.displayPercent / 0.02)])),
      ],
    },
    {
      name: "charger (BCB)",
      idBits: 11,
      requestId: 0x792,
      responseId: 0x793,
      padding: 0xaa,
      session: MAKERS_SESSION,
      identifiers: [
        // Active power of the mains, in watts above -20 kW: the only car of these that tells it.
        dataIdentifier(
          0x504a,
          layout(2, [unsigned(0, 2, ({ inlet }) => (inlet.kind === "ac" ? inlet.activeW : 0) + 20_000)]),
        ),
        dataIdentifier(0x5017, layout(1, [unsigned(0, 1, mainsType)])),
      ],
    },
  ],
};

/** 0 none, 1 one phase, 2 three phases, 3 direct current, 4 two phases. */
function mainsType({ inlet }: BatteryState): number {
  if (inlet.kind === "dc") return 3;
  const phases = inlet.voltagesV.filter((volts) => volts > 0).length;
  return [0, 1, 4, 2][phases] ?? 0;
}
