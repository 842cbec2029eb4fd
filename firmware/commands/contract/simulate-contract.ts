/**
 * `contract simulate`: a contract run on one session, with the value of every step. The session is an honest one of
 * 20 kWh, changed by a file of inputs and by NAME=VALUE on the command line.
 */
import { resolve } from "node:path";
import { printExpression } from "#authoring/print-expression.ts";
import { SCRIPT_STEPS_MAX } from "#core/limits.ts";
import { Evaluation } from "#core/script/evaluate.ts";
import { isMacro, isOperation, type Expression } from "#core/script/expression.ts";
import { placesOf, type Program } from "#core/script/program.ts";
import { bindInputs, type InputValues } from "#core/script/run-program.ts";
import type { Value } from "#core/script/value.ts";
import { readTableFile } from "../../read-table-file.ts";
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import type { LoadedContract } from "./load-contract.ts";
import { inputValue, sessionWith } from "./session-cases.ts";

export interface SimulationOrder {
  readonly given: CommandArguments;
  readonly io: CommandIo;
  /** As NAME=VALUE. */
  readonly inputs: readonly string[];
}

/** What one part of the contract came to. */
interface Step {
  readonly place: string;
  readonly expression: string;
  /** As CEL writes it; absent where it trapped. */
  readonly value?: string;
  readonly trap?: string;
  /** The part that trapped. */
  readonly in?: string;
  /** In an evaluation of its own, with the lets that it needs. */
  readonly steps: number;
}

export async function simulateContract(contract: LoadedContract, order: SimulationOrder): Promise<number> {
  const { given, io } = order;
  const values = sessionWith({ ...(await inputsOfFile(order)), ...inputsOfWords(order.inputs) });
  const steps = run(contract.program, values);
  const read = contract.program.inputs.map(({ name }) => [name, shown(values[name])] as const);
  if (given.flag("json")) {
    io.out(JSON.stringify({ contract: contract.program.name, inputs: Object.fromEntries(read), steps }));
    return EXIT.ok;
  }
  io.out("Inputs:");
  for (const [name, value] of read) io.out(`  ${name} = ${value}`);
  for (const step of steps) {
    io.out(`${step.place} = ${step.value ?? `${step.trap ?? ""} in ${step.in ?? ""}`} (${step.steps} steps)`);
    io.out(`    ${step.expression}`);
  }
  return EXIT.ok;
}

function run(program: Program, values: InputValues): readonly Step[] {
  const names = { inputs: program.inputs.map(({ name }) => name), lets: program.lets.map(({ name }) => name) };
  const bindings = bindInputs(program, values);
  const evaluated = (tree: Expression): { readonly value?: Value; readonly trap?: string; readonly steps: number } => {
    const running = new Evaluation(bindings, SCRIPT_STEPS_MAX);
    const found = running.value(tree);
    return { ...(found.ok ? { value: found.value } : { trap: found.fault.code }), steps: running.steps };
  };
  /** The innermost part that traps by itself; what stands in a macro does not run without its item. */
  const culprit = (tree: Expression, trap: string): Expression => {
    if (!isOperation(tree)) return tree;
    const parts = isMacro(tree.op) ? tree.operands.slice(0, 1) : tree.operands;
    const within = parts.find((part) => evaluated(part).trap === trap);
    return within === undefined ? tree : culprit(within, trap);
  };
  return placesOf(program).map(({ place, tree }): Step => {
    const { value, trap, steps } = evaluated(tree);
    const expression = printExpression(tree, names);
    if (trap === undefined) return { place, expression, value: shown(value), steps };
    return { place, expression, trap, in: printExpression(culprit(tree, trap), names), steps };
  });
}

function inputsOfWords(words: readonly string[]): InputValues {
  return Object.fromEntries(
    words.map((word) => {
      const cut = word.indexOf("=");
      if (cut < 1) throw new CommandError(EXIT.usage, `found "${word}", expected NAME=VALUE`);
      return [word.slice(0, cut), checked(word.slice(0, cut), word.slice(cut + 1))];
    }),
  );
}

async function inputsOfFile({ given, io }: SimulationOrder): Promise<InputValues> {
  const file = given.text("inputs");
  if (file === undefined) return {};
  const table = await readTableFile(resolve(io.cwd, file));
  if (!table.ok) {
    throw new CommandError(EXIT.badData, `${file}: found ${table.fault.found}, expected ${table.fault.expected}`);
  }
  const { value } = table;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CommandError(EXIT.badData, `${file}: expected a table of inputs`);
  }
  return Object.fromEntries(Object.entries(value).map(([name, written]) => [name, checked(name, written)]));
}

function checked(name: string, written: unknown): Value {
  const value = inputValue(name, written);
  if (typeof value !== "object" || Array.isArray(value)) return value as Value;
  const known = Object.keys(sessionWith({}));
  if (!known.includes(name)) throw new CommandError(EXIT.badData, `inputs: ${notAmong(name, known)}`);
  const { expected } = value as { readonly expected: string };
  throw new CommandError(EXIT.badData, `${name}: found ${JSON.stringify(written)}, expected ${expected}`);
}

function shown(value: Value | undefined): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" || typeof value === "object"
    ? JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? Number(part) : part))
    : value.toString();
}
