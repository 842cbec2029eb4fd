/**
 * How much of the Common Expression Language the frozen evaluator is: the conformance data of cel-spec, all sections.
 * The reasons below are the list of what contracts leave out on purpose.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runConformance } from "#test/builders/cel-conformance.ts";

const test = suite("CEL conformance");
const outcomes = runConformance();
const passed = outcomes.filter(({ kind }) => kind === "passed");

/** Sections with tests of integers, truths, texts, lists and conditions. */
const CORE = [
  "basic",
  "comparisons",
  "conversions",
  "integer_math",
  "lists",
  "logic",
  "macros",
  "parse",
  "plumbing",
  "string",
];

test("every test that is not left out comes to what the specification says", () => {
  const failed = outcomes.filter(({ kind }) => kind === "failed");
  assert.equal(
    failed.map(({ name, expression, reason }) => `${name}: ${expression} ${reason}`),
    [],
  );
  assert.ok(passed.length >= 401, `${passed.length} passed`);
  console.log(`CEL conformance: ${passed.length} of ${outcomes.length} tests passed, none failed; left out:`);
  for (const [reason, count] of counted()) console.log(`  ${String(count).padStart(5)}  ${reason}`);
});

test("what is left out has a reason from a list that is known", () => {
  assert.equal(
    counted().map(([reason]) => reason),
    [...LEFT_OUT].sort(),
  );
});

const LEFT_OUT: readonly string[] = [
  "bytes",
  "dyn: types are known before",
  "extension: base64",
  "extension: macros with two variables",
  "extension: mathematics",
  "extension: more functions of texts",
  "extensions: block and bind",
  "fractions",
  "has: every input is there",
  "inputs of other types",
  "maps",
  "messages and name spaces",
  "names that a host would have to provide",
  "no value is expected, only a type",
  "null",
  "optional values",
  "regular expressions",
  "timestamps and durations",
  "types as values",
  "unsigned integers",
];

function counted(): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { kind, reason } of outcomes) if (kind === "left out") counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => (left < right ? -1 : 1));
}

test("the data is there, and each core section is run", () => {
  assert.ok(outcomes.length > 2300, `${outcomes.length} tests`);
  for (const section of CORE) {
    assert.ok(
      passed.some(({ name }) => name.startsWith(`${section}/`)),
      section,
    );
  }
});

test.run();
