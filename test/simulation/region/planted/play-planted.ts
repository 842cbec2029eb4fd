/** Plays the seed or the test of one planted bug inside its copy of the tree, and prints what was found. */
import { playRegion } from "../play-region.ts";
import type { PlantedBug, PlantedInRegion } from "./planted-bug.ts";

const bug = JSON.parse(process.argv[2] ?? "{}") as PlantedBug;
if ("test" in bug) {
  // A suite runs by itself when it has been read, and says with the exit code how it ended.
  process.on("exit", () => {
    const isFound = process.exitCode === 1;
    // What the suite has written may have ended within a line.
    console.log(`\n${isFound ? found(bug.invariant, bug.test) : `no test has failed, ${cpuSeconds()} s`}`);
  });
  await import(new URL(`../../${bug.test}`, import.meta.url).href);
} else {
  console.log(await play(bug));
  process.exit(0);
}

async function play({ seed, nodes, hours, pace, faults, liars }: PlantedInRegion): Promise<string> {
  const { violation, results } = await playRegion(seed, {
    nodes,
    hours,
    ...(pace === undefined ? {} : { pace }),
    groups: [...faults, "roaming"],
    allOn: true,
    liars: new Map(Object.entries(liars ?? {})),
  });
  if (violation === undefined) return `nothing was found, ${results} charges, ${cpuSeconds()} s`;
  return found(violation.invariant, violation.detail.split("\n")[0] ?? "");
}

function found(invariant: string, detail: string): string {
  return `FOUND ${invariant} after ${cpuSeconds()} s: ${detail}`;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return Math.ceil((user + system) / 1_000_000);
}
