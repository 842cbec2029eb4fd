/** Random expressions of the contract language: typed ones that check, and wild ones that need not. */
import fc from "fast-check";
import { INT_MAX, INT_MIN, OPERATORS, type Expression, type Operation } from "#core/script/expression.ts";
import type { ProgramInput } from "#core/script/program.ts";
import type { Value } from "#core/script/value.ts";

export const TREE_INPUTS: readonly ProgramInput[] = [
  { name: "flag", type: "bool" },
  { name: "list.numbers", type: "list<int>" },
  { name: "number", type: "int" },
  { name: "word", type: "string" },
];

export const anyInt = fc.oneof(
  fc.bigInt(-3n, 3n),
  fc.bigInt(INT_MIN, INT_MAX),
  fc.constantFrom(INT_MIN, INT_MIN + 1n, INT_MAX, INT_MAX - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 32n),
);
export const anyText = fc.oneof(
  fc.string({ maxLength: 8, unit: "grapheme" }),
  fc.constantFrom("", "1", "-7", "+7", "true", "f", "😀", "\u{FFFD}", "\u{E000}\u{1F431}", "9223372036854775808"),
);
const anyList = fc.array(anyInt, { maxLength: 5 });

/** Values of `TREE_INPUTS`, in their order. */
export const treeInputs: fc.Arbitrary<readonly Value[]> = fc.tuple(fc.boolean(), anyList, anyInt, anyText);

const int = anyInt.map((value): Expression => ({ op: "int", value }));
const text = anyText.map((value): Expression => ({ op: "text", value }));
const input = (index: number): fc.Arbitrary<Expression> => fc.constant({ op: "input", index });
const truth = fc.constantFrom<Expression>({ op: "true" }, { op: "false" });
const node = (op: Operation["op"], ...parts: readonly fc.Arbitrary<Expression>[]): fc.Arbitrary<Expression> =>
  fc.tuple(...parts).map((operands): Expression => ({ op, operands }));

export interface TypedTrees {
  readonly int: fc.Arbitrary<Expression>;
  readonly bool: fc.Arbitrary<Expression>;
  readonly text: fc.Arbitrary<Expression>;
  readonly list: fc.Arbitrary<Expression>;
}

/** Trees that check, of each type; items of macros stand for integers. */
export function typedTrees(depth: number, macros = 0): TypedTrees {
  const item = macros > 0 ? [fc.nat(macros - 1).map((outward): Expression => ({ op: "item", outward }))] : [];
  const leaves = {
    int: fc.oneof(int, input(2), ...item),
    bool: fc.oneof(truth, input(0)),
    text: fc.oneof(text, input(3)),
    list: fc.oneof(
      input(1),
      fc.array(int, { maxLength: 3 }).map((operands): Expression => ({ op: "list", operands })),
    ),
  };
  if (depth === 0) return leaves;
  const less = typedTrees(depth - 1, macros);
  const body = macros < 2 ? typedTrees(depth - 1, macros + 1) : undefined;
  const two = (ops: readonly Operation["op"][], part: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> =>
    fc.constantFrom(...ops).chain((op) => node(op, part, part));
  const same = fc.constantFrom(less.int, less.bool, less.text, less.list);
  return {
    int: fc.oneof(
      leaves.int,
      two(["add", "subtract", "multiply", "divide", "remainder", "min", "max"], less.int),
      node("negate", less.int),
      node("abs", less.int),
      node("if", less.bool, less.int, less.int),
      fc.constantFrom("mul-div" as const, "mul-div-up" as const).chain((op) => node(op, less.int, less.int, less.int)),
      node("at", less.list, less.int),
      node("size", less.list),
      node("size", less.text),
      node("to-int", less.text),
    ),
    bool: fc.oneof(
      leaves.bool,
      two(["and", "or"], less.bool),
      node("not", less.bool),
      same.chain((part) => two(["equal", "unequal"], part)),
      fc
        .constantFrom(less.int, less.text, less.bool)
        .chain((part) => two(["less", "at-most", "more", "at-least"], part)),
      two(["contains", "starts-with", "ends-with"], less.text),
      node("in", less.int, less.list),
      node("to-bool", less.text),
      ...(body === undefined
        ? []
        : [
            fc
              .constantFrom("all" as const, "exists" as const, "exists-one" as const)
              .chain((op) => node(op, less.list, body.bool)),
          ]),
    ),
    text: fc.oneof(
      leaves.text,
      node("add", less.text, less.text),
      fc.constantFrom(less.int, less.bool, less.text).chain((part) => node("to-text", part)),
      node("if", less.bool, less.text, less.text),
    ),
    list: fc.oneof(
      leaves.list,
      node("add", less.list, less.list),
      fc.array(less.int, { maxLength: 3 }).map((operands): Expression => ({ op: "list", operands })),
      ...(body === undefined ? [] : [node("map", less.list, body.int), node("filter", less.list, body.bool)]),
    ),
  };
}

const WILD_OPERATORS = (Object.keys(OPERATORS) as (keyof typeof OPERATORS)[]).filter(
  (op): op is Operation["op"] => OPERATORS[op].operands !== 0,
);

/** Trees with the right number of operands, of whatever types. */
export function wildTrees(depth: number): fc.Arbitrary<Expression> {
  const leaf = fc.oneof(
    int,
    text,
    truth,
    fc.nat(3).map((index): Expression => ({ op: "input", index })),
  );
  if (depth === 0) return leaf;
  const part = wildTrees(depth - 1);
  return fc.oneof(
    leaf,
    fc.constantFrom(...WILD_OPERATORS).chain((op) => {
      const { operands } = OPERATORS[op];
      const count = operands === "list" ? fc.nat(3) : fc.constant(operands);
      return count.chain((length) =>
        fc.array(part, { minLength: length, maxLength: length }).map((parts): Expression => ({ op, operands: parts })),
      );
    }),
  );
}
