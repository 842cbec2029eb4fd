/**
 * Many charges, each from its seed: `npm run sim -- --seeds 2000 [--seed-start N]`, or one with its story:
 * `npm run sim -- --seed 7`. With `--nodes` it is a whole region instead of one charge: `--nodes 12 --hours 24
 * [--faults loss,partition] [--crypto real] [--processes 2] [--record FILE]`. Ends with exit code 1 when a seed broke an
 * invariant.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readGroups, runRegions } from "./region/run-region.ts";
import { drawFaults, simulateCharge, type Outcome } from "./simulate-charge.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "500" },
    "seed-start": { type: "string", default: "1" },
    seed: { type: "string" },
    nodes: { type: "string" },
    hours: { type: "string", default: "24" },
    faults: { type: "string" },
    crypto: { type: "string", default: "simulated" },
    processes: { type: "string", default: "1" },
    record: { type: "string" },
    part: { type: "string" },
  },
});

const first = Number(values.seed ?? values["seed-start"]);
const count = values.seed === undefined ? Number(values.seeds) : 1;
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
  console.error("seeds are whole numbers: --seeds 500 --seed-start 1, or --seed 7");
  process.exit(64);
}

if (values.nodes !== undefined) {
  const [nodes, hours, processes] = [Number(values.nodes), Number(values.hours), Number(values.processes)];
  const groups = values.faults === undefined ? undefined : readGroups(values.faults);
  const isSound = Number.isSafeInteger(nodes) && nodes >= 2 && nodes <= 300 && hours > 0;
  const isKnown = groups !== undefined || values.faults === undefined;
  const isParted = Number.isSafeInteger(processes) && processes >= 1 && processes <= 64;
  if (!isSound || !isKnown || !isParted || !["real", "simulated"].includes(values.crypto)) {
    console.error(
      "regions are played so: --nodes 12 --hours 24 [--faults loss,partition | none] [--crypto real] " +
        "[--processes 2] [--record FILE]",
    );
    process.exit(64);
  }
  const crypto = values.crypto === "real" ? "real" : "simulated";
  const wishes = { nodes, hours, crypto, ...(groups === undefined ? {} : { groups, allOn: true }) } as const;
  const part = values.part === undefined ? undefined : Number(values.part);
  const run = { wishes, first, count, processes, part, record: values.record, tellsStory: values.seed !== undefined };
  const code = await runRegions(run, fileURLToPath(import.meta.url));
  // A pipe takes what was written only by and by, and the story of a seed is long.
  await new Promise((resolve) => process.stdout.write("", resolve));
  process.exit(code);
}

const startedMs = performance.now();
const endings = new Map<string, number>();
let worldMs = 0;
let broken = 0;
for (let seed = first; seed < first + count; seed += 1) {
  const outcome = await simulateCharge(seed, drawFaults(seed));
  worldMs += outcome.simulation.clock.monotonicMs();
  endings.set(endingOf(outcome), (endings.get(endingOf(outcome)) ?? 0) + 1);
  if (outcome.violation === undefined && values.seed === undefined) continue;
  if (outcome.violation !== undefined) broken += 1;
  tell(seed, outcome);
}
for (const [ending, times] of [...endings].sort(([, left], [, right]) => right - left))
  console.log(`${times} ${ending}`);
const realMs = performance.now() - startedMs;
console.log(
  `${count} seeds, ${(worldMs / 3_600_000).toFixed(1)} h simulated, ${(worldMs / realMs).toFixed(0)} times real time`,
);
console.log(`${count - broken} kept every invariant, ${broken} did not`);
process.exit(broken > 0 ? 1 : 0);

function endingOf({ violation, results, crashed }: Outcome): string {
  const how = results.map(({ state, verdict }) => `${state} ${verdict}`).join(", ") || "no charge";
  return `${violation?.invariant ?? "held"}: ${how}${crashed ? ", with a power cut" : ""}`;
}

function tell(seed: number, { violation, story, simulation }: Outcome): void {
  console.log(`seed ${seed}: ${violation === undefined ? "held" : `${violation.invariant}: ${violation.detail}`}`);
  console.log(`  faults ${JSON.stringify(simulation.faults)}`);
  for (const line of story) if (!line.includes("peerSeen")) console.log(`  ${line.slice(0, 200)}`);
}
