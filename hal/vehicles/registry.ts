/** The cars that can be read, by the name that a configuration gives. */
import { hyundaiIoniq5 } from "./models/hyundai-ioniq-5.ts";
import { hyundaiKona } from "./models/hyundai-kona.ts";
import { kiaNiroSg2 } from "./models/kia-niro-sg2.ts";
import { vwEUp } from "./models/vw-e-up.ts";
import type { VehicleProfile } from "./profile.ts";

export const vehicleProfiles: readonly VehicleProfile[] = [hyundaiKona, kiaNiroSg2, hyundaiIoniq5, vwEUp];

export function findVehicleProfile(name: string): VehicleProfile | undefined {
  return vehicleProfiles.find((profile) => profile.name === name);
}
