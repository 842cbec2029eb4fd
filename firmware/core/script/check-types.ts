/**
 * The types of an expression, found without running it. A tree without a problem never meets a value that its operators
 * have no meaning for.
 */
import { unreachable } from "#base/assert.ts";
import {
  isLazy,
  isOperation,
  type Expression,
  type LazyOperator,
  type Leaf,
  type Operation,
  type StrictOperator,
} from "./expression.ts";
import { itemTypeOf, listOf, type ValueType } from "./value.ts";

export interface TypeProblem {
  readonly at: Expression;
  readonly expected: string;
  readonly found: ValueType;
}

export interface TypeScope {
  readonly inputs: readonly ValueType[];
  readonly lets: readonly ValueType[];
}

export interface TypeFinding {
  readonly type: ValueType;
  readonly problems: readonly TypeProblem[];
}

export function checkTypes(tree: Expression, scope: TypeScope): TypeFinding {
  const checker = new TypeChecker(scope);
  const type = checker.typeOf(tree, []);
  return { type, problems: checker.problems };
}

/** Whether a value of the one type may stand where the other is expected. */
export function fits(found: ValueType, expected: ValueType): boolean {
  return unified(found, expected) !== undefined;
}

/** The type that both are, where "any" is every type; undefined when there is none. */
function unified(left: ValueType, right: ValueType): ValueType | undefined {
  if (left === "any" || left === right) return right;
  if (right === "any") return left;
  const [leftItem, rightItem] = [itemTypeOf(left), itemTypeOf(right)];
  const item = leftItem === undefined || rightItem === undefined ? undefined : unified(leftItem, rightItem);
  return item === undefined ? undefined : listOf(item);
}

const LIST_DEPTH_MAX = 8;
const LIST: ValueType = "list<any>";

interface Signature {
  readonly takes: readonly (readonly ValueType[])[];
  readonly gives: ValueType;
}

const INTS: Signature = { takes: [["int"], ["int"]], gives: "int" };
const TEXTS: Signature = { takes: [["string"], ["string"]], gives: "bool" };
const ORDERED: readonly ValueType[] = ["int", "string", "bool"];

/** Operators that take each operand by itself; the others are in `#strict`. */
const SIGNATURES = {
  not: { takes: [["bool"]], gives: "bool" },
  negate: { takes: [["int"]], gives: "int" },
  subtract: INTS,
  multiply: INTS,
  divide: INTS,
  remainder: INTS,
  size: { takes: [["string", LIST]], gives: "int" },
  contains: TEXTS,
  "starts-with": TEXTS,
  "ends-with": TEXTS,
  "to-int": { takes: [["int", "string"]], gives: "int" },
  "to-text": { takes: [["string", "int", "bool"]], gives: "string" },
  "to-bool": { takes: [["bool", "string"]], gives: "bool" },
  min: INTS,
  max: INTS,
  abs: { takes: [["int"]], gives: "int" },
  "mul-div": { takes: [["int"], ["int"], ["int"]], gives: "int" },
  "mul-div-up": { takes: [["int"], ["int"], ["int"]], gives: "int" },
} as const satisfies Partial<Record<StrictOperator, Signature>>;

function isSimple(op: StrictOperator): op is keyof typeof SIGNATURES {
  return op in SIGNATURES;
}

class TypeChecker {
  readonly problems: TypeProblem[] = [];
  readonly #scope: TypeScope;

  constructor(scope: TypeScope) {
    this.#scope = scope;
  }

  /** `items`: types of the macros' items, the innermost last. After a problem the type is "any", which fits all. */
  typeOf(tree: Expression, items: readonly ValueType[]): ValueType {
    if (!isOperation(tree)) return this.#leaf(tree, items);
    const { op } = tree;
    return isLazy(op) ? this.#lazy(tree, op, items) : this.#strict(tree, op, items);
  }

  #leaf(tree: Leaf, items: readonly ValueType[]): ValueType {
    switch (tree.op) {
      case "false":
      case "true":
        return "bool";
      case "int":
        return "int";
      case "text":
        return "string";
      case "input":
        return this.#scope.inputs[tree.index] ?? "any";
      case "let":
        return this.#scope.lets[tree.index] ?? "any";
      case "item":
        return items[items.length - 1 - tree.outward] ?? "any";
    }
  }

  #strict(tree: Operation, op: StrictOperator, items: readonly ValueType[]): ValueType {
    const { operands } = tree;
    if (isSimple(op)) {
      const { takes, gives }: Signature = SIGNATURES[op];
      operands.forEach((operand, place) => this.#expect(operand, items, takes[place] ?? []));
      return gives;
    }
    const [first, second] = operands;
    if (op === "list") return this.#listOf(tree, this.#common(operands, items));
    if (first === undefined || second === undefined) return "any";
    switch (op) {
      case "add": {
        const type = this.#expect(first, items, ["int", "string", LIST]);
        return this.#sameAs(second, items, type);
      }
      case "equal":
      case "unequal":
        this.#sameAs(second, items, this.typeOf(first, items));
        return "bool";
      case "less":
      case "at-most":
      case "more":
      case "at-least":
        this.#sameAs(second, items, this.#expect(first, items, ORDERED));
        return "bool";
      case "in":
        this.#sameAs(second, items, listOf(this.typeOf(first, items)));
        return "bool";
      case "at":
        this.#expect(second, items, ["int"]);
        return this.#itemType(first, items);
      default:
        return unreachable(op);
    }
  }

  #lazy(tree: Operation, op: LazyOperator, items: readonly ValueType[]): ValueType {
    const [first, second, third] = tree.operands;
    if (first === undefined || second === undefined) return "any";
    switch (op) {
      case "and":
      case "or":
        this.#expect(first, items, ["bool"]);
        return this.#expect(second, items, ["bool"]);
      case "if":
        this.#expect(first, items, ["bool"]);
        return third === undefined ? "any" : this.#common([second, third], items);
      case "map":
        return this.#listOf(tree, this.typeOf(second, [...items, this.#itemType(first, items)]));
      case "all":
      case "exists":
      case "exists-one":
      case "filter": {
        const item = this.#itemType(first, items);
        this.#expect(second, [...items, item], ["bool"]);
        return op === "filter" ? listOf(item) : "bool";
      }
    }
  }

  /** The types of deeper lists would be long names, and comparing those is work that no step pays for. */
  #listOf(tree: Expression, item: ValueType): ValueType {
    if (!item.startsWith("list<".repeat(LIST_DEPTH_MAX))) return listOf(item);
    this.problems.push({ at: tree, expected: `lists in lists at most ${LIST_DEPTH_MAX} deep`, found: item });
    return "any";
  }

  #itemType(tree: Expression, items: readonly ValueType[]): ValueType {
    return itemTypeOf(this.#expect(tree, items, [LIST])) ?? "any";
  }

  /** The first of several says what the others have to be. */
  #common(operands: readonly Expression[], items: readonly ValueType[]): ValueType {
    return operands.reduce<ValueType>((type, operand) => this.#sameAs(operand, items, type), "any");
  }

  #sameAs(tree: Expression, items: readonly ValueType[], type: ValueType): ValueType {
    const found = this.typeOf(tree, items);
    const both = unified(type, found);
    if (both === undefined) this.problems.push({ at: tree, expected: type, found });
    return both ?? "any";
  }

  #expect(tree: Expression, items: readonly ValueType[], allowed: readonly ValueType[]): ValueType {
    const found = this.typeOf(tree, items);
    if (allowed.some((type) => fits(found, type))) return found;
    this.problems.push({ at: tree, expected: allowed.join(" or ").replaceAll(LIST, "list"), found });
    return "any";
  }
}
