/** The program of bytes that were found good before: decoded once, since every fact of a charge asks for it. */
import { assert } from "#base/assert.ts";
import { decodeProgram } from "./encode-program.ts";
import type { Program } from "./program.ts";

const decoded = new WeakMap<Uint8Array, Program>();

/** @throws a bug for bytes that are no program: only those that `decodeProgram` accepts may be kept. */
export function knownProgram(bytes: Uint8Array): Program {
  const known = decoded.get(bytes);
  if (known !== undefined) return known;
  const program = decodeProgram(bytes);
  assert(program.ok, "what was accepted as a program is one");
  decoded.set(bytes, program.value);
  return program.value;
}
