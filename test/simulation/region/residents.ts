/** Who lives in a region: stations with their outlets, and cars with their drivers, each wired to its own gateway. */
import { ok } from "#base/result.ts";
import { assembleCharger } from "#firmware/assemble-charger.ts";
import { assembleVehicle } from "#firmware/assemble-vehicle.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedChargePoint } from "#hal/mock/simulated-charge-point.ts";
import { perKwh } from "#test/builders/tariffs.ts";
import { Driver } from "./driver.ts";
import { Car, Outlet } from "./outlet.ts";
import type { RegionNode, RegionNodeParts } from "./region-node.ts";
import type { PlannedStation, PlannedVehicle } from "./region-plan.ts";
import type { RegionWorld } from "./region-world.ts";

const CURRENT_MAX_A = 16;
export const POWER_MAX_W = 12_000;

export interface Station {
  readonly node: RegionNode;
  readonly site: string;
  readonly outlet: Outlet;
}

export interface Vehicle {
  readonly node: RegionNode;
  readonly plan: PlannedVehicle;
  readonly car: Car;
  readonly driver: Driver;
}

export interface ResidentParts {
  /** Its plan, clock and mesh stand already. */
  readonly world: RegionWorld;
  readonly random: SeededRandom;
  readonly makeNode: (
    name: string,
    siteOf: () => string | undefined,
    makeRole: RegionNodeParts["makeRole"],
  ) => RegionNode;
}

/** `number` counts the region's outlets from 1. */
export function makeStation({ name, site }: PlannedStation, number: number, parts: ResidentParts): Station {
  const { world, random, makeNode } = parts;
  const outlet = new Outlet(number, () => world.nowMs, random.fork(`outlet ${name}`));
  if (world.plan.liars.get(name) === "shows more") outlet.shownShare *= 1.2;
  const makeRole: RegionNodeParts["makeRole"] = (roleParts, clock) => {
    const meter = outlet.meter(clock, `M${number}`);
    // The controller is a device of its own: its lease ends although the gateway has died.
    const chargePoint = new SimulatedChargePoint({ target: outlet, clock: world.clock });
    return assembleCharger({ meter, chargePoint }, CHARGER, roleParts);
  };
  return { node: makeNode(name, () => site, makeRole), site, outlet };
}

export function makeVehicle(plan: PlannedVehicle, { world, random, makeNode }: ResidentParts): Vehicle {
  const { name } = plan;
  const car = new Car(random.fork(`car ${name}`));
  if (world.plan.liars.get(name) === "shows less") car.shownShare *= 0.75;
  const settings = plan.isThrifty ? { ...CAR, priceMax: { currency: "EUR", microPerKwh: 200_000 } } : CAR;
  const makeRole: RegionNodeParts["makeRole"] = (roleParts, clock) =>
    assembleVehicle(car.link(clock), settings, roleParts);
  const siteOf = (): string | undefined => driver.site;
  const node = makeNode(name, siteOf, makeRole);
  const driver = new Driver({ world, node, car, plan, random: random.fork(`driver ${name}`) });
  return { node, plan, car, driver };
}

const PRICES = ok({ currency: "EUR", currencyDigits: 2, tariff: perKwh(350_000) } as const);

const CHARGER = {
  evse: 1,
  currentMaxA: CURRENT_MAX_A,
  graceSeconds: 900,
  tariff: () => PRICES,
  facts: {
    powerMaxW: POWER_MAX_W,
    energyMaxMilliWh: 100_000_000,
    durationMaxSeconds: 14_400,
    stationMpePpm: 20_000,
    stationMeasuringPoint: "mains",
  },
} as const;

const CAR = {
  powerMaxW: 11_000,
  batteryPowerMaxW: 170_000,
  energyMaxMilliWh: 100_000_000,
  choice: undefined,
} as const;
