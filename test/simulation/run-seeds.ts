/**
 * Many charges, each from its seed: `npm run sim -- --seeds 2000 [--seed-start N]`, or one with its story:
 * `npm run sim -- --seed 7`. Ends with exit code 1 when a seed broke an invariant.
 */
import { parseArgs } from "node:util";
import { drawFaults, simulateCharge, type Outcome } from "./simulate-charge.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "500" },
    "seed-start": { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

const first = Number(values.seed ?? values["seed-start"]);
const count = values.seed === undefined ? Number(values.seeds) : 1;
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
  console.error("seeds are whole numbers: --seeds 500 --seed-start 1, or --seed 7");
  process.exit(64);
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
