/**
 * An expression of the contract language as a tree: what is signed, stored and run. Names are gone by then, except
 * those of inputs and lets: the variable of a macro is its distance from the use.
 */

/** Each operator: its number on the wire, and how many operands follow it there; "list" says their number first. */
export const OPERATORS = {
  false: { code: 0, operands: 0 },
  true: { code: 1, operands: 0 },
  int: { code: 2, operands: 0 },
  text: { code: 3, operands: 0 },
  list: { code: 4, operands: "list" },
  input: { code: 5, operands: 0 },
  let: { code: 6, operands: 0 },
  item: { code: 7, operands: 0 },
  not: { code: 8, operands: 1 },
  negate: { code: 9, operands: 1 },
  add: { code: 10, operands: 2 },
  subtract: { code: 11, operands: 2 },
  multiply: { code: 12, operands: 2 },
  divide: { code: 13, operands: 2 },
  remainder: { code: 14, operands: 2 },
  equal: { code: 15, operands: 2 },
  unequal: { code: 16, operands: 2 },
  less: { code: 17, operands: 2 },
  "at-most": { code: 18, operands: 2 },
  more: { code: 19, operands: 2 },
  "at-least": { code: 20, operands: 2 },
  and: { code: 21, operands: 2 },
  or: { code: 22, operands: 2 },
  if: { code: 23, operands: 3 },
  in: { code: 24, operands: 2 },
  at: { code: 25, operands: 2 },
  size: { code: 26, operands: 1 },
  contains: { code: 27, operands: 2 },
  "starts-with": { code: 28, operands: 2 },
  "ends-with": { code: 29, operands: 2 },
  "to-int": { code: 30, operands: 1 },
  "to-text": { code: 31, operands: 1 },
  "to-bool": { code: 32, operands: 1 },
  all: { code: 33, operands: 2 },
  exists: { code: 34, operands: 2 },
  "exists-one": { code: 35, operands: 2 },
  map: { code: 36, operands: 2 },
  filter: { code: 37, operands: 2 },
  min: { code: 38, operands: 2 },
  max: { code: 39, operands: 2 },
  abs: { code: 40, operands: 1 },
  "mul-div": { code: 41, operands: 3 },
  "mul-div-up": { code: 42, operands: 3 },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly operands: number | "list" }>>;

export type Operator = keyof typeof OPERATORS;

/** The first operand is a list, the second is evaluated once for each item of it. */
export type MacroOperator = "all" | "exists" | "exists-one" | "map" | "filter";
/** Operators that decide themselves which operands they need. */
export type LazyOperator = "and" | "or" | "if" | MacroOperator;
export type LeafOperator = "false" | "true" | "int" | "text" | "input" | "let" | "item";
/** Operators whose operands are all evaluated first, from left to right. */
export type StrictOperator = Exclude<Operator, LazyOperator | LeafOperator>;

export type Expression = Leaf | Operation;

export type Leaf =
  | { readonly op: "false" | "true" }
  | { readonly op: "int"; readonly value: bigint }
  | { readonly op: "text"; readonly value: string }
  /** The place in the program's table of inputs, and of lets. */
  | { readonly op: "input" | "let"; readonly index: number }
  /** The item of the macro that is so many macros further out: 0 is the nearest. */
  | { readonly op: "item"; readonly outward: number };

export interface Operation {
  readonly op: LazyOperator | StrictOperator;
  readonly operands: readonly Expression[];
}

export const INT_MIN = -(2n ** 63n);
export const INT_MAX = 2n ** 63n - 1n;

export function isInt(value: bigint): boolean {
  return value >= INT_MIN && value <= INT_MAX;
}

export function isOperation(tree: Expression): tree is Operation {
  return "operands" in tree;
}

export function isLazy(op: LazyOperator | StrictOperator): op is LazyOperator {
  return op === "and" || op === "or" || op === "if" || isMacro(op);
}

export function isMacro(op: Operator): op is MacroOperator {
  return op === "all" || op === "exists" || op === "exists-one" || op === "map" || op === "filter";
}
