/** `node test/vectors/generate-state-vectors.ts` writes state-root.json. */
import { writeFileSync } from "node:fs";
import { exampleStates } from "./state-root-example.ts";

const file = new URL("state-root.json", import.meta.url);
writeFileSync(file, `${JSON.stringify({ states: exampleStates() }, undefined, 2)}\n`);
