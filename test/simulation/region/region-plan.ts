/** What a seed says of a region before anything happens: sites, gateways, owners, rules, liars, and which faults. */
import { HARDENED_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { FAULT_GROUPS, type FaultGroup } from "./fault-groups.ts";
import { LIES, type Lie } from "./lies.ts";
import { isVotingLie } from "./voting-lies.ts";

export interface PlannedStation {
  readonly name: string;
  readonly site: string;
  readonly organisation: string;
}

export interface PlannedVehicle {
  readonly name: string;
  /** Where it stands when it is not on the road and not at an outlet. */
  readonly home: string;
  readonly organisation: string;
  readonly powerW: number;
  /** It signs no price as high as the stations'. */
  readonly isThrifty: boolean;
}

export interface RegionPlan {
  readonly seed: number;
  readonly hours: number;
  /** Faults strike that many times as often as in a day's run. */
  readonly pace: number;
  readonly sites: readonly string[];
  readonly stations: readonly PlannedStation[];
  readonly vehicles: readonly PlannedVehicle[];
  readonly rules: LedgerRules;
  readonly groups: ReadonlySet<FaultGroup>;
  /** By name of a gateway. */
  readonly liars: ReadonlyMap<string, Lie>;
  /** How many governors the genesis names, and how many of them decide; nobody when absent. */
  readonly governors?: { readonly count: number; readonly threshold: number };
}

export interface PlanWishes {
  readonly nodes: number;
  readonly hours: number;
  /** Only these may be switched on; absent, each seed draws among all. */
  readonly groups?: readonly FaultGroup[];
  /** All of `groups` are on, instead of a part of them. */
  readonly allOn?: boolean;
  /** For short runs: how many times as often as in a day's run faults strike; 1 when absent. */
  readonly pace?: number;
  /** Instead of those that the seed draws. */
  readonly liars?: ReadonlyMap<string, Lie>;
}

/** Of twelve gateways seven are stations; sites have two to four of those. */
export function drawPlan(seed: number, wishes: PlanWishes): RegionPlan {
  const random = new SeededRandom(`region ${seed}`);
  const { nodes, hours } = wishes;
  const stationCount = Math.max(1, Math.min(nodes - 1, Math.round((nodes * 7) / 12)));
  const siteCount = Math.max(1, Math.round(stationCount / 2.4));
  const sites = Array.from({ length: siteCount }, (_, index) => `site-${index + 1}`);
  const siteAt = (index: number): string => sites[index % siteCount] ?? "site-1";
  const stations = Array.from({ length: stationCount }, (_, index): PlannedStation => ({
    name: `station-${index + 1}`,
    site: siteAt(index),
    organisation: `operator-${(index % siteCount) + 1}`,
  }));
  const vehicles = Array.from({ length: nodes - stationCount }, (_, index): PlannedVehicle => ({
    name: `car-${index + 1}`,
    home: siteAt(index),
    organisation: `owner-${index + 1}`,
    powerW: random.pick([7_400, 11_000]),
    isThrifty: random.fork(`thrift ${index}`).chance(0.04),
  }));
  const groups = drawGroups(random.fork("groups"), wishes);
  const names = [...stations, ...vehicles].map(({ name }) => name);
  return {
    ...{ seed, hours, pace: wishes.pace ?? 1, sites, stations, vehicles, groups },
    rules: { ...HARDENED_RULES, historyMin: random.integer(1, 3), counterpartiesMin: 1 },
    liars: wishes.liars ?? (groups.has("liars") ? drawLiars(random.fork("liars"), names) : new Map()),
  };
}

/** Each seed switches on a part of its own: what one fault hides, another seed without it shows. */
function drawGroups(random: SeededRandom, { groups, allOn }: PlanWishes): ReadonlySet<FaultGroup> {
  const names = Object.keys(FAULT_GROUPS) as FaultGroup[];
  // Drawn for all of them in the same order: what may be on does not change the draws of the rest.
  const drawn = names.filter((name) => random.chance(FAULT_GROUPS[name].share));
  const allowed = groups ?? names;
  return new Set(allOn === true ? allowed : drawn.filter((name) => allowed.includes(name)));
}

/** At most as many as a committee of all can bear. */
function drawLiars(random: SeededRandom, names: readonly string[]): ReadonlyMap<string, Lie> {
  const most = Math.floor((names.length - 1) / 3);
  const count = random.integer(1, Math.max(1, most));
  const shuffled = names.map((name) => ({ name, at: random.next() })).sort((left, right) => left.at - right.at);
  const lies = Object.keys(LIES) as Lie[];
  const drawn = new Map<string, Lie>();
  for (const { name } of shuffled.slice(0, count)) {
    // The first committee is that of the few authorities: more than one such voter would be more than it bears.
    const hasVoter = [...drawn.values()].some(isVotingLie);
    const suited = lies.filter((lie) => LIES[lie].suits(name) && !(hasVoter && isVotingLie(lie)));
    drawn.set(name, random.pick(suited));
  }
  return drawn;
}
