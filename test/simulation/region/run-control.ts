/**
 * The control from seeds of one's own: `node test/simulation/region/run-control.ts --seeds 5 [--seed-start 1]`. Exit
 * code 1 when no seed came to a conflict beyond the bound, when one did within it, or when evidence named too few.
 */
import { parseArgs } from "node:util";
import { runControl } from "./control.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "5" }, "seed-start": { type: "string", default: "1" } },
});
const [first, count] = [Number(values["seed-start"]), Number(values.seeds)];
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
  console.error("seeds are whole numbers: --seeds 5 --seed-start 1");
  process.exit(64);
}
process.exit(await runControl(first, count));
