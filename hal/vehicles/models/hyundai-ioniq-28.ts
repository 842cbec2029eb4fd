/**
 * Hyundai Ioniq Electric 28 kWh and Kia Soul EV 27: the family's layout under service 21.
 *
 * Sources: OVMS vehicle_hyundai_ioniqvfl, EVNotiPi ioniq_bev, JejuSoul. On these cars bit 7 of byte 9 means charging,
 * bit 6 direct current and bit 5 alternating current, by two sources that agree; it is not on any recording we have.
 */
import type { VehicleProfile } from "../profile.ts";
import {
  hyundaiBatteryUnit,
  hyundaiCounter,
  hyundaiOldBatteryRequest,
  hyundaiOldHealthRequest,
} from "./hyundai-battery.ts";

export const hyundaiIoniq28 = {
  name: "hyundai-ioniq-28",
  aliases: ["ioniq28", "ioniq-28", "soul-27"],
  covers: "Hyundai Ioniq Electric 28 kWh, Kia Soul EV 27 and 30 kWh",
  requests: [
    { ...hyundaiOldBatteryRequest, pace: "power" },
    { ...hyundaiOldHealthRequest, pace: "slow" },
  ],
  session: null,
  charging: { any: [{ all: [{ quantity: "batteryFlags", mask: 0x80, min: 0x80, max: 0x80 }], heldMs: 0 }] },
  plugged: null,
  inlet: [],
  counter: hyundaiCounter,
  // 27 to 30 kWh usable, some more in all; from memory.
  usableMilliWh: 28_500_000,
  cellCounts: [96],
  currentMaxA: 400,
  powerMaxW: 120_000,
  identification: [{ ecu: hyundaiBatteryUnit, request: "2101", dataBytes: { min: 58, max: 64 }, conditions: [] }],
} as const satisfies VehicleProfile;
