/** Runs the parts of a program on what the ledger knows. */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SCRIPT_LIST_MAX, SCRIPT_STEPS_MAX } from "#core/limits.ts";
import { fits } from "./check-types.ts";
import { Evaluation, type Bindings } from "./evaluate.ts";
import { isOperation, type Expression } from "./expression.ts";
import type { NamedExpression, Program, ProgramInput } from "./program.ts";
import type { Trap } from "./trap.ts";
import { isList, typeOfValue, type Value } from "./value.ts";

/**
 * Values by the names of inputs; there may be more than a program reads, and those that the section may not read may be
 * missing.
 */
export type InputValues = Readonly<Record<string, Value>>;

export interface OutcomeRun {
  /** The fields, or the trap of the first that has no value. */
  readonly fields: Result<Readonly<Record<string, Value>>, Trap>;
  readonly steps: number;
}

export function runOutcome(program: Program, values: InputValues): OutcomeRun {
  const running = evaluation(program, values);
  const fields: Record<string, Value> = {};
  for (const { name, value } of program.outcome) {
    const found = running.value(value);
    if (!found.ok) return { fields: fail(found.fault), steps: running.steps };
    fields[name] = found.value;
  }
  return { fields: ok(fields), steps: running.steps };
}

/** Undefined when the program has no such query. */
export function runQuery(program: Program, name: string, values: InputValues): Result<Value, Trap> | undefined {
  return runOne(program.queries, program, name, values);
}

/** Until when is waited, in unix seconds; undefined when the program has no such timer or it traps. */
export function timerAt(program: Program, name: string, values: InputValues): bigint | undefined {
  const at = runOne(program.timers, program, name, values);
  return at?.ok === true && typeof at.value === "bigint" ? at.value : undefined;
}

export interface CommandCall {
  readonly name: string;
  /** Who gives it: a role. */
  readonly from: string;
  /** The state of the contract at that moment. */
  readonly state: string;
}

/** "state": not by this role, or not in this state. "guard": its further condition does not hold, or traps. */
export function objectionToCommand(
  program: Program,
  call: CommandCall,
  valueOf: (name: string) => Value | undefined,
): "state" | "guard" | undefined {
  const command = program.commands.find(({ name }) => name === call.name);
  if (command === undefined || !command.from.includes(call.from) || !command.states.includes(call.state)) {
    return "state";
  }
  const allowed = new Evaluation(bindRead(program, command.guard, valueOf), SCRIPT_STEPS_MAX).value(command.guard);
  return allowed.ok && allowed.value === true ? undefined : "guard";
}

/** @throws a bug for an input of another type than the program was checked with. */
export function bindInputs(program: Program, values: InputValues): Bindings {
  const inputs = program.inputs.map((input) =>
    checkedInput(input, Object.hasOwn(values, input.name) ? values[input.name] : undefined),
  );
  return { inputs, lets: program.lets.map(({ value }) => value) };
}

function checkedInput({ name, type }: ProgramInput, value: Value | undefined): Value | undefined {
  if (value === undefined) return undefined;
  if (!fits(typeOfValue(value), type)) assert(false, `input ${name} is no ${type}`);
  if (isList(value) && value.length > SCRIPT_LIST_MAX) assert(false, `input ${name} is too long`);
  return value;
}

/** Only what one tree reads: each fact of a charge asks for a condition, which as a rule reads one input of thirty. */
function bindRead(program: Program, tree: Expression, valueOf: (name: string) => Value | undefined): Bindings {
  const read = READ.get(tree) ?? { inputs: new Set(), lets: new Set() };
  if (!READ.has(tree)) noteRead(program, tree, read);
  READ.set(tree, read);
  const inputs: (Value | undefined)[] = [];
  for (const index of read.inputs) {
    const input = program.inputs[index];
    if (input !== undefined) inputs[index] = checkedInput(input, valueOf(input.name));
  }
  return { inputs, lets: program.lets.map(({ value }) => value) };
}

/** Places of the inputs and lets that a tree can read. */
interface Read {
  readonly inputs: Set<number>;
  readonly lets: Set<number>;
}

const READ = new WeakMap<Expression, Read>();

/** Each let is looked into once, however many others name it. */
function noteRead(program: Program, tree: Expression, read: Read): void {
  if (isOperation(tree)) for (const each of tree.operands) noteRead(program, each, read);
  else if (tree.op === "input") read.inputs.add(tree.index);
  else if (tree.op === "let" && !read.lets.has(tree.index)) {
    read.lets.add(tree.index);
    const of = program.lets[tree.index];
    if (of !== undefined) noteRead(program, of.value, read);
  }
}

function runOne(
  entries: readonly NamedExpression[],
  program: Program,
  name: string,
  values: InputValues,
): Result<Value, Trap> | undefined {
  const entry = entries.find((each) => each.name === name);
  return entry === undefined ? undefined : evaluation(program, values).value(entry.value);
}

function evaluation(program: Program, values: InputValues): Evaluation {
  return new Evaluation(bindInputs(program, values), SCRIPT_STEPS_MAX);
}
