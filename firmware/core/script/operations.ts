/** The operators whose operands are all there: each a function of values, or a trap. */
import { SCRIPT_LIST_MAX, SCRIPT_TEXT_MAX } from "#core/limits.ts";
import { INT_MAX, INT_MIN, type StrictOperator } from "./expression.ts";
import type { StepCount } from "./step-count.ts";
import { TRAPPED } from "./trap.ts";
import { codePoints, compareTexts, equalValues, isList, type Value } from "./value.ts";

export type StrictOperation = (steps: StepCount, ...operands: readonly (Value | undefined)[]) => Value;

/** @throws Trapped */
export const OPERATIONS: Readonly<Record<StrictOperator, StrictOperation>> = {
  list: (_steps, ...items) => listOfAtMost(items.map((item) => item ?? wrongType())),
  not: (_steps, value) => !bool(value),
  negate: (_steps, value) => inRange(-int(value)),
  add: (steps, left, right) => add(steps, left, right),
  subtract: (_steps, left, right) => inRange(int(left) - int(right)),
  multiply: (_steps, left, right) => inRange(int(left) * int(right)),
  divide: (_steps, left, right) => inRange(int(left) / divisor(right)),
  remainder: (_steps, left, right) => remainder(int(left), divisor(right)),
  equal: (steps, left, right) => equalValues(given(left), given(right), steps),
  unequal: (steps, left, right) => !equalValues(given(left), given(right), steps),
  less: (_steps, left, right) => compare(left, right) < 0,
  "at-most": (_steps, left, right) => compare(left, right) <= 0,
  more: (_steps, left, right) => compare(left, right) > 0,
  "at-least": (_steps, left, right) => compare(left, right) >= 0,
  in: (steps, item, items) => list(items).some((each) => equalAfterStep(steps, given(item), each)),
  at: (_steps, items, index) => itemAt(list(items), int(index)),
  size: (_steps, value) => BigInt(typeof value === "string" ? codePoints(value) : list(value).length),
  contains: (_steps, value, part) => text(value).includes(text(part)),
  "starts-with": (_steps, value, part) => text(value).startsWith(text(part)),
  "ends-with": (_steps, value, part) => text(value).endsWith(text(part)),
  "to-int": (_steps, value) => toInt(value),
  "to-text": (_steps, value) => toText(value),
  "to-bool": (_steps, value) => toBool(value),
  min: (_steps, left, right) => (int(left) < int(right) ? int(left) : int(right)),
  max: (_steps, left, right) => (int(left) > int(right) ? int(left) : int(right)),
  abs: (_steps, value) => (int(value) < 0n ? inRange(-int(value)) : int(value)),
  "mul-div": (_steps, left, right, by) => inRange(divideDown(int(left) * int(right), divisor(by))),
  "mul-div-up": (_steps, left, right, by) => inRange(-divideDown(-int(left) * int(right), divisor(by))),
};

export function bool(value: Value | undefined): boolean {
  return typeof value === "boolean" ? value : wrongType();
}

export function list(value: Value | undefined): readonly Value[] {
  return value !== undefined && isList(value) ? value : wrongType();
}

export function wrongType(): never {
  throw TRAPPED.SCRIPT_WRONG_TYPE;
}

function int(value: Value | undefined): bigint {
  return typeof value === "bigint" ? value : wrongType();
}

function text(value: Value | undefined): string {
  return typeof value === "string" ? value : wrongType();
}

function given(value: Value | undefined): Value {
  return value ?? wrongType();
}

function inRange(value: bigint): bigint {
  if (value < INT_MIN || value > INT_MAX) throw TRAPPED.SCRIPT_OVERFLOW;
  return value;
}

function divisor(value: Value | undefined): bigint {
  const by = int(value);
  if (by === 0n) throw TRAPPED.SCRIPT_DIVISION_BY_ZERO;
  return by;
}

/** The remainder would be 0, but the quotient that it belongs to does not exist: CEL's own rule, and C's. */
function remainder(left: bigint, by: bigint): bigint {
  inRange(left / by);
  return left % by;
}

/** Rounds towards minus infinity, where `/` of bigints rounds towards zero. */
function divideDown(product: bigint, by: bigint): bigint {
  const quotient = product / by;
  const isNegative = product < 0n !== by < 0n;
  return isNegative && quotient * by !== product ? quotient - 1n : quotient;
}

function add(steps: StepCount, left: Value | undefined, right: Value | undefined): Value {
  if (typeof left === "bigint") return inRange(left + int(right));
  if (typeof left === "string") return textOfAtMost(left, text(right));
  const [first, second] = [list(left), list(right)];
  steps.count(first.length + second.length);
  return listOfAtMost([...first, ...second]);
}

/** The units of both are bounded already, so that counting the joined text's points is cheap. */
function textOfAtMost(left: string, right: string): string {
  const joined = left + right;
  if (joined.length > SCRIPT_TEXT_MAX && codePoints(joined) > SCRIPT_TEXT_MAX) throw TRAPPED.SCRIPT_TOO_LONG;
  return joined;
}

function listOfAtMost(items: readonly Value[]): readonly Value[] {
  if (items.length > SCRIPT_LIST_MAX) throw TRAPPED.SCRIPT_TOO_LONG;
  return items;
}

function compare(left: Value | undefined, right: Value | undefined): number {
  if (typeof left === "bigint") {
    const other = int(right);
    return left < other ? -1 : left > other ? 1 : 0;
  }
  if (typeof left === "boolean") return Number(left) - Number(bool(right));
  return compareTexts(text(left), text(right));
}

function equalAfterStep(steps: StepCount, left: Value, right: Value): boolean {
  steps.count(1);
  return equalValues(left, right, steps);
}

function itemAt(items: readonly Value[], index: bigint): Value {
  const item = index < 0n || index >= BigInt(items.length) ? undefined : items[Number(index)];
  if (item === undefined) throw TRAPPED.SCRIPT_NO_SUCH_ITEM;
  return item;
}

function toInt(value: Value | undefined): bigint {
  if (typeof value === "bigint") return value;
  const written = text(value);
  if (!/^[+-]?[0-9]+$/.test(written)) throw TRAPPED.SCRIPT_NOT_CONVERTIBLE;
  return inRange(written.startsWith("+") ? BigInt(written.slice(1)) : BigInt(written));
}

function toText(value: Value | undefined): string {
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  return text(value);
}

const TRUE_WORDS = ["true", "TRUE", "True", "t", "1"];
const FALSE_WORDS = ["false", "FALSE", "False", "f", "0"];

function toBool(value: Value | undefined): boolean {
  if (typeof value === "boolean") return value;
  const written = text(value);
  if (TRUE_WORDS.includes(written)) return true;
  if (FALSE_WORDS.includes(written)) return false;
  throw TRAPPED.SCRIPT_NOT_CONVERTIBLE;
}
