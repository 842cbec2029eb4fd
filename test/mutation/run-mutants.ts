/**
 * Tries whether the tests notice when a rule is changed: `node test/mutation/run-mutants.ts [WORD] [--processes N]
 * [--record FILE] [--explained]`. WORD is the name of a target, or a part of the names of files. Prints what lives; exit
 * code 1 when something does that `explained-mutants.ts` does not explain, and 2 when an explanation there has lost its
 * mutant.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EXPLAINED_MUTANTS } from "./explained-mutants.ts";
import { instrumentSource, type Instrumented } from "./instrument-source.ts";
import { keyOf, type Mutant } from "./mutant.ts";
import { RunRecord } from "./run-record.ts";
import { TARGETS, type Target } from "./targets.ts";
import { tryMutants, type Outcome } from "./try-mutants.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = ["firmware", "hal", "test", "boards", "deploy/release", "package.json"];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: "string", default: "1" },
    record: { type: "string" },
    // To try those, too, that are said to be beyond any test: each costs a run of all tests that reach it.
    explained: { type: "boolean", default: false },
  },
});
const [word = ""] = positionals;
const record = new RunRecord(ROOT, values.record);
const explained = new Set(EXPLAINED_MUTANTS.map(keyOf));
const rows = ["| target | mutants | killed | timed out | explained | left |", "| --- | --- | --- | --- | --- | --- |"];
const BELIEVED: Outcome = { kind: "survived", isReached: true };
let left = 0;

const chosen = TARGETS.map((target) => chosenOf(target)).filter(({ files }) => files.length > 0);
const stale = staleExplanations();
for (const target of chosen) {
  const outcomes = await tryTarget(target);
  const living = [...outcomes].filter(([, { kind }]) => kind === "survived");
  const open = living.filter(([mutant]) => !explained.has(keyOf(mutant)));
  const count = (kind: Outcome["kind"]): number => [...outcomes.values()].filter((each) => each.kind === kind).length;
  left += open.length;
  const figures = [count("killed"), count("timed out"), living.length - open.length, open.length];
  rows.push(`| ${[target.name, outcomes.size, ...figures].join(" | ")} |`);
}
console.log(rows.join("\n"));
for (const key of stale) console.log(`no such mutant any more: ${key}`);
process.exit(left > 0 ? 1 : stale.length > 0 ? 2 : 0);

/** The target, or those of its files that the word means. */
function chosenOf(target: Target): Target {
  if (word === "" || target.name === word) return target;
  if (TARGETS.some(({ name }) => name === word)) return { ...target, files: [] };
  return { ...target, files: target.files.filter((file) => file.includes(word)) };
}

async function tryTarget(target: Target): Promise<ReadonlyMap<Mutant, Outcome>> {
  const outcomes = new Map<Mutant, Outcome>();
  const sources = instrumented(target);
  const mutants = [...sources.values()].flatMap((source) => source.mutants);
  for (const mutant of mutants) {
    const known = record.find(target, mutant);
    const isBelieved = !values.explained && explained.has(keyOf(mutant));
    const outcome = isBelieved ? BELIEVED : known;
    if (outcome !== undefined) outcomes.set(mutant, outcome);
  }
  const open = mutants.filter((mutant) => !outcomes.has(mutant));
  console.log(`${target.name}: ${mutants.length} mutants, ${open.length} to try`);
  for (const [mutant, outcome] of outcomes) tell(mutant, outcome);
  if (open.length === 0) return outcomes;
  const root = copyOfTree(sources);
  try {
    await tryMutants({
      start: { root, tests: target.tests, without: target.without ?? [], mutantsMax: mutants.length },
      mutants: open,
      processes: Number(values.processes),
      onOutcome: (mutant, outcome) => {
        outcomes.set(mutant, outcome);
        record.add(target, mutant, outcome);
        tell(mutant, outcome);
      },
    });
  } finally {
    rmSync(root, { recursive: true });
  }
  return outcomes;
}

function instrumented({ files }: Target): ReadonlyMap<string, Instrumented> {
  const sources = new Map<string, Instrumented>();
  let nextId = 1;
  for (const file of files) {
    const source = instrumentSource(file, readFileSync(join(ROOT, file), "utf8"), nextId);
    sources.set(file, source);
    nextId += source.mutants.length;
  }
  return sources;
}

function copyOfTree(sources: ReadonlyMap<string, Instrumented>): string {
  const root = mkdtempSync(join(tmpdir(), "mutants-"));
  for (const part of COPIED) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  for (const [file, { text }] of sources) writeFileSync(join(root, file), text);
  return root;
}

function tell(mutant: Mutant, outcome: Outcome): void {
  const isSurvivor = outcome.kind === "survived";
  if (explained.has(keyOf(mutant)) ? isSurvivor : outcome.kind === "killed") return;
  const { file, line, within, original, replacement } = mutant;
  const isUnreached = isSurvivor && !outcome.isReached;
  const what = `${explained.has(keyOf(mutant)) ? "explained, but " : ""}${isUnreached ? "no test comes by" : outcome.kind}`;
  console.log(`${what}: ${file}:${line} ${within}\n    - ${original}\n    + ${replacement}`);
}

/** Of the chosen files. */
function staleExplanations(): readonly string[] {
  const files = new Set(chosen.flatMap((target) => target.files));
  const keys = new Set(
    [...files].flatMap((file) => instrumentSource(file, readFileSync(join(ROOT, file), "utf8"), 1).mutants.map(keyOf)),
  );
  return EXPLAINED_MUTANTS.filter(({ file }) => files.has(file))
    .map(keyOf)
    .filter((key) => !keys.has(key));
}
