/** The tool that tries the tests: which changes it makes, that it changes nothing by itself, and that its excuses hold. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXPLAINED_MUTANTS } from "#test/mutation/explained-mutants.ts";
import { instrumentSource, type Instrumented } from "#test/mutation/instrument-source.ts";
import { keyOf } from "#test/mutation/mutant.ts";
import { TARGETS } from "#test/mutation/targets.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8");

const test = suite("mutants");

function changesIn(source: string): readonly string[] {
  return instrumentSource("a.ts", source, 1).mutants.map(({ replacement }) => replacement);
}

test("a comparison loses its boundary and turns round, a connective loses a side, a condition its say", () => {
  assert.equal(changesIn("export const isLess = firstAmount < secondAmount;"), [
    "firstAmount <= secondAmount",
    "firstAmount >= secondAmount",
  ]);
  assert.equal(changesIn("export const isGood = hasCompleted && hasReported;"), ["hasCompleted", "hasReported"]);
  assert.equal(changesIn("function f(): void { if (hasCompletedTwice) return; }"), [
    "if (true) return;",
    "if (false) return;",
  ]);
});

test("constants go up and down by one, bounds change sides, lists their order, calls are left out", () => {
  assert.equal(changesIn("export const pair = [1_000_000, -2_000_000n];"), [
    "[1000001, -2_000_000n]",
    "[999999, -2_000_000n]",
    "[1_000_000, -1999999n]",
    "[1_000_000, -2000001n]",
  ]);
  assert.equal(changesIn("export const largest = Math.max(firstOne, secondOne);"), ["Math.min(firstOne, secondOne)"]);
  assert.equal(changesIn("export const joined = [...firstOnes, secondOne];"), ["[secondOne, ...firstOnes]"]);
  assert.equal(changesIn("export const found = severalOnes.filter(isGood);"), ["severalOnes"]);
});

test("what stands twice in a function has two names", () => {
  const source = "function f(): void { isGood(firstAmount < secondAmount); isBad(firstAmount < secondAmount); }";
  const { mutants } = instrumentSource("a.ts", source, 1);
  const same = mutants.filter(({ replacement }) => replacement === "firstAmount <= secondAmount");
  assert.equal(
    same.map(({ within }) => within),
    ["f", "f (2)"],
  );
  assert.is(new Set(mutants.map(keyOf)).size, mutants.length);
});

test("types, imports and what is asserted stay as they are", () => {
  const source = [
    'import { assert } from "#base/assert.ts";',
    "type Tier = 0 | 1 | 2;",
    "interface Place { readonly tier: 0 | 1 }",
    'export function f(place: Place, tier: Tier): void { assert(place.tier < tier && tier > 0, "a bug"); }',
  ].join("\n");
  assert.equal(changesIn(source), []);
});

test("without a mutant the instrumented code does what the original does, and with one what the mutant says", async () => {
  const source = [
    "export function answer(values: readonly number[], limit: number = 3): string {",
    "  let sum = 0;",
    "  for (const value of values) {",
    "    if (value > limit) continue;",
    "    sum += value;",
    "  }",
    '  return values.length === 0 ? "none" : `${Math.max(sum, 1)}`;',
    "}",
  ].join("\n");
  const instrumented = instrumentSource("answer.ts", source, 1);
  assert.is(instrumented.mutants.length, new Set(instrumented.mutants.map(({ id }) => id)).size);
  const run = await runnerOf(instrumented);
  assert.equal([run(0, [1, 3, 9]), run(0, [])], ["4", "none"]);
  const saidBy = (original: string, replacement: string): string => {
    const mutant = instrumented.mutants.find((each) => each.original === original && each.replacement === replacement);
    assert.ok(mutant, replacement);
    return run(mutant.id, [1, 3, 9]);
  };
  assert.is(saidBy("if (value > limit) continue;", "if (value >= limit) continue;"), "1");
  assert.is(saidBy("if (value > limit) continue;", "if (false) continue;"), "13");
  assert.is(saidBy("sum += value;", "(removed)"), "1");
  assert.is(saidBy("sum += value;", "sum -= value;"), "1");
  assert.is(saidBy("`${Math.max(sum, 1)}`", "`${Math.min(sum, 1)}`"), "1");
  assert.is(
    saidBy('values.length === 0 ? "none" : `${Math.max(sum, 1)}`', 'true ? "none" : `${Math.max(sum, 1)}`'),
    "none",
  );
});

test("every target's files are there, and have mutants; every explanation has its mutant", () => {
  const keys = new Set<string>();
  for (const { name, files, tests } of TARGETS) {
    for (const file of tests) assert.ok(read(file).length > 0);
    for (const file of files) {
      const { mutants } = instrumentSource(file, read(file), 1);
      assert.ok(mutants.length > 0, `${name}: ${file}`);
      for (const mutant of mutants) keys.add(keyOf(mutant));
    }
  }
  assert.equal(
    EXPLAINED_MUTANTS.map(keyOf).filter((key) => !keys.has(key)),
    [],
  );
  assert.ok(EXPLAINED_MUTANTS.every(({ why }) => why.length > 20));
});

test.run();

/** Runs `answer` of the instrumented source with one mutant active; 0 for none. */
async function runnerOf({ text }: Instrumented): Promise<(id: number, values: readonly number[]) => string> {
  let active = 0;
  Object.assign(globalThis, { $m: (id: number) => id === active });
  const code = Buffer.from(
    ts.transpile(text, { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }),
  ).toString("base64");
  const { answer } = (await import(`data:text/javascript;base64,${code}`)) as {
    readonly answer: (values: readonly number[]) => string;
  };
  return (id, values) => {
    active = id;
    return answer(values);
  };
}
