/**
 * Plants each bug into a copy of the tree and plays its seed: `node test/simulation/region/planted/run-planted.ts
 * [WORD…]` (only bugs with one of the words in their name). Prints a table of bug, invariant and seed; exit code 1 when
 * one was not found.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const words = process.argv.slice(2);
const chosen = PLANTED_BUGS.filter(({ name, isUnproven }) =>
  words.length === 0 ? isUnproven !== true : words.some((word) => name.includes(word)),
);
let missed = 0;
console.log("| bug | invariant | seed |\n| --- | --- | --- |");
for (const bug of chosen) {
  const found = play(bug);
  const isCaught = bug.invariants.includes(found.invariant);
  if (!isCaught) missed += 1;
  console.log(
    `| ${bug.name} | ${isCaught ? "" : "MISSED: "}${found.invariant}: ${found.detail.slice(0, 120)} | ${bug.seed} |`,
  );
}
console.log(`${chosen.length - missed} of ${chosen.length} planted bugs were found`);
process.exit(missed > 0 ? 1 : 0);

interface Found {
  readonly invariant: string;
  readonly detail: string;
}

function play(bug: PlantedBug): Found {
  const copy = mkdtempSync(join(tmpdir(), "planted-"));
  try {
    for (const folder of ["firmware", "hal", "test", "boards", "package.json"]) {
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    for (const place of [bug, ...(bug.also === undefined ? [] : [bug.also])]) {
      const path = join(copy, place.file);
      const parts = readFileSync(path, "utf8").split(place.find);
      if (parts.length !== 2) return { invariant: "none", detail: `stands ${parts.length - 1} times in ${place.file}` };
      writeFileSync(path, parts.join(place.replace));
    }
    const script = join(copy, "test/simulation/region/planted/play-planted.ts");
    const wishes = JSON.stringify({ ...bug, find: undefined, replace: undefined, also: undefined });
    const { stdout, stderr } = spawnSync(process.execPath, [script, wishes], { encoding: "utf8" });
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("FOUND ")) return { invariant: "none", detail: (last === "" ? stderr : last).slice(-200) };
    const [invariant = "", ...detail] = last.slice("FOUND ".length).split(" ");
    return { invariant, detail: detail.join(" ") };
  } finally {
    rmSync(copy, { recursive: true });
  }
}
