/**
 * CEL text to a syntax tree, by the parser of @marcbachmann/cel-js. Nothing else of that library is used: what a tree
 * means, and what it comes to, is ours.
 */
import { Environment, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { fail, ok, type Result } from "#base/result.ts";
import { SCRIPT_DEPTH_MAX, SCRIPT_ENTRIES_MAX, SCRIPT_LIST_MAX, SCRIPT_NODES_MAX } from "#core/limits.ts";
import type { OffsetProblem } from "./source-problem.ts";

export type { ASTNode };

/** Comments and long names included; a program of the greatest size comes from less. */
export const SOURCE_UNITS_MAX = 64 * 1024;

const environment = new Environment({
  limits: {
    // The maps and keys around the expressions, and the selections in an input's name, are nodes here, too.
    maxAstNodes: 4 * SCRIPT_NODES_MAX,
    maxDepth: 2 * SCRIPT_DEPTH_MAX,
    maxListElements: SCRIPT_LIST_MAX,
    maxMapEntries: SCRIPT_ENTRIES_MAX,
    maxCallArguments: 16,
  },
});

export function parseSource(source: string): Result<ASTNode, OffsetProblem> {
  if (source.length > SOURCE_UNITS_MAX) {
    const message = `${source.length} characters are more than ${SOURCE_UNITS_MAX}`;
    return fail({ code: "CONTRACT_TOO_LARGE", offset: 0, message, advice: "a contract is a page or two" });
  }
  try {
    return ok(environment.parse(source).ast);
  } catch (error) {
    if (error instanceof ParseError) return fail(syntaxProblem(error));
    // Signs in a row are the one nesting that the parser's limits do not count: a megabyte of "!" ends here.
    if (error instanceof RangeError) return fail({ code: "CONTRACT_TOO_LARGE", offset: 0, ...TOO_DEEP });
    throw error;
  }
}

const TOO_DEEP = { message: "nested too deeply", advice: "give a part of it a name under let" };

function syntaxProblem(error: ParseError): OffsetProblem {
  const offset = error.range?.start ?? 0;
  if (error.code === "limit_exceeded") {
    return { code: "CONTRACT_TOO_LARGE", offset, message: error.summary, advice: "give a part of it a name under let" };
  }
  return { code: "CONTRACT_SYNTAX", offset, message: error.summary, advice: ADVICE[error.code] ?? GENERAL };
}

const GENERAL = "see whether a comma, bracket, quote or operator is missing before this place";
const ADVICE: Readonly<Record<string, string>> = {
  reserved_identifier: "the word is reserved: choose another name",
  unexpected_character: "write == to compare, && and || to combine, and // before a comment",
  newline_in_string: "close the text on the line where it begins, or write \\n",
  unterminated_string: "close the text with the quote that it begins with",
  invalid_macro_argument: "the first argument of a macro is a name for the item, such as list.all(x, x > 0)",
};
