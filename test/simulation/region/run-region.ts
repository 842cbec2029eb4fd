/**
 * Many regions, each from its seed: `npm run sim -- --seeds 100 --nodes 12 --hours 24`, or one with its story:
 * `npm run sim -- --seed 7 --nodes 12 --hours 24`. Prints how they ended, the speed, and which faults really fired.
 */
import { FAULT_GROUPS, FAULT_GROUP_NAMES, type FaultGroup, type FaultGroupForm } from "./fault-groups.ts";
import { FAULT_KINDS, FAULT_KIND_NAMES, FaultCounts, type FaultKind } from "./fault-counts.ts";
import { playRegion, type PlayWishes } from "./play-region.ts";
import { tellStory } from "./region-story.ts";

const PROGRESS_EVERY = 10;

export interface RegionRun extends PlayWishes {
  readonly first: number;
  readonly count: number;
  readonly tellsStory: boolean;
}

/** The process' exit code. */
export async function runRegions(run: RegionRun): Promise<0 | 1> {
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const counts = new FaultCounts();
  const endings = new Map<string, number>();
  const broken: string[] = [];
  const fired = new Set<FaultKind>();
  let simulatedMs = 0;
  let charges = 0;
  for (let seed = run.first; seed < run.first + run.count; seed += 1) {
    const outcome = await playRegion(seed, run);
    simulatedMs += outcome.simulatedMs;
    counts.addAll(outcome.world.counts);
    charges += outcome.results;
    for (const group of outcome.plan.groups) for (const kind of firesOf(group)) fired.add(kind);
    const ending = outcome.violation?.invariant ?? "held";
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
    if (outcome.violation !== undefined) broken.push(`${seed} (${ending})`);
    const played = seed - run.first + 1;
    if (played % PROGRESS_EVERY === 0) console.error(`${played} of ${run.count} seeds, ${broken.length} broken`);
    if (outcome.violation !== undefined || run.tellsStory) console.log(tellStory(outcome, run.tellsStory));
  }
  printFaults(counts, fired);
  for (const [ending, times] of endings) console.log(`${times} ${ending}`);
  const realMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(startedCpu);
  const cpuMs = (user + system) / 1000;
  console.log(
    `${run.count} seeds of ${run.nodes} gateways, ${(simulatedMs / 3_600_000).toFixed(1)} h simulated, ` +
      `${charges} charges with a result; ${(simulatedMs / realMs).toFixed(0)} times real time, ` +
      `${(simulatedMs / cpuMs).toFixed(0)} times by the processor's own time`,
  );
  console.log(broken.length === 0 ? "every invariant was kept" : `broken: seeds ${broken.join(", ")}`);
  return broken.length === 0 ? 0 : 1;
}

function firesOf(group: FaultGroup): readonly FaultKind[] {
  const form: FaultGroupForm = FAULT_GROUPS[group];
  return form.fires;
}

function printFaults(counts: FaultCounts, wanted: ReadonlySet<FaultKind>): void {
  console.log("faults that fired:");
  for (const kind of FAULT_KIND_NAMES) {
    const times = counts.get(kind);
    if (times > 0) console.log(`${String(times).padStart(10)} ${kind}: ${FAULT_KINDS[kind]}`);
  }
  const missing = counts.missing([...wanted]);
  if (missing.length > 0) console.log(`FINDING: switched on and never fired: ${missing.join(", ")}`);
}

/** The names that `--faults` may give. */
export function readGroups(text: string): readonly FaultGroup[] | undefined {
  const names = text.split(",").filter((name) => name !== "" && name !== "none");
  const found = names.flatMap((name) => FAULT_GROUP_NAMES.filter((group) => group === name));
  return found.length === names.length ? found : undefined;
}
