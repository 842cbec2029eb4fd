/** What is kept of one region that was played: plain data, for the record of a long run and for its summary. */
import { FAULT_KIND_NAMES, type FaultKind } from "./fault-counts.ts";
import { FAULT_GROUPS, type FaultGroup, type FaultGroupForm } from "./fault-groups.ts";
import { LIES } from "./lies.ts";
import { playRegion, type PlayWishes } from "./play-region.ts";
import { tellStory } from "./region-story.ts";

export interface PlayedSeed {
  readonly seed: number;
  /** Under which wishes it was played, as text; seeds of other wishes do not belong to the same summary. */
  readonly wishes: string;
  /** `held`, or the invariant that was broken. */
  readonly ending: string;
  /** Of a seed that broke one, or whose story was wanted. */
  readonly story: string | undefined;
  readonly simulatedMs: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** That had a result in the end. */
  readonly charges: number;
  /** How often each kind of fault really fired. */
  readonly fired: Readonly<Partial<Record<FaultKind, number>>>;
  /** Kinds that were switched on. */
  readonly wanted: readonly FaultKind[];
}

export async function playSeed(seed: number, wishes: PlayWishes, tellsAll: boolean): Promise<PlayedSeed> {
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const outcome = await playRegion(seed, wishes);
  const { user, system } = process.cpuUsage(startedCpu);
  const { violation, simulatedMs, results, world, plan } = outcome;
  const fired = FAULT_KIND_NAMES.filter((kind) => world.counts.get(kind) > 0);
  return {
    ...{ seed, wishes: textOf(wishes), ending: violation?.invariant ?? "held", simulatedMs, charges: results },
    story: violation !== undefined || tellsAll ? tellStory(outcome, tellsAll) : undefined,
    ...{ cpuMs: (user + system) / 1000, wallMs: performance.now() - startedMs },
    fired: Object.fromEntries(fired.map((kind) => [kind, world.counts.get(kind)])),
    wanted: [
      ...new Set([...[...plan.groups].flatMap(firesOf), ...[...plan.liars.values()].map((lie) => LIES[lie].fires)]),
    ],
  };
}

/** What the history of a seed depends on, besides the code. */
export function textOf({ nodes, hours, groups, pace = 1, crypto = "simulated" }: PlayWishes): string {
  const faults = groups === undefined ? "drawn" : groups.length === 0 ? "none" : groups.join(",");
  const text = `${nodes} gateways, ${hours} h, faults ${faults}, ${crypto} signatures`;
  return pace === 1 ? text : `${text}, ${pace} times as many faults`;
}

function firesOf(group: FaultGroup): readonly FaultKind[] {
  const form: FaultGroupForm = FAULT_GROUPS[group];
  return form.fires;
}
