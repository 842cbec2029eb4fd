/** Writes the wiring picture of each board: `npm run boards`. With `--check` it only says which are out of date. */
import { readFile, writeFile } from "node:fs/promises";
import { BOARDS } from "../index.ts";
import { drawWiring } from "./draw-wiring.ts";

const isCheck = process.argv.includes("--check");
let stale = 0;
for (const board of BOARDS.filter(({ header }) => header === "raspberry-pi-40")) {
  const path = new URL(`../wiring/${board.name}.svg`, import.meta.url);
  const drawn = drawWiring(board);
  const stored = await readFile(path, "utf8").catch(() => "");
  if (stored === drawn) continue;
  stale += 1;
  if (!isCheck) await writeFile(path, drawn);
  process.stdout.write(`${isCheck ? "out of date" : "written"}: boards/wiring/${board.name}.svg\n`);
}
process.exit(isCheck && stale > 0 ? 1 : 0);
