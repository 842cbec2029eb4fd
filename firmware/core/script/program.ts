/** A contract as a program: what it reads, what its names stand for, and what it decides. */
import type { Expression } from "./expression.ts";
import type { ValueType } from "./value.ts";

export interface Program {
  readonly name: string;
  /** In the order of their names, as every table below except the lets. */
  readonly inputs: readonly ProgramInput[];
  /** In the order in which they are written: each sees those before it. */
  readonly lets: readonly NamedExpression[];
  readonly commands: readonly ProgramCommand[];
  /** Until when something is waited for: int, unix seconds of block time. */
  readonly timers: readonly NamedExpression[];
  /** How the charge ends: by the name of the field. */
  readonly outcome: readonly NamedExpression[];
  /** What anybody may ask. */
  readonly queries: readonly NamedExpression[];
}

export interface ProgramInput {
  readonly name: string;
  readonly type: ValueType;
}

export interface NamedExpression {
  readonly name: string;
  readonly value: Expression;
}

/** What somebody may do: who, in which states of the contract, and under which further condition (bool). */
export interface ProgramCommand {
  readonly name: string;
  readonly from: readonly string[];
  readonly states: readonly string[];
  readonly guard: Expression;
}

/** The types that an input may have. */
export const INPUT_TYPES = {
  int: 1,
  bool: 2,
  string: 3,
  "list<int>": 4,
  "list<bool>": 5,
  "list<string>": 6,
} as const satisfies Partial<Record<ValueType, number>>;

/** Every tree of a program with a name for the place where it stands, such as "outcome.billed". */
export function placesOf(program: Program): readonly { readonly place: string; readonly tree: Expression }[] {
  const named = (section: string, entries: readonly NamedExpression[]): { place: string; tree: Expression }[] =>
    entries.map(({ name, value }) => ({ place: `${section}.${name}`, tree: value }));
  return [
    ...named("let", program.lets),
    ...program.commands.map(({ name, guard }) => ({ place: `commands.${name}`, tree: guard })),
    ...named("timers", program.timers),
    ...named("outcome", program.outcome),
    ...named("queries", program.queries),
  ];
}
