/**
 * A contract as somebody writes it, one CEL map literal, to the program that is signed and runs:
 *
 *     { "contract": name, "let": {…}, "commands": {…}, "timers": {…}, "outcome": {…}, "queries": {…} }
 *
 * Every problem that is found has its line and column. What compiles holds: the ledger will not find fault with it.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { SCRIPT_BYTES_MAX } from "#core/limits.ts";
import { checkProgram, type ProgramFault } from "#core/script/check-program.ts";
import { encodeProgram, programBytes } from "#core/script/encode-program.ts";
import type { Expression } from "#core/script/expression.ts";
import type { Program } from "#core/script/program.ts";
import { checkSurface, inputTypes, type Surface } from "#core/script/surface.ts";
import { parseSource } from "./parse-source.ts";
import { readSections } from "./read-sections.ts";
import { placed, type OffsetProblem, type SourceProblem } from "./source-problem.ts";

export interface CompiledContract {
  readonly program: Program;
  readonly bytes: Uint8Array;
}

/** What the compiler knows about where things came from. */
export interface SourceMap {
  /** Where each part of an expression begins. */
  readonly ofTree: ReadonlyMap<Expression, number>;
  /** Where each entry begins, by its place such as "outcome.billed". */
  readonly ofPlace: ReadonlyMap<string, number>;
}

/** The problems are in the order of the text. */
export function compileContract(text: string, surface: Surface): Result<CompiledContract, readonly SourceProblem[]> {
  // Some editors put a byte order mark in front, and do not count it as a column.
  const source = text.replace(/^\ufeff/, "");
  const parsed = parseSource(source);
  if (!parsed.ok) return fail([placed(source, parsed.fault)]);
  const { program, problems, map } = readSections(parsed.value, source, inputTypes(surface));
  const found = problems.length > 0 ? problems : faultsOf(program, surface).map((fault) => problemOf(fault, map));
  if (found.length > 0) {
    const inOrder = [...found].sort((left, right) => left.offset - right.offset);
    return fail(inOrder.map((problem) => placed(source, problem)));
  }
  return ok({ program, bytes: encodeProgram(program) });
}

function faultsOf(program: Program, surface: Surface): readonly ProgramFault[] {
  const faults = checkProgram(program);
  if (faults.length > 0) return faults;
  const foreign = checkSurface(program, surface);
  if (foreign.length > 0) return foreign;
  const bytes = programBytes(program);
  if (bytes <= SCRIPT_BYTES_MAX) return [];
  return [{ code: "SCRIPT_TOO_LARGE", place: "program", what: "bytes", found: bytes, max: SCRIPT_BYTES_MAX }];
}

function problemOf(fault: ProgramFault, map: SourceMap): OffsetProblem {
  const { place } = fault;
  const offset = map.ofPlace.get(place) ?? map.ofPlace.get(place.split(".")[0] ?? "") ?? 0;
  switch (fault.code) {
    case "SCRIPT_MALFORMED": {
      const advice = "the sections and words of a contract are in the README of core/script";
      return { code: "CONTRACT_STRUCTURE", offset, message: `${place}: ${fault.reason}`, advice };
    }
    case "SCRIPT_ILL_TYPED": {
      const message = `${place}: found ${fault.found}, expected ${fault.expected}`;
      const advice = ADVICE_OF_TYPE[fault.found] ?? "compare or convert it first";
      return { code: "CONTRACT_WRONG_TYPE", offset: map.ofTree.get(fault.at) ?? offset, message, advice };
    }
    case "SCRIPT_TOO_LARGE": {
      const message = `${place} has ${fault.found} ${fault.what}, at most ${fault.max} are allowed`;
      const advice = "give what is used twice a name under let; it is evaluated once";
      return { code: "CONTRACT_TOO_LARGE", offset, message, advice };
    }
  }
}

const ADVICE_OF_TYPE: Readonly<Record<string, string>> = {
  int: "compare an integer (x != 0) or convert it with string(x)",
  bool: "choose with a conditional: b ? 1 : 0",
  string: "convert a text with int(x) or bool(x), or compare it with ==",
};
