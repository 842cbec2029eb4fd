/**
 * The meaning of the contract language once more, written to be read and not to be run: no steps, no limits of time,
 * texts as arrays of characters. What it says of a tree, the evaluator has to say, too.
 */
import { isOperation, type Expression } from "#core/script/expression.ts";

export type Meaning = bigint | boolean | string | readonly Meaning[] | null;

/** No value: whatever the reason, the evaluator traps. */
const NONE = null;

export function meaningOf(
  tree: Expression,
  inputs: readonly Meaning[],
  lets: readonly Expression[],
  items: readonly Meaning[] = [],
): Meaning {
  const of = (part: Expression | undefined, inner = items): Meaning =>
    part === undefined ? NONE : meaningOf(part, inputs, lets, inner);
  if (tree.op === "true" || tree.op === "false") return tree.op === "true";
  if (tree.op === "int" || tree.op === "text") return tree.value;
  if (tree.op === "input") return inputs[tree.index] ?? NONE;
  if (tree.op === "let") return of(lets[tree.index], []);
  if (tree.op === "item") return items[items.length - 1 - tree.outward] ?? NONE;
  if (!isOperation(tree)) return NONE;
  const { op, operands } = tree;
  const [first, second, third] = operands;
  if (op === "and" || op === "or") {
    const both = [of(first), of(second)];
    const deciding = op === "or";
    if (both.includes(deciding)) return deciding;
    return both.includes(NONE) || both.some((one) => typeof one !== "boolean") ? NONE : !deciding;
  }
  if (op === "if") {
    const condition = of(first);
    return condition === true ? of(second) : condition === false ? of(third) : NONE;
  }
  const source = of(first);
  if (op === "all" || op === "exists" || op === "exists-one" || op === "map" || op === "filter") {
    if (!Array.isArray(source)) return NONE;
    const members = source as readonly Meaning[];
    const bodies = members.map((item) => of(second, [...items, item]));
    if (op === "map") return bodies.includes(NONE) ? NONE : bodies;
    const areTruths = bodies.every((body) => typeof body === "boolean");
    if (op === "all") return bodies.includes(false) ? false : areTruths ? true : NONE;
    if (op === "exists") return bodies.includes(true) ? true : areTruths ? false : NONE;
    if (!areTruths) return NONE;
    if (op === "exists-one") return bodies.filter((body) => body).length === 1;
    return members.filter((_, place) => bodies[place] === true);
  }
  const values = operands.map((operand) => of(operand));
  return values.includes(NONE) ? NONE : strictMeaning(op, values);
}

function strictMeaning(op: string, values: readonly Meaning[]): Meaning {
  const [first, second, third] = values;
  if (op === "list") return values.length <= 64 ? values : NONE;
  if (op === "equal") return same(first, second);
  if (op === "unequal") return !same(first, second);
  if (op === "size") return isText(first) ? BigInt(Array.from(first).length) : lengthOf(first);
  if (op === "in") return isList(second) ? second.some((item) => same(item, first)) : NONE;
  if (op === "at") return isList(first) && typeof second === "bigint" ? (first[safeIndex(second)] ?? NONE) : NONE;
  if (op === "not") return typeof first === "boolean" ? !first : NONE;
  if (op === "to-text") return isList(first) || first === undefined ? NONE : String(first);
  if (op === "to-bool") return toTruth(first);
  if (op === "to-int") return toNumber(first);
  if (isList(first) && isList(second))
    return op === "add" && first.length + second.length <= 64 ? [...first, ...second] : NONE;
  if (isText(first)) return isText(second) ? textMeaning(op, first, second) : NONE;
  if (typeof first === "boolean")
    return typeof second === "boolean" ? orderMeaning(op, Number(first), Number(second)) : NONE;
  return numberMeaning(op, first, second, third);
}

function textMeaning(op: string, first: string, second: string): Meaning {
  const joined = first + second;
  if (op === "add") return Array.from(joined).length <= 256 ? joined : NONE;
  if (op === "contains") return first.includes(second);
  if (op === "starts-with") return first.startsWith(second);
  if (op === "ends-with") return first.endsWith(second);
  // Bytes of UTF-8 order as the characters do.
  return orderMeaning(op, Buffer.compare(Buffer.from(first), Buffer.from(second)), 0);
}

function numberMeaning(op: string, ...[a, b, c]: readonly (Meaning | undefined)[]): Meaning {
  if (typeof a !== "bigint") return NONE;
  if (op === "negate") return bounded(-a);
  if (op === "abs") return bounded(a < 0n ? -a : a);
  if (typeof b !== "bigint") return NONE;
  if (op === "add") return bounded(a + b);
  if (op === "subtract") return bounded(a - b);
  if (op === "multiply") return bounded(a * b);
  if (op === "min") return a < b ? a : b;
  if (op === "max") return a < b ? b : a;
  if (op === "divide") return b === 0n ? NONE : bounded(a / b);
  if (op === "remainder") return b === 0n || bounded(a / b) === NONE ? NONE : a - b * (a / b);
  if (op !== "mul-div" && op !== "mul-div-up") return orderMeaning(op, a < b ? -1 : a > b ? 1 : 0, 0);
  if (typeof c !== "bigint" || c === 0n) return NONE;
  // The whole number next to the quotient, found by trying the neighbours of the one that is cut off.
  const near = (a * b) / c;
  const exact = (candidate: bigint): bigint => (candidate * c - a * b) * (c < 0n ? -1n : 1n);
  const fitting = [near - 1n, near, near + 1n].filter((each) =>
    op === "mul-div" ? exact(each) <= 0n : exact(each) >= 0n,
  );
  return bounded((op === "mul-div" ? fitting.at(-1) : fitting[0]) ?? near);
}

function orderMeaning(op: string, left: number, right: number): Meaning {
  if (op === "less") return left < right;
  if (op === "at-most") return left <= right;
  if (op === "more") return left > right;
  return op === "at-least" ? left >= right : NONE;
}

function bounded(value: bigint): Meaning {
  return BigInt.asIntN(64, value) === value ? value : NONE;
}

function toTruth(value: Meaning | undefined): Meaning {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "TRUE" || value === "True" || value === "t" || value === "1") return true;
  return value === "false" || value === "FALSE" || value === "False" || value === "f" || value === "0" ? false : NONE;
}

function toNumber(value: Meaning | undefined): Meaning {
  if (typeof value === "bigint") return value;
  if (!isText(value) || !/^[+-]?\d+$/.test(value)) return NONE;
  const size = BigInt(value.replace(/^[+-]/, ""));
  return bounded(value.startsWith("-") ? -size : size);
}

function same(left: Meaning | undefined, right: Meaning | undefined): boolean {
  if (!isList(left) || !isList(right)) return left === right;
  return left.length === right.length && left.every((item, place) => same(item, right[place]));
}

function isList(value: Meaning | undefined): value is readonly Meaning[] {
  return Array.isArray(value);
}

function isText(value: Meaning | undefined): value is string {
  return typeof value === "string";
}

function lengthOf(value: Meaning | undefined): Meaning {
  return isList(value) ? BigInt(value.length) : NONE;
}

function safeIndex(index: bigint): number {
  return index >= 0n && index < 64n ? Number(index) : -1;
}
