/** A program as canonical CBOR, and back: bytes of anybody's making are a program that may run, or refused. */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SCRIPT_BYTES_MAX, SCRIPT_ENTRIES_MAX, SCRIPT_NAME_BYTES_MAX } from "#core/limits.ts";
import type { CborValue } from "#core/wire/cbor.ts";
import {
  choice,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  record,
  text,
  tuple,
  type Shape,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { checkProgram, type ProgramFault } from "./check-program.ts";
import type { Expression } from "./expression.ts";
import { flatten, unflatten, type NameCounts } from "./flat-expression.ts";
import { INPUT_TYPES, type NamedExpression, type Program } from "./program.ts";

export type DecodeFault = WireFault | ProgramFault;

/** @throws a bug for a program that does not hold: only what `checkProgram` finds nothing wrong with is written. */
export function encodeProgram(program: Program): Uint8Array {
  const [fault] = checkProgram(program);
  assert(fault === undefined, `the program does not hold: ${fault?.code ?? ""} in ${fault?.place ?? ""}`);
  const bytes = encodeShape(programShape, flattened(program));
  assert(bytes.length <= SCRIPT_BYTES_MAX, `the program has ${bytes.length} bytes`);
  return bytes;
}

export function decodeProgram(bytes: Uint8Array): Result<Program, DecodeFault> {
  if (bytes.length > SCRIPT_BYTES_MAX) {
    const size = { what: "bytes", found: bytes.length, max: SCRIPT_BYTES_MAX } as const;
    return fail({ code: "SCRIPT_TOO_LARGE", place: "program", ...size });
  }
  const shaped = decodeShape(programShape, bytes);
  if (!shaped.ok) return shaped;
  const program = unflattened(shaped.value);
  if (!program.ok) return program;
  const [fault] = checkProgram(program.value);
  return fault === undefined ? program : fail(fault);
}

/** How many bytes a program has that may be too large to be written. */
export function programBytes(program: Program): number {
  return encodeShape(programShape, flattened(program)).length;
}

/** What an item is, only its place in the tree says. */
const item: Shape<CborValue> = { write: (value) => value, read: (value) => value };
const tree = list(item, SCRIPT_BYTES_MAX, 1);
const name = text(SCRIPT_NAME_BYTES_MAX);
const names = list(name, SCRIPT_ENTRIES_MAX);
const named = list(tuple(name, tree), SCRIPT_ENTRIES_MAX);

const programShape = record({
  version: field(1, integer(1, 1)),
  name: field(2, name),
  inputs: field(3, list(tuple(name, choice(INPUT_TYPES)), SCRIPT_ENTRIES_MAX)),
  lets: field(4, named),
  commands: field(5, list(tuple(name, names, names, tree), SCRIPT_ENTRIES_MAX)),
  timers: field(6, named),
  outcome: field(7, named),
  queries: field(8, named),
});
type FlatProgram = ValueOf<typeof programShape>;
type FlatNamed = readonly (readonly [string, readonly CborValue[]])[];

function flattened(program: Program): FlatProgram {
  const flatNamed = (entries: readonly NamedExpression[]): FlatNamed =>
    entries.map((entry) => [entry.name, flatten(entry.value)]);
  return {
    version: 1,
    name: program.name,
    inputs: program.inputs.map((input) => [input.name, input.type as keyof typeof INPUT_TYPES]),
    lets: flatNamed(program.lets),
    commands: program.commands.map((command) => [command.name, command.from, command.states, flatten(command.guard)]),
    timers: flatNamed(program.timers),
    outcome: flatNamed(program.outcome),
    queries: flatNamed(program.queries),
  };
}

class BadTree extends Error {
  readonly place: string;

  constructor(place: string, reason: string) {
    super(reason);
    this.place = place;
  }
}

function unflattened(flat: FlatProgram): Result<Program, ProgramFault> {
  const everywhere: NameCounts = { inputs: flat.inputs.length, lets: flat.lets.length };
  const treeAt = (place: string, items: readonly CborValue[], counts = everywhere): Expression => {
    const read = unflatten(items, counts);
    if (!read.ok) throw new BadTree(place, read.fault);
    return read.value;
  };
  const namedAt = (section: string, entries: FlatNamed): NamedExpression[] =>
    entries.map(([entry, items]) => ({ name: entry, value: treeAt(`${section}.${entry}`, items) }));
  try {
    return ok({
      name: flat.name,
      inputs: flat.inputs.map(([input, type]) => ({ name: input, type })),
      lets: flat.lets.map(([entry, items], place) => ({
        name: entry,
        value: treeAt(`let.${entry}`, items, { ...everywhere, lets: place }),
      })),
      commands: flat.commands.map(([entry, from, states, guard]) => {
        return { name: entry, from, states, guard: treeAt(`commands.${entry}`, guard) };
      }),
      timers: namedAt("timers", flat.timers),
      outcome: namedAt("outcome", flat.outcome),
      queries: namedAt("queries", flat.queries),
    });
  } catch (refusal) {
    if (!(refusal instanceof BadTree)) throw refusal;
    return fail({ code: "SCRIPT_MALFORMED", place: refusal.place, reason: refusal.message });
  }
}
