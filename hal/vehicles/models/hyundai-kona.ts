/**
 * Hyundai and Kia, service 22, first generation. Of the charging bits in circulation only this one holds on
 * recordings: byte 50, bits 2 and 3. It was set in all of 25 charging and in none of 230 driving samples.
 */
import type { VehicleProfile } from "../profile.ts";
import {
  hyundaiBatteryStateRequest,
  hyundaiBatteryUnit,
  hyundaiCounter,
  hyundaiHealthRequest,
} from "./hyundai-battery.ts";

export const hyundaiKona = {
  name: "hyundai-kona",
  aliases: ["kona", "eniro", "esoul", "ioniq-38"],
  covers: "Hyundai Kona Electric 2018-2023, Ioniq Electric 38 kWh; Kia e-Niro and e-Soul 2018-2022",
  requests: [hyundaiBatteryStateRequest, hyundaiHealthRequest],
  session: null,
  charging: { any: [{ all: [{ quantity: "chargeState", mask: 0x0c, min: 0x08, max: 0x08 }], heldMs: 0 }] },
  plugged: null,
  inlet: [],
  counter: hyundaiCounter,
  cellCounts: [88, 90, 98],
  currentMaxA: 600,
  powerMaxW: 200_000,
  identification: [
    {
      ecu: hyundaiBatteryUnit,
      request: "220101",
      dataBytes: { min: 59, max: 64 },
      // Recorded: 00 and 01 at rest, 09 charging, 0D on the road. The newer cars show 00 or 07 whatever they do.
      conditions: [{ quantity: "chargeState", values: [0x00, 0x01, 0x05, 0x09, 0x0d] }],
    },
  ],
} as const satisfies VehicleProfile;
