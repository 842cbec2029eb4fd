/**
 * The evaluator that every gateway runs: total, exact and the same on every machine. Whatever the tree and the inputs,
 * it ends with a value or a trap, after at most as many steps as its budget; it reads nothing else and changes nothing.
 *
 * The steps: one for each node that is visited, and one for each item that is put into a list by +, compared by ==, !=
 * or in, or visited by a macro. Texts are bounded, so whatever is done with one is one step.
 */
import { fail, ok, type Result } from "#base/result.ts";
import {
  isLazy,
  isOperation,
  type Expression,
  type LazyOperator,
  type Leaf,
  type MacroOperator,
} from "./expression.ts";
import { bool, list, OPERATIONS, wrongType, type StrictOperation } from "./operations.ts";
import { StepCount } from "./step-count.ts";
import { Trapped, type Trap } from "./trap.ts";
import type { Value } from "./value.ts";

/** What the names of a tree stand for, by their places in the program's tables. */
export interface Bindings {
  readonly inputs: readonly (Value | undefined)[];
  /** A let sees the inputs and the lets before it. */
  readonly lets: readonly Expression[];
}

/** Evaluates one tree; `budget` steps at most. */
export function evaluate(tree: Expression, bindings: Bindings, budget: number): Result<Value, Trap> {
  return new Evaluation(bindings, budget).value(tree);
}

/** Evaluates several trees with one budget; a let is evaluated once, by whoever needs it first. */
export class Evaluation {
  readonly #bindings: Bindings;
  readonly #steps: StepCount;
  readonly #lets: (Value | Trapped | undefined)[] = [];
  /** Items of the macros that are running, the innermost last. */
  #items: Value[] = [];

  constructor(bindings: Bindings, budget: number) {
    this.#bindings = bindings;
    this.#steps = new StepCount(budget);
  }

  get steps(): number {
    return this.#steps.taken;
  }

  value(tree: Expression): Result<Value, Trap> {
    try {
      return ok(this.#visit(tree));
    } catch (trapped) {
      this.#items = [];
      if (trapped instanceof Trapped) return fail(trapped.trap);
      throw trapped;
    }
  }

  #visit(tree: Expression): Value {
    this.#steps.count(1);
    if (!isOperation(tree)) return this.#leaf(tree);
    const { op, operands } = tree;
    return isLazy(op) ? this.#lazy(op, operands) : this.#strict(OPERATIONS[op], operands);
  }

  #leaf(tree: Leaf): Value {
    switch (tree.op) {
      case "false":
      case "true":
        return tree.op === "true";
      case "int":
      case "text":
        return tree.value;
      case "input":
        return this.#bindings.inputs[tree.index] ?? wrongType();
      case "let":
        return this.#let(tree.index);
      case "item":
        return this.#items[this.#items.length - 1 - tree.outward] ?? wrongType();
    }
  }

  #strict(operation: StrictOperation, operands: readonly Expression[]): Value {
    const [first, second] = operands;
    if (operands.length === 2 && first !== undefined && second !== undefined) {
      return operation(this.#steps, this.#visit(first), this.#visit(second));
    }
    return operation(this.#steps, ...operands.map((operand) => this.#visit(operand)));
  }

  #lazy(op: LazyOperator, [first, second, third]: readonly Expression[]): Value {
    if (first === undefined || second === undefined) return wrongType();
    if (op === "and") return this.#logical(first, second, false);
    if (op === "or") return this.#logical(first, second, true);
    if (op !== "if") return this.#macro(op, list(this.#visit(first)), second);
    if (third === undefined) return wrongType();
    return this.#visit(bool(this.#visit(first)) ? second : third);
  }

  /**
   * && (decided by false) and || (decided by true). CEL's rule: an operand that decides does so even when the other one
   * traps. The right one is not evaluated when the left one has decided.
   */
  #logical(left: Expression, right: Expression, deciding: boolean): boolean {
    const first = this.#attempt(left);
    if (first === deciding) return deciding;
    const second = this.#attempt(right);
    if (second === deciding) return deciding;
    if (first instanceof Trapped) throw first;
    if (second instanceof Trapped) throw second;
    return !deciding;
  }

  /** A truth, or the trap in its place. To be out of steps is final: it must not depend on what stands on the right. */
  #attempt(tree: Expression): boolean | Trapped {
    const depth = this.#items.length;
    try {
      return bool(this.#visit(tree));
    } catch (trapped) {
      if (!(trapped instanceof Trapped) || trapped.trap.code === "SCRIPT_OUT_OF_STEPS") throw trapped;
      this.#items.length = depth;
      return trapped;
    }
  }

  #macro(op: MacroOperator, items: readonly Value[], body: Expression): Value {
    switch (op) {
      case "all":
        return this.#quantify(items, body, false);
      case "exists":
        return this.#quantify(items, body, true);
      case "exists-one":
        return items.filter((item) => bool(this.#withItem(item, body))).length === 1;
      case "filter":
        return items.filter((item) => bool(this.#withItem(item, body)));
      case "map":
        return items.map((item) => this.#withItem(item, body));
    }
  }

  /** all is && and exists is || over the items, so an item that decides absorbs the traps of those before it. */
  #quantify(items: readonly Value[], body: Expression, deciding: boolean): boolean {
    let trap: Trapped | undefined;
    for (const item of items) {
      this.#steps.count(1);
      this.#items.push(item);
      const holds = this.#attempt(body);
      this.#items.pop();
      if (holds === deciding) return deciding;
      if (holds instanceof Trapped) trap ??= holds;
    }
    if (trap !== undefined) throw trap;
    return !deciding;
  }

  #withItem(item: Value, body: Expression): Value {
    this.#steps.count(1);
    this.#items.push(item);
    const value = this.#visit(body);
    this.#items.pop();
    return value;
  }

  /** A let that trapped traps whoever else uses it, too. */
  #let(index: number): Value {
    const known = this.#lets[index];
    if (known instanceof Trapped) throw known;
    if (known !== undefined) return known;
    const tree = this.#bindings.lets[index] ?? wrongType();
    const items = this.#items;
    this.#items = [];
    try {
      const value = this.#visit(tree);
      this.#lets[index] = value;
      return value;
    } catch (trapped) {
      if (trapped instanceof Trapped) this.#lets[index] = trapped;
      throw trapped;
    } finally {
      this.#items = items;
    }
  }
}
