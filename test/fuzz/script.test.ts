/** Hostile programs and random expressions: what the evaluator says, how long it takes, and what never happens. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileExpression } from "#authoring/compile-expression.ts";
import { parseSource } from "#authoring/parse-source.ts";
import { printExpression } from "#authoring/print-expression.ts";
import { SCRIPT_BYTES_MAX, SCRIPT_LIST_MAX, SCRIPT_STEPS_MAX } from "#core/limits.ts";
import { checkTypes } from "#core/script/check-types.ts";
import { programCosts } from "#core/script/check-program.ts";
import { decodeProgram, encodeProgram } from "#core/script/encode-program.ts";
import { Evaluation, evaluate } from "#core/script/evaluate.ts";
import { OPERATORS, type Expression } from "#core/script/expression.ts";
import { flatten, unflatten } from "#core/script/flat-expression.ts";
import { placesOf, type Program } from "#core/script/program.ts";
import { bindInputs } from "#core/script/run-program.ts";
import { itemTypeOf, type Value, type ValueType } from "#core/script/value.ts";
import { worstCaseSteps } from "#core/script/worst-case.ts";
import { decodeCbor, encodeCbor, isList, type CborValue } from "#core/wire/cbor.ts";
import { meaningOf, type Meaning } from "#test/builders/reference-evaluator.ts";
import { anyInt, TREE_INPUTS, treeInputs, typedTrees, wildTrees } from "#test/builders/script-trees.ts";

const test = suite("contract programs");
const names = { inputs: TREE_INPUTS.map(({ name }) => name), lets: [] };
const EMPTY: Program = {
  name: "fuzz",
  inputs: TREE_INPUTS,
  lets: [],
  commands: [],
  timers: [],
  outcome: [],
  queries: [],
};
const typed = typedTrees(4);
const anyTyped = fc.oneof(typed.int, typed.bool, typed.text, typed.list);

/** Decodes and, when that succeeds, runs everything in it; any throw is the failure. */
function survive(bytes: Uint8Array): boolean {
  const decoded = decodeProgram(bytes);
  if (!decoded.ok) return false;
  assert.equal(encodeProgram(decoded.value), bytes, "what is decoded has these bytes and no others");
  const values = Object.fromEntries(decoded.value.inputs.map(({ name, type }) => [name, largest(type)]));
  const bindings = bindInputs(decoded.value, values);
  for (const { tree } of placesOf(decoded.value)) {
    const running = new Evaluation(bindings, SCRIPT_STEPS_MAX);
    const found = running.value(tree);
    assert.ok(found.ok || found.fault.code !== "SCRIPT_WRONG_TYPE", "a program that checks meets no wrong type");
  }
  for (const { steps } of programCosts(decoded.value)) assert.ok(steps <= SCRIPT_STEPS_MAX);
  return true;
}

function largest(type: ValueType): Value {
  const item = itemTypeOf(type);
  if (item !== undefined) return Array.from({ length: SCRIPT_LIST_MAX }, () => largest(item));
  return type === "int" ? 2n ** 63n - 1n : type === "bool" ? true : "😀".repeat(64);
}

test("F8 bytes of any kind are refused or hold; none throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      survive(bytes);
    }),
    { numRuns: 3000 },
  );
  assert.is(survive(new Uint8Array(SCRIPT_BYTES_MAX + 1)), false);
});

test("F8 a good program with a few bytes changed is refused or holds", () => {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  let held = 0;
  fc.assert(
    fc.property(anyTyped, fc.array(change, { minLength: 1, maxLength: 3 }), (tree, changes) => {
      const program: Program = { ...EMPTY, outcome: [{ name: "result", value: tree }] };
      fc.pre(programCosts(program).every(({ steps }) => steps <= SCRIPT_STEPS_MAX));
      const bytes = encodeProgram(program);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      if (survive(bytes)) held += 1;
    }),
    { numRuns: 3000 },
  );
  assert.ok(held > 20, `only ${held} changed programs held: the check would see nothing`);
});

test("F8 lists of random items are refused or are a tree that ends within its steps", () => {
  const code = fc.integer({ min: 0, max: 43 });
  const item: fc.Arbitrary<CborValue> = fc.oneof(
    { arbitrary: code, weight: 6 },
    fc.string({ maxLength: 3 }),
    fc.boolean(),
  );
  let read = 0;
  fc.assert(
    fc.property(fc.array(item, { maxLength: 40 }), treeInputs, (items, inputs) => {
      const tree = unflatten(items, { inputs: 4, lets: 0 });
      if (!tree.ok) return;
      read += 1;
      assert.equal(flatten(tree.value), items);
      const running = new Evaluation({ inputs, lets: [] }, 200);
      running.value(tree.value);
      assert.ok(running.steps <= 200);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(read > 100, `${read} trees`);
});

test("F8 a tree says what the naive reading of the language says", () => {
  const compare = (tree: Expression, inputs: readonly Value[]): void => {
    const found = evaluate(tree, { inputs, lets: [] }, 1_000_000);
    const expected: Meaning = meaningOf(tree, inputs, []);
    if (!found.ok && found.fault.code === "SCRIPT_OUT_OF_STEPS") return;
    assert.equal(found.ok ? found.value : null, expected, printExpression(tree, names));
  };
  fc.assert(fc.property(anyTyped, treeInputs, compare), { numRuns: 8000 });
  fc.assert(fc.property(wildTrees(4), treeInputs, compare), { numRuns: 8000 });
});

test("F8 a tree that checks never meets a wrong type, and never takes more steps than its worst case", () => {
  fc.assert(
    fc.property(anyTyped, treeInputs, (tree, inputs) => {
      const types = TREE_INPUTS.map(({ type }) => type);
      assert.equal(checkTypes(tree, { inputs: types, lets: [] }).problems, []);
      const running = new Evaluation({ inputs, lets: [] }, 1_000_000);
      const found = running.value(tree);
      assert.ok(found.ok || found.fault.code !== "SCRIPT_WRONG_TYPE");
      assert.ok(running.steps <= worstCaseSteps([tree], EMPTY), printExpression(tree, names));
    }),
    { numRuns: 8000 },
  );
});

test("lets are evaluated once, and a program's worst case holds with them", () => {
  fc.assert(
    fc.property(typed.int, typed.int, treeInputs, (first, second, inputs) => {
      const lets = [
        { name: "a", value: first },
        { name: "b", value: { op: "add", operands: [{ op: "let", index: 0 }, second] } as const },
      ];
      const tree: Expression = {
        op: "max",
        operands: [
          { op: "let", index: 1 },
          {
            op: "add",
            operands: [
              { op: "let", index: 1 },
              { op: "let", index: 0 },
            ],
          },
        ],
      };
      const trees = lets.map(({ value }) => value);
      const running = new Evaluation({ inputs, lets: trees }, 1_000_000);
      const found = running.value(tree);
      assert.ok(running.steps <= worstCaseSteps([tree], { inputs: TREE_INPUTS, lets }));
      const expected = meaningOf(tree, inputs, trees);
      assert.equal(found.ok ? found.value : null, expected);
    }),
    { numRuns: 2000 },
  );
});

test("F8 however small the budget, it is kept, and more budget changes nothing but the end", () => {
  fc.assert(
    fc.property(anyTyped, treeInputs, fc.nat(60), (tree, inputs, budget) => {
      const running = new Evaluation({ inputs, lets: [] }, budget);
      const found = running.value(tree);
      assert.ok(running.steps <= budget);
      const isStopped = !found.ok && found.fault.code === "SCRIPT_OUT_OF_STEPS";
      if (!isStopped) assert.equal(found, evaluate(tree, { inputs, lets: [] }, 1_000_000));
    }),
    { numRuns: 4000 },
  );
});

test("text to tree to bytes to tree and back to text: one tree all the way", () => {
  fc.assert(
    fc.property(anyTyped, (tree) => {
      const source = printExpression(tree, names);
      const parsed = parseSource(source);
      assert.ok(parsed.ok, source);
      const resolve = (name: string): Expression | undefined => {
        const index = names.inputs.indexOf(name);
        return index < 0 ? undefined : { op: "input", index };
      };
      const compiled = compileExpression(parsed.value, source, { resolve, known: () => names.inputs }).tree;
      assert.equal(compiled, tree, source);
      const items = decodeCbor(encodeCbor(flatten(compiled)));
      assert.ok(items.ok && isList(items.value));
      assert.equal(unflatten(items.value, { inputs: 4, lets: 0 }), { ok: true, value: tree });
    }),
    { numRuns: 4000 },
  );
});

test("integers of every width have one encoding", () => {
  fc.assert(
    fc.property(anyInt, (value) => {
      const items = flatten({ op: "int", value });
      assert.equal(unflatten(items, { inputs: 0, lets: 0 }), { ok: true, value: { op: "int", value } });
    }),
  );
  const wide = new Uint8Array(8);
  wide[7] = 5;
  assert.is(unflatten([OPERATORS.int.code, wide], { inputs: 0, lets: 0 }).ok, false);
});

test.run();
