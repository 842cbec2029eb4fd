/**
 * `node test/bench/settle-trials.ts [CHARGES] [SEED]`: so many random charges (1,000,000 unless told) settled by the
 * contract's program and by its native twin, and as many for order and bounds. Ends at the first that fails.
 */
import { checkBounds, compareWithTwin, type Endings } from "#test/builders/settle-trials.ts";

const [charges = "1000000", seed = "trial"] = process.argv.slice(2);
report("program = twin", () => compareWithTwin(seed, Number(charges)));
report("order and bounds", () => checkBounds(`${seed} bounds`, Number(charges)));

function report(claim: string, run: () => Endings): void {
  const before = process.cpuUsage();
  const endings = run();
  const { user, system } = process.cpuUsage(before);
  console.log(`${claim}: ${charges} charges, none fails, ${((user + system) / 1e6).toFixed(0)} s of processor time`);
  const ordered = [...endings].sort(([, left], [, right]) => right - left);
  for (const [ending, count] of ordered) console.log(`  ${String(count).padStart(8)}  ${ending}`);
}
