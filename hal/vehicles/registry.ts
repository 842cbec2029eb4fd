/** The cars that can be read, by the name that a configuration gives. */
import { bmwI3 } from "./models/bmw-i3.ts";
import { chevroletBolt } from "./models/chevrolet-bolt.ts";
import { fordMachE } from "./models/ford-mach-e.ts";
import { hyundaiIoniq28 } from "./models/hyundai-ioniq-28.ts";
import { hyundaiIoniq5 } from "./models/hyundai-ioniq-5.ts";
import { hyundaiKona } from "./models/hyundai-kona.ts";
import { jaguarIPace } from "./models/jaguar-i-pace.ts";
import { kiaEv3 } from "./models/kia-ev3.ts";
import { kiaNiroSg2 } from "./models/kia-niro-sg2.ts";
import { mgZsEv } from "./models/mg-zs-ev.ts";
import { nissanLeaf } from "./models/nissan-leaf.ts";
import { renaultZoePh1 } from "./models/renault-zoe-ph1.ts";
import { renaultZoePh2 } from "./models/renault-zoe-ph2.ts";
import { vwEUp } from "./models/vw-e-up.ts";
import { vwMeb } from "./models/vw-meb.ts";
import type { VehicleProfile } from "./profile.ts";

export const vehicleProfiles: readonly VehicleProfile[] = [
  ...[hyundaiKona, kiaNiroSg2, hyundaiIoniq5, kiaEv3, hyundaiIoniq28],
  ...[vwEUp, vwMeb, renaultZoePh1, renaultZoePh2, bmwI3],
  ...[chevroletBolt, mgZsEv, nissanLeaf, jaguarIPace, fordMachE],
];

/** By its name or one of its short names, in any case. */
export function vehicleProfile(nameOrAlias: string): VehicleProfile | undefined {
  const wanted = nameOrAlias.toLowerCase();
  return vehicleProfiles.find(({ name, aliases }) => name === wanted || aliases.includes(wanted));
}
