/**
 * All checks: `npm run check`. Types and format beside lint, which takes as long as both; then all tests. Ends with the
 * tests' `N passed, N failed`, or before them when a check has found something.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LANES = [["lint"], ["types", "format"]];

const outcomes = await Promise.all(LANES.map(runLane));
if (outcomes.includes(false)) process.exit(1);
const tests = spawn("npm", ["test"], { cwd: root, stdio: "inherit" });
tests.on("close", (code) => process.exit(code ?? 1));

/** One script after the other, each of which prints all at once; false when one of them has failed. */
async function runLane(scripts: readonly string[]): Promise<boolean> {
  for (const script of scripts) {
    const child = spawn("npm", ["run", script], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    process.stdout.write(Buffer.concat(chunks));
    if (code !== 0) return false;
  }
  return true;
}
