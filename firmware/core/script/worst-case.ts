/** The most steps that an evaluation can take, whatever its inputs are: found from the tree alone. */
import { SCRIPT_LIST_MAX } from "#core/limits.ts";
import { isMacro, isOperation, type Expression, type Leaf, type Operation } from "./expression.ts";
import type { Program } from "./program.ts";
import { itemTypeOf, type ValueType } from "./value.ts";

/** Steps for all of these trees in one evaluation: each let that they reach counts once. */
export function worstCaseSteps(trees: readonly Expression[], program: Pick<Program, "inputs" | "lets">): number {
  const estimate = new Estimate(program);
  return trees.reduce((sum, tree) => sum + estimate.of(tree, []).steps, 0) + estimate.letSteps();
}

/** How large a value can be: undefined for what is no list. */
type Extent = { readonly length: number; readonly items: Extent } | undefined;

interface Cost {
  readonly steps: number;
  readonly extent: Extent;
}

class Estimate {
  readonly #program: Pick<Program, "inputs" | "lets">;
  readonly #lets = new Map<number, Cost>();

  constructor(program: Pick<Program, "inputs" | "lets">) {
    this.#program = program;
  }

  letSteps(): number {
    return [...this.#lets.values()].reduce((sum, { steps }) => sum + steps, 0);
  }

  /** `items`: extents of the macros' items, the innermost last. */
  of(tree: Expression, items: readonly Extent[]): Cost {
    if (!isOperation(tree)) return this.#leaf(tree, items);
    return isMacro(tree.op) ? this.#macro(tree, items) : this.#operation(tree, items);
  }

  #leaf(tree: Leaf, items: readonly Extent[]): Cost {
    switch (tree.op) {
      case "false":
      case "true":
      case "int":
      case "text":
        return { steps: 1, extent: undefined };
      case "input":
        return { steps: 1, extent: extentOfType(this.#program.inputs[tree.index]?.type ?? "any") };
      case "let":
        return { steps: 1, extent: this.#letAt(tree.index).extent };
      case "item":
        return { steps: 1, extent: items[items.length - 1 - tree.outward] };
    }
  }

  #operation({ op, operands }: Operation, items: readonly Extent[]): Cost {
    const costs = operands.map((operand) => this.of(operand, items));
    const extents = costs.map(({ extent }) => extent);
    const [first, second] = extents;
    const steps = costs.reduce((sum, cost) => sum + cost.steps, 1);
    const extent = extentOf(op, extents);
    if (op === "equal" || op === "unequal") return { steps: steps + Math.min(weight(first), weight(second)), extent };
    if (op === "in") return { steps: steps + weight(second), extent };
    if (op === "add") return { steps: steps + (first?.length ?? 0) + (second?.length ?? 0), extent };
    if (op !== "if") return { steps, extent };
    const [condition, yes, no] = costs.map((cost) => cost.steps);
    return { steps: 1 + (condition ?? 0) + Math.max(yes ?? 0, no ?? 0), extent };
  }

  #macro({ op, operands }: Operation, items: readonly Extent[]): Cost {
    const [source, body] = operands;
    if (source === undefined || body === undefined) return { steps: 1, extent: undefined };
    const list = this.of(source, items);
    const length = list.extent?.length ?? 0;
    const each = this.of(body, [...items, list.extent?.items]);
    const made: Extent = { length, items: op === "map" ? each.extent : list.extent?.items };
    return {
      steps: 1 + list.steps + length * (1 + each.steps),
      extent: op === "map" || op === "filter" ? made : undefined,
    };
  }

  #letAt(index: number): Cost {
    const known = this.#lets.get(index);
    if (known !== undefined) return known;
    const tree = this.#program.lets[index]?.value;
    const cost = tree === undefined ? { steps: 0, extent: undefined } : this.of(tree, []);
    this.#lets.set(index, cost);
    return cost;
  }
}

function extentOfType(type: ValueType): Extent {
  const item = itemTypeOf(type);
  return item === undefined ? undefined : { length: SCRIPT_LIST_MAX, items: extentOfType(item) };
}

function extentOf(op: Operation["op"], extents: readonly Extent[]): Extent {
  const [first, second, third] = extents;
  if (op === "list") return { length: extents.length, items: extents.reduce(larger, undefined) };
  if (op === "at") return first?.items;
  if (op === "if") return larger(second, third);
  if (op !== "add" || (first === undefined && second === undefined)) return undefined;
  const length = Math.min((first?.length ?? 0) + (second?.length ?? 0), SCRIPT_LIST_MAX);
  return { length, items: larger(first?.items, second?.items) };
}

/** Items in it, and in those. */
function weight(extent: Extent): number {
  return extent === undefined ? 0 : extent.length * (1 + weight(extent.items));
}

function larger(left: Extent, right: Extent): Extent {
  if (left === undefined || right === undefined) return left ?? right;
  return { length: Math.max(left.length, right.length), items: larger(left.items, right.items) };
}
