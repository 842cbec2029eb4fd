/** The cars that can be simulated, by the names that profiles use too. */
import { bmwI3 } from "./cars/bmw-i3.ts";
import { chevroletBolt } from "./cars/chevrolet-bolt.ts";
import type { CarDescription } from "./cars/control-unit.ts";
import { fordMachE } from "./cars/ford-mach-e.ts";
import { hyundaiIoniq28, hyundaiIoniq5, hyundaiKona, kiaNiroSg2 } from "./cars/hyundai-kia.ts";
import { jaguarIPace } from "./cars/jaguar-i-pace.ts";
import { mgZsEv } from "./cars/mg-zs-ev.ts";
import { nissanLeaf } from "./cars/nissan-leaf.ts";
import { renaultZoePh1 } from "./cars/renault-zoe-ph1.ts";
import { renaultZoePh2 } from "./cars/renault-zoe-ph2.ts";
import { vwEUp } from "./cars/vw-e-up.ts";
import { vwMeb } from "./cars/vw-meb.ts";

export const carModels = {
  "hyundai-kona": hyundaiKona,
  "kia-niro-sg2": kiaNiroSg2,
  "hyundai-ioniq-5": hyundaiIoniq5,
  "hyundai-ioniq-28": hyundaiIoniq28,
  "vw-e-up": vwEUp,
  "vw-meb": vwMeb,
  "renault-zoe-ph1": renaultZoePh1,
  "renault-zoe-ph2": renaultZoePh2,
  "bmw-i3": bmwI3,
  "chevrolet-bolt": chevroletBolt,
  "mg-zs-ev": mgZsEv,
  "nissan-leaf": nissanLeaf,
  "jaguar-i-pace": jaguarIPace,
  "ford-mach-e": fordMachE,
} as const satisfies Readonly<Record<string, CarDescription>>;

export type CarModel = keyof typeof carModels;

/** What people call them. */
export const carAliases: Readonly<Record<string, CarModel>> = {
  kona: "hyundai-kona",
  niro: "kia-niro-sg2",
  ioniq5: "hyundai-ioniq-5",
  ioniq28: "hyundai-ioniq-28",
  eup: "vw-e-up",
  meb: "vw-meb",
  id3: "vw-meb",
  zoe1: "renault-zoe-ph1",
  zoe2: "renault-zoe-ph2",
  zoe: "renault-zoe-ph2",
  i3: "bmw-i3",
  bolt: "chevrolet-bolt",
  mg: "mg-zs-ev",
  leaf: "nissan-leaf",
  ipace: "jaguar-i-pace",
  mache: "ford-mach-e",
};

/** By its name or by an alias of it. */
export function findCarModel(name: string): CarModel | undefined {
  return isCarModel(name) ? name : new Map(Object.entries(carAliases)).get(name);
}

export function carModelNames(): readonly CarModel[] {
  return Object.keys(carModels).filter(isCarModel);
}

function isCarModel(name: string): name is CarModel {
  return Object.hasOwn(carModels, name);
}
