/** Writes the wiring pictures of the boards: `npm run boards`. With `--check` it only says which are out of date. */
import { readFile, writeFile } from "node:fs/promises";
import { drawPictures } from "./pictures.ts";

const isCheck = process.argv.includes("--check");
let stale = 0;
for (const { file, svg } of drawPictures()) {
  const path = new URL(`../wiring/${file}`, import.meta.url);
  const stored = await readFile(path, "utf8").catch(() => "");
  if (stored === svg) continue;
  stale += 1;
  if (!isCheck) await writeFile(path, svg);
  process.stdout.write(`${isCheck ? "out of date" : "written"}: boards/wiring/${file}\n`);
}
process.exit(isCheck && stale > 0 ? 1 : 0);
