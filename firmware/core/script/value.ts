/** What an expression can be: a 64-bit integer, a truth, a text or a list of those; and how two values compare. */
import type { StepCount } from "./step-count.ts";

export type Value = bigint | boolean | string | readonly Value[];

/** Written as CEL writes them. A list that is known to be empty is a list of `any`. */
export type ValueType = "int" | "bool" | "string" | "any" | `list<${string}>`;

export function listOf(item: ValueType): ValueType {
  return `list<${item}>`;
}

/** The type of a list's items; undefined for what is no list. */
export function itemTypeOf(type: ValueType): ValueType | undefined {
  return type.startsWith("list<") ? (type.slice(5, -1) as ValueType) : undefined;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function typeOfValue(value: Value): ValueType {
  if (typeof value === "bigint") return "int";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  const types = new Set(value.map(typeOfValue));
  const [only = "any"] = types;
  return listOf(types.size > 1 ? "any" : only);
}

/** Values of two types are never equal. Every pair of items that is looked at counts a step. */
export function equalValues(left: Value, right: Value, steps: StepCount): boolean {
  if (!isList(left) || !isList(right)) return left === right;
  if (left.length !== right.length) return false;
  return left.every((item, place) => {
    steps.count(1);
    const other = right[place];
    return other !== undefined && equalValues(item, other, steps);
  });
}

/** Unicode order: that of the code points, which is that of the bytes in UTF-8 and not that of UTF-16. */
export function compareTexts(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    if (left.charCodeAt(index) !== right.charCodeAt(index)) return pointAt(left, index) - pointAt(right, index);
  }
  return left.length - right.length;
}

/** The code point that the unit at `index` belongs to; its first half may be the unit before. */
function pointAt(text: string, index: number): number {
  const isSecondHalf = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
  return text.codePointAt(isSecondHalf ? index - 1 : index) ?? 0;
}

/** How many code points; a well-formed text has one first half of a pair for each that needs two units. */
export function codePoints(text: string): number {
  let points = text.length;
  for (let index = 0; index < text.length; index += 1) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800) points -= 1;
  }
  return points;
}
