/** Plays the seed of one planted bug inside its copy of the tree, and prints what was found: see `run-planted.ts`. */
import { playRegion } from "../play-region.ts";
import type { PlantedBug } from "./planted-bug.ts";

const bug = JSON.parse(process.argv[2] ?? "{}") as Omit<PlantedBug, "find" | "replace">;
const outcome = await playRegion(bug.seed, {
  nodes: bug.nodes,
  hours: bug.hours,
  ...(bug.pace === undefined ? {} : { pace: bug.pace }),
  groups: [...bug.faults, "roaming"],
  allOn: true,
  liars: new Map(Object.entries(bug.liars ?? {})),
});
const { violation } = outcome;
const detail = violation?.detail.split("\n")[0] ?? "";
const { user, system } = process.cpuUsage();
const seconds = Math.ceil((user + system) / 1_000_000);
console.log(
  violation === undefined
    ? `nothing was found, ${outcome.results} charges, ${seconds} s`
    : `FOUND ${violation.invariant} after ${seconds} s: ${detail}`,
);
process.exit(0);
