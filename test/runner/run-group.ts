/**
 * Runs the given test files in this process, one uvu queue, and ends with uvu's own totals.
 *
 * Properties draw the same cases in each run, so that a change is judged by what it changed; `SEED=7` draws others, and
 * `SEED=fresh` new ones each time. A property that fails prints its seed.
 */
import { env } from "node:process";
import fc from "fast-check";
import { run } from "uvu/run";

const USUAL_SEED = 1_307;

if (env["SEED"] !== "fresh") fc.configureGlobal({ seed: Number(env["SEED"] ?? USUAL_SEED) });
await run(process.argv.slice(2).map((file) => ({ name: file.replace(`${process.cwd()}/`, ""), file })));
