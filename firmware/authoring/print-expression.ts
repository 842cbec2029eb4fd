/** An expression as CEL text again, for people: what compiles back to the same tree. */
import type { Expression, Leaf, Operation } from "#core/script/expression.ts";
import { isOperation } from "#core/script/expression.ts";

export interface PrintedNames {
  readonly inputs: readonly string[];
  readonly lets: readonly string[];
}

export function printExpression(tree: Expression, names: PrintedNames): string {
  return new Printer(names).print(tree, LOWEST, 0);
}

/** How strongly an operator holds its operands together, from ?: to a call. */
const LOWEST = 0;
const CONDITIONAL = 1;
const UNARY = 7;
const MEMBER = 8;

/** Sign and strength; comparisons are put in parentheses within each other, where CEL would take them in a row. */
const INFIX = {
  or: ["||", 2],
  and: ["&&", 3],
  equal: ["==", 4],
  unequal: ["!=", 4],
  less: ["<", 4],
  "at-most": ["<=", 4],
  more: [">", 4],
  "at-least": [">=", 4],
  in: ["in", 4],
  add: ["+", 5],
  subtract: ["-", 5],
  multiply: ["*", 6],
  divide: ["/", 6],
  remainder: ["%", 6],
} as const satisfies Partial<Record<Operation["op"], readonly [string, number]>>;
const COMPARISON = 4;

const METHOD = { size: "size", contains: "contains", "starts-with": "startsWith", "ends-with": "endsWith" } as const;
const FUNCTION = {
  "to-int": "int",
  "to-text": "string",
  "to-bool": "bool",
  min: "min",
  max: "max",
  abs: "abs",
  "mul-div": "mulDiv",
  "mul-div-up": "mulDivUp",
} as const;
const MACRO = { all: "all", exists: "exists", "exists-one": "exists_one", map: "map", filter: "filter" } as const;

/** By the depth of the macro. */
const ITEM_NAMES = ["x", "y"];

class Printer {
  readonly #names: PrintedNames;

  constructor(names: PrintedNames) {
    this.#names = names;
  }

  /** `strength` of what stands around it; `macros` around it. */
  print(tree: Expression, strength: number, macros: number): string {
    const [text, own] = isOperation(tree) ? this.#operation(tree, macros) : this.#leaf(tree, macros);
    return own < strength ? `(${text})` : text;
  }

  #leaf(tree: Leaf, macros: number): readonly [string, number] {
    switch (tree.op) {
      case "true":
      case "false":
        return [tree.op, MEMBER];
      case "int":
        return [tree.value.toString(), tree.value < 0n ? UNARY : MEMBER];
      case "text":
        return [quoted(tree.value), MEMBER];
      case "input":
        return [this.#names.inputs[tree.index] ?? "", MEMBER];
      case "let":
        return [this.#names.lets[tree.index] ?? "", MEMBER];
      case "item":
        return [this.#itemName(macros - 1 - tree.outward), MEMBER];
    }
  }

  #operation({ op, operands }: Operation, macros: number): readonly [string, number] {
    const at = (place: number, strength: number, inner = macros): string => {
      const operand = operands[place];
      return operand === undefined ? "" : this.print(operand, strength, inner);
    };
    const list = (from: number): string =>
      operands
        .slice(from)
        .map((operand) => this.print(operand, LOWEST, macros))
        .join(", ");
    if (op in INFIX) {
      const [sign, own] = INFIX[op as keyof typeof INFIX];
      const left = at(0, own === COMPARISON ? own + 1 : own);
      return [`${left} ${sign} ${at(1, own + 1)}`, own];
    }
    if (op in METHOD) return [`${at(0, MEMBER)}.${METHOD[op as keyof typeof METHOD]}(${list(1)})`, MEMBER];
    if (op in FUNCTION) return [`${FUNCTION[op as keyof typeof FUNCTION]}(${list(0)})`, MEMBER];
    if (op in MACRO) {
      const body = at(1, LOWEST, macros + 1);
      return [`${at(0, MEMBER)}.${MACRO[op as keyof typeof MACRO]}(${this.#itemName(macros)}, ${body})`, MEMBER];
    }
    if (op === "if") {
      return [`${at(0, CONDITIONAL + 1)} ? ${at(1, CONDITIONAL)} : ${at(2, CONDITIONAL)}`, CONDITIONAL];
    }
    if (op === "not") return [`!${at(0, UNARY)}`, UNARY];
    // -5 is the integer; what is to be negated goes in parentheses where it begins with a digit or a sign.
    if (op === "negate") return [`-${operands[0]?.op === "int" ? `(${at(0, LOWEST)})` : at(0, UNARY)}`, UNARY];
    if (op === "at") return [`${at(0, MEMBER)}[${at(1, LOWEST)}]`, MEMBER];
    return [`[${list(0)}]`, MEMBER];
  }

  /** A name that hides no input and no let. */
  #itemName(depth: number): string {
    let name = ITEM_NAMES[depth] ?? "z";
    while (this.#names.inputs.includes(name) || this.#names.lets.includes(name)) name += "_";
    return name;
  }
}

/** JSON writes no escape that CEL does not read, if control characters are written with four digits. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
