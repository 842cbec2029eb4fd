/** A syntax tree of CEL to an expression of the contract language: names become numbers, macros lose their words. */
import { assert } from "#base/assert.ts";
import { SCRIPT_MACROS_MAX, SCRIPT_TEXT_MAX } from "#core/limits.ts";
import {
  INT_MAX,
  isInt,
  type Expression,
  type MacroOperator,
  type Operation,
  type StrictOperator,
} from "#core/script/expression.ts";
import { codePoints } from "#core/script/value.ts";
import type { ASTNode } from "./parse-source.ts";
import { Refusal, type ProblemCode } from "./source-problem.ts";
import { NO_FRACTIONS, NO_UNSIGNED, UNSUPPORTED_FUNCTIONS } from "./unsupported.ts";

export interface Names {
  /** The leaf that stands for an input or let; undefined when there is none. */
  resolve(name: string): Expression | undefined;
  /** For advice. */
  known(): readonly string[];
}

/** @throws Refusal */
export function compileExpression(node: ASTNode, source: string, names: Names): CompiledExpression {
  const compiler = new ExpressionCompiler(source, names);
  const tree = compiler.compile(node, []);
  return { tree, offsets: compiler.offsets };
}

export interface CompiledExpression {
  readonly tree: Expression;
  /** Where in the text each part of the tree begins. */
  readonly offsets: ReadonlyMap<Expression, number>;
}

const BINARY = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "remainder",
  "==": "equal",
  "!=": "unequal",
  "<": "less",
  "<=": "at-most",
  ">": "more",
  ">=": "at-least",
  "&&": "and",
  "||": "or",
  in: "in",
  "[]": "at",
} as const satisfies Readonly<Record<string, Operation["op"]>>;

/** Functions and methods by their names, with the number of operands, the object of a method included. */
const FUNCTIONS: ReadonlyMap<string, readonly [StrictOperator, number]> = new Map([
  ["size", ["size", 1]],
  ["int", ["to-int", 1]],
  ["string", ["to-text", 1]],
  ["bool", ["to-bool", 1]],
  ["abs", ["abs", 1]],
  ["mulDiv", ["mul-div", 3]],
  ["mulDivUp", ["mul-div-up", 3]],
]);
const METHODS: ReadonlyMap<string, readonly [StrictOperator, number]> = new Map([
  ["size", ["size", 1]],
  ["contains", ["contains", 2]],
  ["startsWith", ["starts-with", 2]],
  ["endsWith", ["ends-with", 2]],
]);
const MACROS: ReadonlyMap<string, MacroOperator> = new Map([
  ["all", "all"],
  ["exists", "exists"],
  ["exists_one", "exists-one"],
  ["existsOne", "exists-one"],
  ["map", "map"],
  ["filter", "filter"],
]);

class ExpressionCompiler {
  readonly offsets = new Map<Expression, number>();
  readonly #source: string;
  readonly #names: Names;

  constructor(source: string, names: Names) {
    this.#source = source;
    this.#names = names;
  }

  /** `items`: the names that the macros around this place give their items, the innermost last. */
  compile(node: ASTNode, items: readonly string[]): Expression {
    const tree = this.#expression(node, items);
    // A name with dots begins where its first part does.
    this.offsets.set(tree, node.op === "." ? node.start : node.pos);
    return tree;
  }

  #expression(node: ASTNode, items: readonly string[]): Expression {
    switch (node.op) {
      case "value":
        return this.#literal(node, node.args);
      case "id":
      case ".":
        return this.#name(node, items);
      case "-_":
        return this.#negative(node, node.args, items);
      case "!_":
        return { op: "not", operands: [this.compile(node.args, items)] };
      case "?:":
        return { op: "if", operands: this.#all(node.args, items) };
      case "list":
        return { op: "list", operands: this.#all(node.args, items) };
      case "map":
        throw refusal(node, "CONTRACT_UNSUPPORTED", "a map inside an expression", "use a list, or names under let");
      case ".?":
      case "[?]":
        throw refusal(node, "CONTRACT_UNSUPPORTED", "an optional value", "every input is there: compare it");
      case "call":
        return this.#call(node, node.args, items);
      case "rcall":
        return this.#method(node, node.args, items);
      case "!=":
      case "==":
      case "in":
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
      case "<":
      case "<=":
      case ">":
      case ">=":
      case "&&":
      case "||":
      case "[]":
        return { op: BINARY[node.op], operands: this.#all(node.args, items) };
    }
  }

  #all(nodes: readonly ASTNode[], items: readonly string[]): readonly Expression[] {
    return nodes.map((node) => this.compile(node, items));
  }

  #literal(node: ASTNode, value: unknown): Expression {
    if (typeof value === "boolean") return { op: value ? "true" : "false" };
    if (typeof value === "string") return this.#text(node, value);
    if (typeof value === "bigint") return this.#int(node, value);
    const [what, advice] =
      typeof value === "number"
        ? ["a number with a fraction", NO_FRACTIONS]
        : value === null
          ? ["null", "every value is there: use an integer, text or truth of its own"]
          : value instanceof Uint8Array
            ? ["a literal of bytes", "use text or integers"]
            : ["an unsigned integer", NO_UNSIGNED];
    throw refusal(node, "CONTRACT_UNSUPPORTED", what, advice);
  }

  #text(node: ASTNode, value: string): Expression {
    if (/\p{Surrogate}/u.test(value))
      throw refusal(node, "CONTRACT_SYNTAX", "half a surrogate pair", "write the character");
    if (codePoints(value) > SCRIPT_TEXT_MAX) {
      throw refusal(node, "CONTRACT_TOO_LARGE", `a text of over ${SCRIPT_TEXT_MAX} characters`, "shorten it");
    }
    return { op: "text", value };
  }

  #int(node: ASTNode, value: bigint): Expression {
    if (isInt(value)) return { op: "int", value };
    throw refusal(node, "CONTRACT_SYNTAX", `${value.toString()} is beyond 64 bits`, "integers go from -2^63 to 2^63-1");
  }

  /** The sign before a literal belongs to it: the least integer has no positive counterpart. */
  #negative(node: ASTNode, operand: ASTNode, items: readonly string[]): Expression {
    const isLiteral = operand.op === "value" && /^-\s*$/.test(this.#source.slice(node.pos, operand.start));
    const value: unknown = operand.args;
    if (isLiteral && typeof value === "bigint" && value <= INT_MAX + 1n) return { op: "int", value: -value };
    return { op: "negate", operands: [this.compile(operand, items)] };
  }

  /** A name, or one with dots: an input. The item of a macro hides what has the same name outside. */
  #name(node: ASTNode, items: readonly string[]): Expression {
    const name = dotted(node);
    if (name === undefined) {
      throw refusal(node, "CONTRACT_UNSUPPORTED", "a field of a value", "only inputs have names with dots");
    }
    const place = items.lastIndexOf(name);
    if (place >= 0) return { op: "item", outward: items.length - 1 - place };
    const known = this.#names.resolve(name);
    if (known !== undefined) return known;
    const unknown = { word: name, known: [...items, ...this.#names.known()] };
    throw new Refusal({
      code: "CONTRACT_UNKNOWN_NAME",
      offset: node.start,
      message: `nothing is called "${name}"`,
      advice: "use an input, or a name that is given under let before this place",
      unknown,
    });
  }

  #call(node: ASTNode, [name, given]: readonly [string, ASTNode[]], items: readonly string[]): Expression {
    if (name === "min" || name === "max") return this.#extreme(node, name, given, items);
    return this.#operation(node, name, FUNCTIONS.get(name), given, items);
  }

  #method(
    node: ASTNode,
    [name, object, given]: readonly [string, ASTNode, ASTNode[]],
    items: readonly string[],
  ): Expression {
    const macro = MACROS.get(name);
    if (macro !== undefined) return this.#macro(node, macro, [object, ...given], items);
    return this.#operation(node, name, METHODS.get(name), [object, ...given], items);
  }

  // eslint-disable-next-line max-params -- the two kinds of calls differ in all of them
  #operation(
    node: ASTNode,
    name: string,
    entry: readonly [StrictOperator, number] | undefined,
    given: readonly ASTNode[],
    items: readonly string[],
  ): Expression {
    if (entry === undefined) throw unknownFunction(node, name);
    const [op, count] = entry;
    if (given.length !== count) {
      throw refusal(node, "CONTRACT_WRONG_TYPE", `${name} with ${given.length} values`, `${name} takes ${count}`);
    }
    return { op, operands: this.#all(given, items) };
  }

  /** min(a, b, c) is min(min(a, b), c). */
  #extreme(node: ASTNode, op: "min" | "max", given: readonly ASTNode[], items: readonly string[]): Expression {
    if (given.length < 2) throw refusal(node, "CONTRACT_WRONG_TYPE", `${op} of one value`, `${op} takes two or more`);
    return this.#all(given, items).reduce((left, right) => {
      const both: Expression = { op, operands: [left, right] };
      this.offsets.set(both, node.pos);
      return both;
    });
  }

  #macro(node: ASTNode, op: MacroOperator, given: readonly ASTNode[], items: readonly string[]): Expression {
    const [list, variable, body, transform] = given;
    const name = variable?.op === "id" ? variable.args : undefined;
    const isLong = transform !== undefined && !(op === "map" && given.length === 4);
    if (list === undefined || name === undefined || body === undefined || isLong) {
      throw refusal(node, "CONTRACT_UNSUPPORTED", `${op} in this form`, `write list.${op}(x, …), with one variable`);
    }
    if (items.length >= SCRIPT_MACROS_MAX) {
      throw refusal(node, "CONTRACT_TOO_LARGE", "too many macros in each other", "give a part of it a name under let");
    }
    const inside = [...items, name];
    const source = this.compile(list, items);
    if (transform === undefined) return { op, operands: [source, this.compile(body, inside)] };
    // map with a condition keeps the items that it holds for, then maps those.
    const kept: Expression = { op: "filter", operands: [source, this.compile(body, inside)] };
    this.offsets.set(kept, node.pos);
    return { op: "map", operands: [kept, this.compile(transform, inside)] };
  }
}

/** a.b.c as text; undefined when it begins with anything but a name. */
export function dotted(node: ASTNode): string | undefined {
  if (node.op === "id") return node.args;
  if (node.op !== ".") return undefined;
  const [object, field] = node.args;
  const before = dotted(object);
  return before === undefined ? undefined : `${before}.${field}`;
}

function refusal(node: ASTNode, code: ProblemCode, message: string, advice: string): Refusal {
  assert(advice !== "", "every problem has its advice");
  return new Refusal({ code, offset: node.pos, message, advice });
}

function unknownFunction(node: ASTNode, name: string): Refusal {
  const unsupported = UNSUPPORTED_FUNCTIONS.get(name);
  if (unsupported !== undefined) return refusal(node, "CONTRACT_UNSUPPORTED", `${name}()`, unsupported);
  const known = [...FUNCTIONS.keys(), ...METHODS.keys(), ...MACROS.keys(), "min", "max"];
  return new Refusal({
    code: "CONTRACT_UNKNOWN_NAME",
    offset: node.pos,
    message: `there is no function "${name}"`,
    advice: `functions are ${[...new Set(known)].sort().join(", ")}`,
    unknown: { word: name, known },
  });
}
