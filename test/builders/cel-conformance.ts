/**
 * CEL's own conformance data, run through all that a contract goes through: text, parser, tree, bytes, tree, evaluator.
 * A test is left out only when it needs what contracts do not have, and the reason is counted.
 */
import { tests as conformance } from "@bufbuild/cel-spec/testdata/conformance.js";
import type { SerializedIncrementalTestSuite } from "@bufbuild/cel-spec/testdata/tests.js";
import { compileExpression } from "#authoring/compile-expression.ts";
import { parseSource } from "#authoring/parse-source.ts";
import { Refusal, type OffsetProblem } from "#authoring/source-problem.ts";
import { assert } from "#base/assert.ts";
import { SCRIPT_STEPS_MAX } from "#core/limits.ts";
import { checkTypes } from "#core/script/check-types.ts";
import { decodeProgram, encodeProgram } from "#core/script/encode-program.ts";
import { evaluate } from "#core/script/evaluate.ts";
import type { Expression } from "#core/script/expression.ts";
import { flatten, unflatten } from "#core/script/flat-expression.ts";
import type { Program } from "#core/script/program.ts";
import { runOutcome } from "#core/script/run-program.ts";
import { typeOfValue, type Value } from "#core/script/value.ts";
import { decodeCbor, encodeCbor, isList } from "#core/wire/cbor.ts";

export interface ConformanceOutcome {
  /** Section and name, such as "integer_math/int64_math/div_zero". */
  readonly name: string;
  readonly expression: string;
  readonly kind: "passed" | "failed" | "left out";
  /** Why it is left out, or what came out instead. */
  readonly reason: string;
}

export function runConformance(): readonly ConformanceOutcome[] {
  return casesOf(conformance, "").map(({ name, test }) => {
    return { name, expression: test.expr, ...outcomeOf(test) };
  });
}

type ValueJson = Readonly<Record<string, unknown>>;

interface ConformanceCase {
  readonly expr: string;
  readonly value?: ValueJson;
  readonly evalError?: unknown;
  readonly anyEvalErrors?: unknown;
  readonly typedResult?: { readonly result?: ValueJson };
  readonly container?: string;
  readonly bindings?: Readonly<Record<string, { readonly value?: ValueJson }>>;
}

type Verdict = Pick<ConformanceOutcome, "kind" | "reason">;

function casesOf(
  suite: SerializedIncrementalTestSuite,
  path: string,
): readonly { readonly name: string; readonly test: ConformanceCase }[] {
  return [
    ...(suite.suites ?? []).flatMap((inner) => casesOf(inner, path === "" ? inner.name : `${path}/${inner.name}`)),
    ...(suite.tests ?? []).map(({ original }) => {
      return { name: `${path}/${original.name ?? ""}`, test: original };
    }),
  ];
}

function leftOut(reason: string): Verdict {
  return { kind: "left out", reason };
}

function outcomeOf(test: ConformanceCase): Verdict {
  const inputs = Object.entries(test.bindings ?? {}).map(([name, { value }]) => ({ name, value: valueOf(value) }));
  if (inputs.some(({ value }) => value === undefined)) return leftOut("inputs of other types");
  const isInContainer = (test.container ?? "") !== "" && inputs.some(({ name }) => name.includes("."));
  if (isInContainer) return leftOut("messages and name spaces");
  const expectsError = test.evalError !== undefined || test.anyEvalErrors !== undefined;
  const wanted = test.value ?? test.typedResult?.result;
  const expected = wanted === undefined ? undefined : valueOf(wanted);
  const compiled = compiledTree(
    test.expr,
    inputs.map(({ name }) => name),
  );
  if ("problem" in compiled) return leftOut(reasonOf(compiled.problem, test.expr));
  if (!expectsError && wanted === undefined) return leftOut("no value is expected, only a type");
  if (!expectsError && expected === undefined) return leftOut("results of other types");
  const values = inputs.map(({ name, value }) => ({ name, value: value ?? false }));
  const found = evaluated(throughBytes(compiled.tree, inputs.length), values);
  const isRight = expectsError ? found === "trap" : JSON.stringify(found, shown) === JSON.stringify(expected, shown);
  return { kind: isRight ? "passed" : "failed", reason: isRight ? "" : `came to ${JSON.stringify(found, shown)}` };
}

/** The value; "trap" is no value of the data. A tree that checks goes the whole way of a program, too. */
function evaluated(tree: Expression, inputs: readonly { readonly name: string; readonly value: Value }[]): Value {
  const types = inputs.map(({ value }) => typeOfValue(value));
  const bare = evaluate(tree, { inputs: inputs.map(({ value }) => value), lets: [] }, SCRIPT_STEPS_MAX);
  const isSound = checkTypes(tree, { inputs: types, lets: [] }).problems.length === 0;
  if (isSound && inputs.length === 0) {
    const program: Program = { ...EMPTY, outcome: [{ name: "result", value: tree }] };
    const decoded = decodeProgram(encodeProgram(program));
    assert(decoded.ok, "what was encoded is decoded");
    const run = runOutcome(decoded.value, {}).fields;
    assert(run.ok === bare.ok, "the program comes to what its tree comes to");
  }
  return bare.ok ? bare.value : "trap";
}

const EMPTY: Program = { name: "case", inputs: [], lets: [], commands: [], timers: [], outcome: [], queries: [] };

function compiledTree(
  source: string,
  names: readonly string[],
): { readonly tree: Expression } | { readonly problem: OffsetProblem } {
  const parsed = parseSource(source);
  if (!parsed.ok) return { problem: parsed.fault };
  const resolve = (name: string): Expression | undefined => {
    const index = names.indexOf(name);
    return index < 0 ? undefined : { op: "input", index };
  };
  try {
    return compileExpression(parsed.value, source, { resolve, known: () => names });
  } catch (refusal) {
    if (refusal instanceof Refusal) return { problem: refusal.problem };
    throw refusal;
  }
}

function throughBytes(tree: Expression, inputs: number): Expression {
  const bytes = encodeCbor(flatten(tree));
  const items = decodeCbor(bytes);
  assert(items.ok && isList(items.value), "a flat tree is a list");
  const read = unflatten(items.value, { inputs, lets: 0 });
  assert(read.ok, read.ok ? "" : read.fault);
  assert(JSON.stringify(read.value, shown) === JSON.stringify(tree, shown), "the tree comes back");
  return read.value;
}

function valueOf(json: ValueJson | undefined): Value | undefined {
  const [kind, content] = Object.entries(json ?? {})[0] ?? [];
  if (kind === "int64Value") return BigInt(String(content));
  if (kind === "boolValue") return content === true;
  if (kind === "stringValue") return String(content);
  if (kind !== "listValue") return undefined;
  const { values = [] } = content as { readonly values?: readonly ValueJson[] };
  const items = values.map(valueOf);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function shown(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value.toString()}n` : value;
}

/** Which part of CEL it needs that contracts have not. What stays unexplained is a failure of ours. */
function reasonOf(problem: OffsetProblem, expression: string): string {
  const { code, message } = problem;
  if (code === "CONTRACT_SYNTAX") {
    const known = PARSER_REASONS.find(([pattern]) => pattern.test(expression));
    return known?.[1] ?? `the parser does not take it: ${message.split("\n")[0] ?? ""}`;
  }
  return REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? `unexplained: ${message}`;
}

/** The parser's refusals, by what stands in the text. */
const PARSER_REASONS: readonly (readonly [RegExp, string])[] = [
  [/\b[bB][rR]['"]/, "bytes"],
  [/cel\.(iterVar|block|bind)/, "extensions: block and bind"],
  [/\.\?|\[\?|\{\?|optional\./, "optional values"],
  [/[A-Za-z]\s*\{/, "messages and name spaces"],
  [/\{/, "maps"],
  [/\d*\.\d/, "fractions"],
  [/^'\\U0011|^"\\U0011|\\u[dD]8/, "texts that are no Unicode"],
];

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/unsigned|uint/, "unsigned integers"],
  [/fraction|double/, "fractions"],
  [/bytes/, "bytes"],
  [/^null$|null_type/, "null"],
  [/a map inside|a field of a value|"map"/, "maps"],
  [/dyn\(\)|"dyn"/, "dyn: types are known before"],
  [/^type\(\)|"(bool|int|string|list|type)"/, "types as values"],
  [/timestamp|duration|Timestamp|Duration|"get[A-Z]/, "timestamps and durations"],
  [/has\(\)/, "has: every input is there"],
  [/matches/, "regular expressions"],
  [/in this form|transform(List|Map)/, "extension: macros with two variables"],
  [/bind\(\)|"block"/, "extensions: block and bind"],
  [/greatest|least|"(ceil|floor|round|trunc|abs|sign|isNaN|isInf|isFinite|bit[A-Z]\w*)"/, "extension: mathematics"],
  [
    /"(charAt|indexOf|lastIndexOf|lowerAscii|upperAscii|replace|split|substring|trim|join|quote|format|reverse)"/,
    "extension: more functions of texts",
  ],
  [/"(encode|decode)"/, "extension: base64"],
  [/"(none|of|ofNonZeroValue|value|hasValue|orValue|or|optMap|optFlatMap|unwrap\w*|first|last)"/, "optional values"],
  [/optional/, "optional values"],
  [/Enum|TestAllTypes|msg\.|google|"(getExt|hasExt)"/, "messages and name spaces"],
  [/"(fn|f_unknown|tuple|sort|x|a\.b\.pancakes|a\.pancakes)"/, "names that a host would have to provide"],
  [
    /"(as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)"/,
    "names that a host would have to provide",
  ],
];
