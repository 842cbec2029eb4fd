/** Hyundai, Kia and Genesis on the E-GMP platform: the Kona's reply at twice the voltage, without charging bits. */
import type { VehicleProfile } from "../profile.ts";
import { hyundaiKona } from "./hyundai-kona.ts";
import { standingChargeRule } from "./kia-niro-sg2.ts";

export const hyundaiIoniq5 = {
  ...hyundaiKona,
  name: "hyundai-ioniq-5",
  covers: "Hyundai Ioniq 5 and 6, Kia EV6 and EV9",
  charging: standingChargeRule,
  cellCounts: [144, 152, 168, 180, 192],
  powerMaxW: 400_000,
} as const satisfies VehicleProfile;
