/**
 * Hyundai and Kia, service 22, from 2023 on other than E-GMP. The layout is the Kona's; the charging bits are not set
 * any more, so charging is current into the battery of a car whose motor stands still, for ten seconds.
 */
import type { ChargingRule, VehicleProfile } from "../profile.ts";
import { hyundaiKona } from "./hyundai-kona.ts";

export const standingChargeRule = {
  all: [
    { quantity: "batteryCurrentA", min: 0.6, max: 600 },
    { quantity: "motorRpm", min: 0, max: 0 },
  ],
  heldMs: 10_000,
} as const satisfies ChargingRule;

export const kiaNiroSg2 = {
  ...hyundaiKona,
  name: "kia-niro-sg2",
  covers: "Kia Niro EV from 2023, Hyundai Kona Electric from 2024, Kia EV3",
  charging: standingChargeRule,
  cellCounts: [90, 93, 96, 98, 100],
} as const satisfies VehicleProfile;
