/** Whether a program may run at all: its tables, its types, its size and what it can cost. */
import {
  SCRIPT_DEPTH_MAX,
  SCRIPT_ENTRIES_MAX,
  SCRIPT_NAME_BYTES_MAX,
  SCRIPT_NODES_MAX,
  SCRIPT_STEPS_MAX,
} from "#core/limits.ts";
import { checkTypes, fits } from "./check-types.ts";
import type { Expression } from "./expression.ts";
import { placesOf, type Program } from "./program.ts";
import { compareTexts, type ValueType } from "./value.ts";
import { worstCaseSteps } from "./worst-case.ts";

export type ProgramFault =
  | { readonly code: "SCRIPT_MALFORMED"; readonly place: string; readonly reason: string }
  | {
      readonly code: "SCRIPT_ILL_TYPED";
      readonly place: string;
      readonly expected: string;
      readonly found: ValueType;
      /** The part that has the type: for those who still know where it was written. */
      readonly at: Expression;
    }
  | {
      readonly code: "SCRIPT_TOO_LARGE";
      readonly place: string;
      readonly what: "bytes" | "nodes" | "depth" | "steps" | "entries";
      readonly found: number;
      readonly max: number;
    };

/** All that is wrong with it; empty for a program that may run. */
export function checkProgram(program: Program): readonly ProgramFault[] {
  const tables = checkTables(program);
  if (tables.length > 0) return tables;
  const sizes = checkSizes(program);
  if (sizes.length > 0) return sizes;
  const types = checkAllTypes(program);
  return types.length > 0 ? types : checkCosts(program);
}

/** What one evaluation may need at most, by place: each command, timer and query by itself, the outcome as one. */
export function programCosts(program: Program): readonly { readonly place: string; readonly steps: number }[] {
  const outcome = program.outcome.map(({ value }) => value);
  const single = placesOf(program).filter(({ place }) => !place.startsWith("let.") && !place.startsWith("outcome."));
  return [
    { place: "outcome", steps: worstCaseSteps(outcome, program) },
    ...single.map(({ place, tree }) => ({ place, steps: worstCaseSteps([tree], program) })),
  ];
}

/** How many nodes the trees of a program have together. */
export function programNodes(program: Program): number {
  return placesOf(program).reduce((sum, { tree }) => sum + nodes(tree), 0);
}

const LET_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const INPUT_NAME = /^[a-z][A-Za-z0-9_]*(\.[a-z][A-Za-z0-9_]*)*$/;
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

function checkTables(program: Program): readonly ProgramFault[] {
  const { inputs, lets, commands, timers, outcome, queries } = program;
  const malformed = (place: string, reason: string): ProgramFault => ({ code: "SCRIPT_MALFORMED", place, reason });
  const tables = { inputs, lets, commands, timers, outcome, queries };
  return Object.entries(tables).flatMap(([section, entries]) => {
    const names = entries.map(({ name }) => name);
    const isAmong = section === "inputs" ? INPUT_NAME : section === "lets" ? LET_NAME : NAME;
    const bad = names.filter((name) => !isAmong.test(name) || name.length > SCRIPT_NAME_BYTES_MAX);
    const isOrdered = section === "lets" ? new Set(names).size === names.length : isAscending(names);
    return [
      ...bad.map((name) => malformed(`${section === "lets" ? "let" : section}.${name}`, `"${name}" is no name`)),
      ...(isOrdered ? [] : [malformed(section, "names twice or out of order")]),
      ...entries.flatMap((entry) => ("states" in entry ? wordFaults(`${section}.${entry.name}`, entry) : [])),
      ...(names.length > SCRIPT_ENTRIES_MAX
        ? [tooLarge(section, { what: "entries", found: names.length, max: SCRIPT_ENTRIES_MAX })]
        : []),
    ];
  });
}

function wordFaults(
  place: string,
  entry: { readonly states: readonly string[]; readonly from: readonly string[] },
): readonly ProgramFault[] {
  return [entry.states, entry.from]
    .filter((words) => words.length === 0 || !isAscending(words) || words.some((word) => !NAME.test(word)))
    .map((words) => ({
      code: "SCRIPT_MALFORMED",
      place,
      reason: `[${words.join(", ")}] is no list of words in order`,
    }));
}

function isAscending(names: readonly string[]): boolean {
  return names.every((name, place) => place === 0 || compareTexts(names[place - 1] ?? "", name) < 0);
}

function checkSizes(program: Program): readonly ProgramFault[] {
  const count = programNodes(program);
  if (count > SCRIPT_NODES_MAX) return [tooLarge("program", { what: "nodes", found: count, max: SCRIPT_NODES_MAX })];
  const letDepths: number[] = [];
  return placesOf(program).flatMap(({ place, tree }) => {
    const found = depth(tree, letDepths);
    if (place.startsWith("let.")) letDepths.push(found);
    return found > SCRIPT_DEPTH_MAX ? [tooLarge(place, { what: "depth", found, max: SCRIPT_DEPTH_MAX })] : [];
  });
}

function checkAllTypes(program: Program): readonly ProgramFault[] {
  const inputs = program.inputs.map(({ type }) => type);
  const lets: ValueType[] = [];
  return placesOf(program).flatMap(({ place, tree }) => {
    const { type, problems } = checkTypes(tree, { inputs, lets });
    if (place.startsWith("let.")) lets.push(type);
    const expected = place.startsWith("commands.") ? "bool" : place.startsWith("timers.") ? "int" : "any";
    const whole = fits(type, expected) ? [] : [{ at: tree, expected, found: type }];
    return [...problems, ...whole].map((problem): ProgramFault => ({ code: "SCRIPT_ILL_TYPED", place, ...problem }));
  });
}

function checkCosts(program: Program): readonly ProgramFault[] {
  return programCosts(program)
    .filter(({ steps }) => steps > SCRIPT_STEPS_MAX)
    .map(({ place, steps }) => tooLarge(place, { what: "steps", found: steps, max: SCRIPT_STEPS_MAX }));
}

type Excess = Pick<Extract<ProgramFault, { code: "SCRIPT_TOO_LARGE" }>, "what" | "found" | "max">;

function tooLarge(place: string, excess: Excess): ProgramFault {
  return { code: "SCRIPT_TOO_LARGE", place, ...excess };
}

function nodes(tree: Expression): number {
  return "operands" in tree ? tree.operands.reduce((sum, operand) => sum + nodes(operand), 1) : 1;
}

/** Through the lets: so deep can the evaluator be called. */
function depth(tree: Expression, letDepths: readonly number[]): number {
  if (tree.op === "let") return 1 + (letDepths[tree.index] ?? 0);
  return "operands" in tree ? 1 + Math.max(0, ...tree.operands.map((operand) => depth(operand, letDepths))) : 1;
}
