/** What a scenario asks of its region, as the plan that a seed would draw: nothing in it is left to chance. */
import { HARDENED_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { drawPlan, type RegionPlan } from "../region/region-plan.ts";

export interface ScenarioWishes {
  /** All in the genesis, with a seat and a place in the schedule. */
  readonly stations: number;
  /** How many sites these stand at; each at its own when absent. */
  readonly sites?: number;
  /** The last so many of the stations are played by hand: their gateways never run. */
  readonly liars?: number;
  /** By name of a gateway that runs, and lies as `region/lies.ts` says. */
  readonly runningLiars?: RegionPlan["liars"];
  readonly vehicles?: number;
  /** Sites where the vehicles are at home, in their order; the first site when absent. */
  readonly homes?: readonly string[];
  readonly rules?: Partial<LedgerRules>;
  readonly governors?: RegionPlan["governors"];
  readonly seed?: number;
  /** Names of further invariants of the region. */
  readonly watched?: readonly string[];
  /** Those that the scenario is there to break. */
  readonly unwatched?: readonly string[];
}

export function planOf({
  stations: count,
  sites: siteCount = count,
  vehicles = 0,
  ...wishes
}: ScenarioWishes): RegionPlan {
  const sites = Array.from({ length: siteCount }, (_, index) => `site-${index + 1}`);
  const stations = Array.from({ length: count }, (_, index) => ({
    name: `station-${index + 1}`,
    site: sites[index % siteCount] ?? "site-1",
    organisation: `operator-${index + 1}`,
  }));
  const drawn = drawPlan(wishes.seed ?? 1, { nodes: 2, hours: 0, groups: [] });
  const byHand = stations.slice(count - (wishes.liars ?? 0));
  return {
    ...drawn,
    ...{ sites, stations },
    vehicles: Array.from({ length: vehicles }, (_, index) => ({
      ...{ name: `car-${index + 1}`, home: wishes.homes?.[index] ?? "site-1", organisation: `owner-${index + 1}` },
      ...{ powerW: 11_000, isThrifty: false },
    })),
    ...(wishes.governors && { governors: wishes.governors }),
    rules: { ...HARDENED_RULES, historyMin: 1, counterpartiesMin: 1, ...wishes.rules },
    // A gateway that never runs tells none of these lies: it only is not counted among the honest.
    liars: new Map([...byHand.map(({ name }) => [name, "votes everywhere"] as const), ...(wishes.runningLiars ?? [])]),
  };
}
