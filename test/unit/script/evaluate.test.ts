import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileExpression } from "#authoring/compile-expression.ts";
import { parseSource } from "#authoring/parse-source.ts";
import { SCRIPT_LIST_MAX, SCRIPT_TEXT_MAX } from "#core/limits.ts";
import { Evaluation } from "#core/script/evaluate.ts";
import type { Expression } from "#core/script/expression.ts";
import type { Value } from "#core/script/value.ts";
import { worstCaseSteps } from "#core/script/worst-case.ts";

const test = suite("evaluation");
const INPUTS: Readonly<Record<string, Value>> = { n: 7n, list: [1n, 2n, 3n], word: "aé😀", long: "é".repeat(200) };

interface Run {
  /** Or the code of the trap. */
  readonly value: Value;
  readonly steps: number;
  readonly worst: number;
}

function run(source: string, budget = 2000): Run {
  const names = Object.keys(INPUTS);
  const resolve = (name: string): Expression | undefined => {
    const index = names.indexOf(name);
    return index < 0 ? undefined : { op: "input", index };
  };
  const parsed = parseSource(source);
  assert.ok(parsed.ok, source);
  const { tree } = compileExpression(parsed.value, source, { resolve, known: () => names });
  const running = new Evaluation({ inputs: Object.values(INPUTS), lets: [] }, budget);
  const found = running.value(tree);
  const inputs = names.map((name) => ({ name, type: name === "list" ? ("list<int>" as const) : ("int" as const) }));
  return {
    value: found.ok ? found.value : found.fault.code,
    steps: running.steps,
    worst: worstCaseSteps([tree], { inputs, lets: [] }),
  };
}

const MIN = "-9223372036854775808";
const MAX = "9223372036854775807";

/** Source to what it comes to: a value or a trap. */
const CASES: readonly (readonly [string, Value])[] = [
  // Every way out of 64 bits.
  [`${MAX} + 1`, "SCRIPT_OVERFLOW"],
  [`${MIN} - 1`, "SCRIPT_OVERFLOW"],
  [`${MIN} + 0`, -(2n ** 63n)],
  [`${MAX} * 2`, "SCRIPT_OVERFLOW"],
  ["4294967296 * 2147483648", "SCRIPT_OVERFLOW"],
  ["4294967296 * -2147483648", -(2n ** 63n)],
  [`${MIN} / -1`, "SCRIPT_OVERFLOW"],
  [`${MIN} % -1`, "SCRIPT_OVERFLOW"],
  [`-(${MIN})`, "SCRIPT_OVERFLOW"],
  [`abs(${MIN})`, "SCRIPT_OVERFLOW"],
  [`mulDiv(${MAX}, 2, 1)`, "SCRIPT_OVERFLOW"],
  ["int('9223372036854775808')", "SCRIPT_OVERFLOW"],
  [`int('${MIN}')`, -(2n ** 63n)],
  // Division.
  ["1 / 0", "SCRIPT_DIVISION_BY_ZERO"],
  ["1 % 0", "SCRIPT_DIVISION_BY_ZERO"],
  ["mulDivUp(1, 1, 0)", "SCRIPT_DIVISION_BY_ZERO"],
  ["-7 / 2", -3n],
  ["-7 % 2", -1n],
  ["7 % -2", 1n],
  // An exact product of 126 bits between, rounded as it is called.
  [`mulDiv(${MAX}, ${MAX}, ${MAX})`, 2n ** 63n - 1n],
  ["mulDiv(7, 1, 2)", 3n],
  ["mulDiv(-7, 1, 2)", -4n],
  ["mulDiv(7, 1, -2)", -4n],
  ["mulDivUp(7, 1, 2)", 4n],
  ["mulDivUp(-7, 1, 2)", -3n],
  ["mulDivUp(6, 1, 2)", 3n],
  // What decides absorbs the trap of the other operand, on either side.
  ["1 / 0 == 1 && false", false],
  ["false && 1 / 0 == 1", false],
  ["1 / 0 == 1 || true", true],
  ["1 / 0 == 1 && true", "SCRIPT_DIVISION_BY_ZERO"],
  ["1 / 0 == 1 || list[9] == 1", "SCRIPT_DIVISION_BY_ZERO"],
  ["list.all(x, 1 / (x - 1) > 5)", false],
  ["list.exists(x, 1 / (x - 1) == 1)", true],
  ["list.exists_one(x, 1 / (x - 1) == 1)", "SCRIPT_DIVISION_BY_ZERO"],
  ["true ? n : 1 / 0", 7n],
  // Texts are code points.
  ["size(word)", 3n],
  ["'\\uFFFD' < '😀'", true],
  ["'\\uE000' < '😀'", true],
  ["word.endsWith('😀')", true],
  ["word + word == 'aé😀aé😀'", true],
  ["long + long", "SCRIPT_TOO_LONG"],
  ["int('')", "SCRIPT_NOT_CONVERTIBLE"],
  ["int(' 1')", "SCRIPT_NOT_CONVERTIBLE"],
  ["int('1_0')", "SCRIPT_NOT_CONVERTIBLE"],
  ["int('0x10')", "SCRIPT_NOT_CONVERTIBLE"],
  ["int('١')", "SCRIPT_NOT_CONVERTIBLE"],
  ["int('+007')", 7n],
  ["bool('yes')", "SCRIPT_NOT_CONVERTIBLE"],
  // Lists.
  ["list[3]", "SCRIPT_NO_SUCH_ITEM"],
  ["list[-1]", "SCRIPT_NO_SUCH_ITEM"],
  [`list[${MAX}]`, "SCRIPT_NO_SUCH_ITEM"],
  ["(list + [4]).map(x, x * x)", [1n, 4n, 9n, 16n]],
  ["list.map(x, list.filter(y, y < x)).map(l, l.size())", [0n, 1n, 2n]],
  ["list.map(x, x > 1, x + n)", [9n, 10n]],
  ["[list, list] == [[1, 2, 3], [1, 2, 3]]", true],
  // What no program that checks can ask.
  ["n + word", "SCRIPT_WRONG_TYPE"],
  ["n && true", "SCRIPT_WRONG_TYPE"],
  ["n == word", false],
];

for (const [source, expected] of CASES) {
  test(`${source.slice(0, 60)} comes to ${JSON.stringify(expected, (_, part) => (typeof part === "bigint" ? Number(part) : (part as unknown)))}`, () => {
    const { value, steps, worst } = run(source);
    assert.equal(value, expected);
    assert.ok(steps <= worst);
  });
}

/** Source, its steps and its worst case. */
const STEPS: readonly (readonly [string, number, number])[] = [
  ["1 + 2 * 3", 5, 5],
  ["true || 1 / 0 == 0", 2, 7],
  ["false ? n + n : n", 3, 5],
  ["[1, 2] + [3]", 9, 9],
  ["[1, 2] == [1, 3]", 9, 9],
  ["[1, 2] == [1]", 6, 7],
  ["2 in [1, 2, 3]", 8, 9],
  ["list.map(x, x + 1)", 14, 258],
  ["[1, 2].all(x, x > 1)", 8, 12],
];

for (const [source, steps, worst] of STEPS) {
  test(`${source} takes ${steps} steps, at most ${worst}`, () => {
    const found = run(source);
    assert.equal([found.steps, found.worst], [steps, worst]);
    assert.is(run(source, steps - 1).value, "SCRIPT_OUT_OF_STEPS");
    assert.equal(run(source, steps).value, found.value);
  });
}

test("out of steps is absorbed by nothing", () => {
  assert.is(run("list.all(x, x > 0) && false", 8).value, "SCRIPT_OUT_OF_STEPS");
  assert.is(run("list.exists(x, list.all(y, y > 0)) || true", 8).value, "SCRIPT_OUT_OF_STEPS");
});

test("no list and no text grows beyond its limit, however it is put together", () => {
  const items = (count: number): string => `[${Array.from({ length: count }, () => "1").join(", ")}]`;
  assert.equal((run(`${items(SCRIPT_LIST_MAX / 2)} + ${items(SCRIPT_LIST_MAX / 2)}`).value as Value[]).length, 64);
  assert.is(run(`${items(SCRIPT_LIST_MAX / 2)} + ${items(SCRIPT_LIST_MAX / 2 + 1)}`).value, "SCRIPT_TOO_LONG");
  const text = `"${"😀".repeat(SCRIPT_TEXT_MAX / 2)}"`;
  assert.is(run(`size(${text} + ${text})`).value, BigInt(SCRIPT_TEXT_MAX));
  assert.is(run(`${text} + ${text} + "1"`).value, "SCRIPT_TOO_LONG");
});

test.run();
