/**
 * Hyundai and Kia, service 22, from 2023 on other than E-GMP. The layout is the Kona's; the charging bits are not set
 * any more, so charging is told from the current.
 */
import type { VehicleProfile } from "../profile.ts";
import {
  hyundaiBatteryStateRequest,
  hyundaiBatteryUnit,
  hyundaiCounter,
  hyundaiHealthRequest,
  standingCharge,
} from "./hyundai-battery.ts";

export const kiaNiroSg2 = {
  name: "kia-niro-sg2",
  aliases: ["niro", "sg2", "kona-sx2"],
  covers: "Kia Niro EV from 2023, Hyundai Kona Electric from 2024",
  requests: [hyundaiBatteryStateRequest, hyundaiHealthRequest],
  session: null,
  charging: { any: [standingCharge] },
  plugged: null,
  inlet: [],
  counter: hyundaiCounter,
  // Only 96 is recorded (Niro 2023 and 2025); the others are what batteries of these sizes have.
  cellCounts: [88, 90, 96, 98, 100],
  currentMaxA: 600,
  powerMaxW: 200_000,
  identification: [
    {
      ecu: hyundaiBatteryUnit,
      request: "220101",
      dataBytes: { min: 59, max: 64 },
      conditions: [{ quantity: "chargeState", values: [0x00, 0x07] }],
    },
  ],
} as const satisfies VehicleProfile;
