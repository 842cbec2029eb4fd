/** Expressions in words, for people who sign contracts and do not write them. */
import { printExpression, type PrintedNames } from "#authoring/print-expression.ts";
import type { Expression, Operation } from "#core/script/expression.ts";

/** What a command says. */
export const COMMAND_WORDS: Readonly<Record<string, string>> = {
  report: "here is what my meter shows",
  complete: "I am done, and this is what my meter shows at the end",
  cancel: "let us forget about it",
  resolve: "I propose to settle it like this",
  adjudicate: "it is to be settled like this",
};

export function wordsOf(tree: Expression, names: PrintedNames): string {
  if (tree.op === "input") return INPUT_WORDS[names.inputs[tree.index] ?? ""] ?? printExpression(tree, names);
  if (!("operands" in tree)) return printExpression(tree, names);
  return operationWords(tree, names);
}

/** Between two operands. */
const BETWEEN: Readonly<Partial<Record<Operation["op"], string>>> = {
  and: "and",
  or: "or",
  equal: "is",
  unequal: "is not",
  less: "is less than",
  "at-most": "is at most",
  more: "is more than",
  "at-least": "is at least",
  add: "plus",
  subtract: "less",
  multiply: "times",
  divide: "divided by",
  in: "is one of",
};
const BEFORE: Readonly<Partial<Record<Operation["op"], string>>> = { min: "the lesser of", max: "the greater of" };

function operationWords({ op, operands }: Operation, names: PrintedNames): string {
  const [first, second, third] = operands;
  if (op === "not" && first !== undefined) return denied(first, names);
  const [between, before] = [BETWEEN[op], BEFORE[op]];
  if (between !== undefined && first !== undefined && second !== undefined) {
    return `${part(first, op, names)} ${between} ${part(second, op, names)}`;
  }
  if (before !== undefined && first !== undefined && second !== undefined) {
    return `${before} ${part(first, op, names)} and ${part(second, op, names)}`;
  }
  if (op === "if" && first !== undefined && second !== undefined && third !== undefined) {
    const yes = second.op === "if" ? `(${wordsOf(second, names)})` : part(second, op, names);
    return `${yes} if ${part(first, op, names)}, otherwise ${part(third, op, names)}`;
  }
  return printExpression({ op, operands }, names);
}

/** What holds its parts together more loosely than what stands around it goes in parentheses. */
function part(tree: Expression, around: Operation["op"], names: PrintedNames): string {
  const words = wordsOf(tree, names);
  if (!("operands" in tree) || tree.op === "not" || tree.op === around) return words;
  const isComparison = ["equal", "unequal", "less", "at-most", "more", "at-least"].includes(tree.op);
  const isSum = ["add", "subtract", "multiply", "divide"].includes(tree.op);
  const isPlain =
    (isComparison && (around === "and" || around === "or" || around === "if")) || (isSum && around !== "multiply");
  return isPlain || !(tree.op in BETWEEN || tree.op in BEFORE || tree.op === "if") ? words : `(${words})`;
}

function denied(tree: Expression, names: PrintedNames): string {
  const words = wordsOf(tree, names);
  if (tree.op === "input" && / has /.test(words)) return words.replace(" has ", " has not ");
  return "operands" in tree ? `not (${words})` : `not ${words}`;
}

const INPUT_WORDS: Readonly<Record<string, string>> = {
  "terms.basis": "the basis of the terms",
  "terms.silentPays": "the vehicle signed that its silence costs",
  "terms.exposureMilliWh": "the exposure that both signed",
  "terms.energyMaxMilliWh": "the most energy that both signed",
  "terms.durationMaxSeconds": "the longest duration that both signed",
  "terms.graceSeconds": "the grace that both signed",
  "terms.hasArbiter": "the terms name an arbiter",
  "station.milliWh": "what the station signed",
  "station.heard": "the station has reported",
  "station.completed": "the station has completed",
  "station.cancelled": "the station has cancelled",
  "station.whole": "all of the station's reports are here",
  "vehicle.milliWh": "what the vehicle signed",
  "vehicle.heard": "the vehicle has reported",
  "vehicle.completed": "the vehicle has completed",
  "vehicle.cancelled": "the vehicle has cancelled",
  "vehicle.whole": "all of the vehicle's reports are here",
  "agreed.milliWh": "the part that both agreed on",
  "undisputed.milliWh": "the undisputed minimum",
  "most.milliWh": "the most that fits to the vehicle's amount",
  "judged.verdict": "the verdict",
  "judged.reason": "the reason of the verdict",
  "judged.inBound": "the amounts are within the linear bound",
  "grace.isOver": "the grace is over",
  "mutual.found": "both have proposed the same",
  "mutual.milliWh": "what both proposed",
  "ruling.found": "the arbiter has ruled",
  "ruling.milliWh": "what the arbiter ruled",
  "self.reports": "the number of its reports",
  "self.completed": "it has completed",
  "self.cancelled": "it has cancelled",
  "charge.endsAt": "the end of the charge",
  "charge.completing": "one side has completed",
  "charge.completingSince": "the first completion",
};
