/**
 * Plants each bug into a copy of the tree and plays its seed: `node test/simulation/region/planted/run-planted.ts
 * [WORD…]` (only bugs with one of the words in their name, or of the invariant of that name). Prints a table of bug,
 * invariant, seed and the processor's time; exit code 1 when one was not found by its invariant.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PlantedBug } from "./planted-bug.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const words = process.argv.slice(2);
const chosen = PLANTED_BUGS.filter(
  ({ name, invariant }) => words.length === 0 || words.some((word) => invariant === word || name.includes(word)),
);
const copy = mkdtempSync(join(tmpdir(), "planted-"));
process.on("exit", () => {
  rmSync(copy, { recursive: true, force: true });
});
for (const folder of ["firmware", "hal", "test", "boards", "package.json"]) {
  cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
}
symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));

interface Found {
  readonly invariant: string;
  readonly detail: string;
  /** Of the processor, as the player counts them; empty where it did not come so far. */
  readonly seconds: string;
}

let missed = 0;
console.log("| bug | found by | what it said | seed, gateways, hours | seconds |\n| --- | --- | --- | --- | --- |");
for (const bug of chosen) {
  const found = plant(bug);
  const isCaught = bug.invariant === found.invariant;
  if (!isCaught) missed += 1;
  const by = isCaught ? found.invariant : `MISSED by ${bug.invariant}: ${found.invariant}`;
  const where = "test" in bug ? bug.test : `${bug.seed}, ${bug.nodes}, ${bug.hours}`;
  console.log(`| ${bug.name} | ${by} | ${found.detail.slice(0, 120)} | ${where} | ${found.seconds} |`);
}
console.log(`${chosen.length - missed} of ${chosen.length} planted bugs were found`);
process.exit(missed > 0 ? 1 : 0);

function plant(bug: PlantedBug): Found {
  const whole = new Map<string, string>();
  try {
    for (const place of [bug, ...(bug.also ?? [])]) {
      const path = join(copy, place.file);
      const text = readFileSync(path, "utf8");
      const parts = text.split(place.find);
      if (parts.length !== 2) return nothing(`"${place.find}" stands ${parts.length - 1} times in ${place.file}`);
      if (!whole.has(path)) whole.set(path, text);
      writeFileSync(path, parts.join(place.replace));
    }
    return play(bug);
  } finally {
    for (const [path, text] of whole) writeFileSync(path, text);
  }
}

/** With a seed or a test, as the bug says; its last line tells what was found. */
function play(bug: PlantedBug): Found {
  const script = join(copy, "test/simulation/region/planted/play-planted.ts");
  const wishes = JSON.stringify({ ...bug, find: undefined, replace: undefined, also: undefined });
  const environment = { ...process.env, NO_COLOR: "1" };
  const { stdout, stderr } = spawnSync(process.execPath, [script, wishes], { encoding: "utf8", env: environment });
  const last = stdout.trim().split("\n").at(-1) ?? "";
  const found = /^FOUND (\S+) after (\d+) s: (.*)$/.exec(last);
  if (found === null) return nothing((last === "" ? stderr : last).slice(-200));
  const [, invariant = "", seconds = "", detail = ""] = found;
  if (!("test" in bug)) return { invariant, seconds, detail };
  const failedTest = /FAIL .*?"(.*)"/.exec(stdout)?.[1];
  return failedTest === undefined ? nothing(stdout.slice(-200)) : { invariant, seconds, detail: failedTest };
}

function nothing(detail: string): Found {
  return { invariant: "none", detail, seconds: "" };
}
