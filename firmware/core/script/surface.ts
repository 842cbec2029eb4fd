/** What the ledger offers to a program and asks of it: a program that asks for more, or gives less, is not accepted. */
import { checkTypes, fits } from "./check-types.ts";
import type { ProgramFault } from "./check-program.ts";
import { isOperation, type Expression } from "./expression.ts";
import { placesOf, type Program, type ProgramCommand } from "./program.ts";
import type { ValueType } from "./value.ts";

/** The parts of a program that are run by themselves, each on what is known at that moment. */
export type Section = "commands" | "timers" | "outcome" | "queries";

export interface OfferedInput {
  readonly type: ValueType;
  /** The sections that may read it, directly or through a let. */
  readonly sections: readonly Section[];
}

export interface Surface {
  readonly inputs: Readonly<Record<string, OfferedInput>>;
  /** Fields that the outcome must have, and no others. */
  readonly outcome: Readonly<Record<string, ValueType>>;
  /** Commands that there are, and who may ever give each in which states; a program may allow less. */
  readonly commands: Readonly<Record<string, Pick<ProgramCommand, "from" | "states">>>;
  /** Timers that the program must have, and no others. */
  readonly timers: readonly string[];
}

/** What of a program that holds by itself does not fit; empty when all does. */
export function checkSurface(program: Program, surface: Surface): readonly ProgramFault[] {
  const unknown = inputFaults(program, surface);
  if (unknown.length > 0) return unknown;
  return [
    ...readFaults(program, surface),
    ...outcomeFaults(program, surface),
    ...commandFaults(program, surface),
    ...timerFaults(program, surface),
  ];
}

export function inputTypes({ inputs }: Surface): Readonly<Record<string, ValueType>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { type }]) => [name, type]));
}

function inputFaults({ inputs }: Program, surface: Surface): readonly ProgramFault[] {
  return inputs
    .filter(({ name, type }) => offered(surface, name)?.type !== type)
    .map(({ name, type }) => malformed("inputs", `there is no ${name} of type ${type}`));
}

function readFaults(program: Program, surface: Surface): readonly ProgramFault[] {
  return placesOf(program)
    .filter(({ place }) => !place.startsWith("let."))
    .flatMap(({ place, tree }) => {
      const section = place.split(".")[0];
      return [...inputsReadBy(tree, program)]
        .filter((name) => !offered(surface, name)?.sections.some((allowed) => allowed === section))
        .map((name) => malformed(place, `${name} is not known there`));
    });
}

/** Names of the inputs that a tree reads, through its lets, too. */
function inputsReadBy(tree: Expression, program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  const lets = new Set<number>();
  const visit = (part: Expression): void => {
    if (part.op === "input") names.add(program.inputs[part.index]?.name ?? "");
    if (part.op === "let" && !lets.has(part.index)) {
      lets.add(part.index);
      const value = program.lets[part.index]?.value;
      if (value !== undefined) visit(value);
    }
    if (isOperation(part)) part.operands.forEach(visit);
  };
  visit(tree);
  return names;
}

function outcomeFaults(program: Program, surface: Surface): readonly ProgramFault[] {
  const inputs = program.inputs.map(({ type }) => type);
  const lets: ValueType[] = [];
  for (const { value } of program.lets) lets.push(checkTypes(value, { inputs, lets }).type);
  const found = new Map(
    program.outcome.map(({ name, value }) => [name, { at: value, type: checkTypes(value, { inputs, lets }).type }]),
  );
  const wanted = Object.entries(surface.outcome);
  return [
    ...wanted.filter(([name]) => !found.has(name)).map(([name]) => malformed("outcome", `no field "${name}"`)),
    ...[...found.keys()]
      .filter((name) => !Object.hasOwn(surface.outcome, name))
      .map((name) => malformed(`outcome.${name}`, `fields are ${Object.keys(surface.outcome).join(", ")}`)),
    ...wanted.flatMap(([name, expected]): ProgramFault[] => {
      const field = found.get(name);
      if (field === undefined || fits(field.type, expected)) return [];
      return [{ code: "SCRIPT_ILL_TYPED", place: `outcome.${name}`, expected, found: field.type, at: field.at }];
    }),
  ];
}

function commandFaults({ commands }: Program, surface: Surface): readonly ProgramFault[] {
  const known = Object.keys(surface.commands);
  const missing = known.filter((name) => !commands.some((command) => command.name === name));
  return [
    ...missing.map((name) => malformed("commands", `no command "${name}"`)),
    ...commands.flatMap(({ name, from, states }) => {
      const place = `commands.${name}`;
      const allowed = Object.hasOwn(surface.commands, name) ? surface.commands[name] : undefined;
      if (allowed === undefined) return [malformed(place, `commands are ${known.join(", ")}`)];
      return [
        ...wordFaults(`${place}.from`, from, allowed.from),
        ...wordFaults(`${place}.states`, states, allowed.states),
      ];
    }),
  ];
}

function timerFaults({ timers }: Program, surface: Surface): readonly ProgramFault[] {
  const missing = surface.timers.filter((name) => !timers.some((timer) => timer.name === name));
  return [
    ...missing.map((name) => malformed("timers", `no timer "${name}"`)),
    ...timers
      .filter(({ name }) => !surface.timers.includes(name))
      .map(({ name }) => malformed(`timers.${name}`, `timers are ${surface.timers.join(", ")}`)),
  ];
}

function wordFaults(place: string, words: readonly string[], known: readonly string[]): readonly ProgramFault[] {
  return words
    .filter((word) => !known.includes(word))
    .map((word) => malformed(place, `"${word}" is none of ${known.join(", ")}`));
}

function offered(surface: Surface, name: string): OfferedInput | undefined {
  return Object.hasOwn(surface.inputs, name) ? surface.inputs[name] : undefined;
}

function malformed(place: string, reason: string): ProgramFault {
  return { code: "SCRIPT_MALFORMED", place, reason };
}
