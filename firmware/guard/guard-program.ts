/** The guard's program: as written it lies beside this file, in a release beside the file that this is part of. */
import { fileURLToPath } from "node:url";

const isAsWritten = import.meta.url.endsWith(".ts");

export const GUARD_PROGRAM = fileURLToPath(new URL(isAsWritten ? "guard-main.ts" : "guard.mjs", import.meta.url));

/**
 * What a process of ours hands on to its children: where the system forbids memory that is written and then run, it
 * forbids it to them, too, and an engine with a compiler would not start (decision 0034).
 */
export const ENGINE_OPTIONS: readonly string[] = process.execArgv.filter((option) => option === "--jitless");
