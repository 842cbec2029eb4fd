/**
 * An expression as a flat list of CBOR items in prefix order: the operator's number, what belongs to it, then its
 * operands. A tree has one such list and a list has one tree, so the bytes of a program stand for it.
 */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SCRIPT_DEPTH_MAX, SCRIPT_LIST_MAX, SCRIPT_MACROS_MAX, SCRIPT_TEXT_MAX } from "#core/limits.ts";
import type { CborValue } from "#core/wire/cbor.ts";
import { isMacro, isOperation, OPERATORS, type Expression, type Operation, type Operator } from "./expression.ts";
import { codePoints } from "./value.ts";

/** How many entries of the program's tables the tree may name. */
export interface NameCounts {
  readonly inputs: number;
  readonly lets: number;
}

export function flatten(tree: Expression): readonly CborValue[] {
  const items: CborValue[] = [];
  write(tree, items);
  return items;
}

/** The tree of a list, or why there is none. */
export function unflatten(items: readonly CborValue[], names: NameCounts): Result<Expression, string> {
  const reader = new FlatReader(items, names);
  try {
    return ok(reader.whole());
  } catch (refusal) {
    if (refusal instanceof Refusal) return fail(refusal.message);
    throw refusal;
  }
}

function write(tree: Expression, items: CborValue[]): void {
  items.push(OPERATORS[tree.op].code);
  if (isOperation(tree)) {
    writeOperands(tree, items);
    return;
  }
  switch (tree.op) {
    case "false":
    case "true":
      return;
    case "int":
      items.push(intItem(tree.value));
      return;
    case "text":
      items.push(tree.value);
      return;
    case "input":
    case "let":
      items.push(tree.index);
      return;
    case "item":
      items.push(tree.outward);
  }
}

function writeOperands({ op, operands }: Operation, items: CborValue[]): void {
  const expected = OPERATORS[op].operands;
  assert(expected === "list" || expected === operands.length, `${op} has ${operands.length} operands`);
  if (expected === "list") items.push(operands.length);
  for (const operand of operands) write(operand, items);
}

/** CBOR here holds 53 bits; what is wider goes as the 8 bytes of its two's complement. */
function intItem(value: bigint): CborValue {
  if (isNarrow(value)) return Number(value);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}

function isNarrow(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
}

const OPERATOR_OF = new Map<number, Operator>(
  Object.entries(OPERATORS).map(([name, { code }]) => [code, name as Operator]),
);

class Refusal extends Error {}

class FlatReader {
  readonly #items: readonly CborValue[];
  readonly #names: NameCounts;
  #next = 0;

  constructor(items: readonly CborValue[], names: NameCounts) {
    this.#items = items;
    this.#names = names;
  }

  whole(): Expression {
    const tree = this.#tree(1, 0);
    if (this.#next !== this.#items.length) throw new Refusal("items after the expression");
    return tree;
  }

  #tree(depth: number, macros: number): Expression {
    if (depth > SCRIPT_DEPTH_MAX) throw new Refusal(`nested deeper than ${SCRIPT_DEPTH_MAX}`);
    const code = this.#take();
    const op = typeof code === "number" ? OPERATOR_OF.get(code) : undefined;
    if (op === undefined) throw new Refusal("no such operator");
    if (op === "false" || op === "true") return { op };
    if (op === "int") return { op, value: this.#int() };
    if (op === "text") return { op, value: this.#text() };
    if (op === "input") return { op, index: this.#below(this.#names.inputs, "input") };
    if (op === "let") return { op, index: this.#below(this.#names.lets, "let before it") };
    if (op === "item") return { op, outward: this.#below(macros, "macro around it") };
    return { op, operands: this.#operands(op, depth, macros) };
  }

  #operands(op: Operation["op"], depth: number, macros: number): readonly Expression[] {
    const { operands } = OPERATORS[op];
    const count = operands === "list" ? this.#below(SCRIPT_LIST_MAX + 1, "room in a list") : operands;
    if (isMacro(op) && macros >= SCRIPT_MACROS_MAX) throw new Refusal(`more than ${SCRIPT_MACROS_MAX} macros nested`);
    return Array.from({ length: count }, (_, place) =>
      this.#tree(depth + 1, isMacro(op) && place === 1 ? macros + 1 : macros),
    );
  }

  #int(): bigint {
    const item = this.#take();
    if (typeof item === "number") return BigInt(item);
    if (!(item instanceof Uint8Array) || item.length !== 8) throw new Refusal("an integer is a number or 8 bytes");
    const value = new DataView(item.buffer, item.byteOffset, 8).getBigInt64(0);
    if (isNarrow(value)) throw new Refusal("8 bytes for an integer of 53 bits");
    return value;
  }

  #text(): string {
    const item = this.#take();
    if (typeof item !== "string") throw new Refusal("a text is expected");
    if (codePoints(item) > SCRIPT_TEXT_MAX) throw new Refusal(`a text of more than ${SCRIPT_TEXT_MAX} characters`);
    return item;
  }

  #below(end: number, what: string): number {
    const item = this.#take();
    if (typeof item === "number" && item >= 0 && item < end) return item;
    throw new Refusal(`no ${what} with this number`);
  }

  #take(): CborValue {
    const item = this.#items[this.#next];
    if (item === undefined) throw new Refusal("ends too early");
    this.#next += 1;
    return item;
  }
}
