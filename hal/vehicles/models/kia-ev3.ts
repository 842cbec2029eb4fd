/**
 * Kia EV3: E-GMP's units on a battery of half the voltage. Its charger answers 22E002 with 29 bytes of another layout,
 * which nobody has published, so there is no inlet.
 */
import type { VehicleProfile } from "../profile.ts";
import { hyundaiBatteryRequest, hyundaiCounter, hyundaiHealthRequest } from "./hyundai-battery.ts";
import {
  chargeManagementRequest,
  egmpCharging,
  egmpIdentification,
  hyundaiIoniq5,
  lifetimeChargeRequest,
} from "./hyundai-ioniq-5.ts";

export const kiaEv3 = {
  name: "kia-ev3",
  aliases: ["ev3"],
  covers: "Kia EV3",
  requests: [hyundaiBatteryRequest, chargeManagementRequest, hyundaiHealthRequest, lifetimeChargeRequest],
  session: null,
  charging: egmpCharging,
  plugged: hyundaiIoniq5.plugged,
  inlet: [],
  counter: hyundaiCounter,
  // 93 is recorded (58 kWh); 100 is what the 81 kWh battery has by the maker's figures.
  cellCounts: [93, 100],
  currentMaxA: 600,
  powerMaxW: 250_000,
  identification: egmpIdentification,
} as const satisfies VehicleProfile;
