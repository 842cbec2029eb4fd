/**
 * The changes that are made to expressions. Each is one slip of a tired programmer: a boundary, a sign, a connective, a
 * condition, a constant, a bound on the wrong side, an order. What another change of the same place implies is left
 * out: `a || b` for `a && b` is noticed whenever `a` alone or `b` alone is.
 */
import ts from "typescript";

/** The texts to put in the place of the node, each an expression. */
export function changesOf(node: ts.Node, file: ts.SourceFile): readonly string[] {
  return [...ownChanges(node, file), ...(isCondition(node) ? conditionChanges(node) : [])];
}

const SyntaxKind = ts.SyntaxKind;

const OTHER_OPERATORS: Readonly<Partial<Record<ts.SyntaxKind, readonly string[]>>> = {
  [SyntaxKind.LessThanToken]: ["<=", ">="],
  [SyntaxKind.LessThanEqualsToken]: ["<", ">"],
  [SyntaxKind.GreaterThanToken]: [">=", "<="],
  [SyntaxKind.GreaterThanEqualsToken]: [">", "<"],
  [SyntaxKind.EqualsEqualsEqualsToken]: ["!=="],
  [SyntaxKind.ExclamationEqualsEqualsToken]: ["==="],
  [SyntaxKind.PlusToken]: ["-"],
  [SyntaxKind.MinusToken]: ["+"],
  [SyntaxKind.AsteriskToken]: ["/"],
  [SyntaxKind.SlashToken]: ["*"],
  [SyntaxKind.PercentToken]: ["*"],
  [SyntaxKind.AsteriskAsteriskToken]: ["*"],
  [SyntaxKind.GreaterThanGreaterThanToken]: ["<<"],
  [SyntaxKind.LessThanLessThanToken]: [">>"],
  [SyntaxKind.AmpersandToken]: ["|"],
  [SyntaxKind.BarToken]: ["&"],
  [SyntaxKind.PlusEqualsToken]: ["-="],
  [SyntaxKind.MinusEqualsToken]: ["+="],
  [SyntaxKind.BarBarEqualsToken]: ["="],
  [SyntaxKind.AmpersandAmpersandEqualsToken]: ["="],
  [SyntaxKind.QuestionQuestionEqualsToken]: ["="],
};

const OTHER_CALLS: Readonly<Record<string, string>> = {
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  round: "floor",
  some: "every",
  every: "some",
  find: "findLast",
  findLast: "find",
  indexOf: "lastIndexOf",
  lastIndexOf: "indexOf",
  push: "unshift",
  unshift: "push",
};

/** Calls that may be left out: what they are called on is of the same kind as what they give. */
const OMITTED_CALLS: readonly string[] = ["filter", "sort", "toSorted", "reverse", "toReversed", "slice", "subarray"];

function ownChanges(node: ts.Node, file: ts.SourceFile): readonly string[] {
  if (ts.isBinaryExpression(node)) return binaryChanges(node, file);
  if (ts.isPrefixUnaryExpression(node)) return prefixChanges(node, file);
  if (ts.isNumericLiteral(node) || ts.isBigIntLiteral(node)) return isSigned(node) ? [] : numberChanges(node.text);
  if (node.kind === SyntaxKind.TrueKeyword) return ["false"];
  if (node.kind === SyntaxKind.FalseKeyword) return ["true"];
  if (ts.isCallExpression(node)) return callChanges(node, file);
  if (ts.isPropertyAccessExpression(node)) return isWholeChain(node) ? chainChanges(node, file) : [];
  return ts.isArrayLiteralExpression(node) ? arrayChanges(node, file) : [];
}

function binaryChanges({ left, operatorToken, right }: ts.BinaryExpression, file: ts.SourceFile): readonly string[] {
  const [leftText, rightText] = [left.getText(file), right.getText(file)];
  const { kind } = operatorToken;
  if (
    kind === SyntaxKind.AmpersandAmpersandToken ||
    kind === SyntaxKind.BarBarToken ||
    kind === SyntaxKind.QuestionQuestionToken
  ) {
    return [leftText, rightText];
  }
  if (kind === SyntaxKind.PlusToken && [left, right].some(isText)) return [];
  return (OTHER_OPERATORS[kind] ?? []).map((operator) => `${leftText} ${operator} ${rightText}`);
}

function prefixChanges({ operator, operand }: ts.PrefixUnaryExpression, file: ts.SourceFile): readonly string[] {
  if (operator === SyntaxKind.ExclamationToken) return [operand.getText(file)];
  if (operator !== SyntaxKind.MinusToken) return [];
  const isNumber = ts.isNumericLiteral(operand) || ts.isBigIntLiteral(operand);
  return isNumber ? numberChanges(`-${operand.text}`) : [operand.getText(file)];
}

function numberChanges(text: string): readonly string[] {
  if (!text.endsWith("n")) return [`${Number(text) + 1}`, `${Number(text) - 1}`];
  const value = BigInt(text.slice(0, -1));
  return [`${value + 1n}n`, `${value - 1n}n`];
}

function callChanges(call: ts.CallExpression, file: ts.SourceFile): readonly string[] {
  const { expression: callee } = call;
  const given = call.arguments.map((argument) => argument.getText(file));
  if (ts.isIdentifier(callee)) return namedCallChanges(callee.text, given);
  if (!isWholeChain(call) || !ts.isPropertyAccessExpression(callee)) return [];
  const [on, name] = [callee.expression.getText(file), callee.name.text];
  const other = OTHER_CALLS[name];
  return [
    ...chainChanges(call, file),
    ...(other === undefined ? [] : [`${on}.${other}(${given.join(", ")})`]),
    ...(OMITTED_CALLS.includes(name) ? [on] : []),
    ...(/^(toS|s)orted|^sort/.test(name) && given.length === 1 ? [`${on}.${name}(${turned(given[0] ?? "")})`] : []),
  ];
}

function namedCallChanges(name: string, given: readonly string[]): readonly string[] {
  const [first = "", second = "", ...rest] = given;
  if (name.startsWith("compare") && rest.length === 0 && given.length === 2) return [`${name}(${second}, ${first})`];
  if (name === "divideUp") return [`(${first}) / (${second})`];
  return name === "saturate" ? [`Number(${first})`] : [];
}

function turned(comparison: string): string {
  return `(one, other) => (${comparison})(other, one)`;
}

/** Without its default for what is absent; only as a whole, since the rest of a chain hangs on each part of it. */
function chainChanges(node: ts.Expression, file: ts.SourceFile): readonly string[] {
  const text = node.getText(file);
  const isOptional = (node.flags & ts.NodeFlags.OptionalChain) !== 0;
  return isOptional ? [text.replaceAll(/\?\.(?=[[(])/g, "").replaceAll("?.", ".")] : [];
}

function isWholeChain(node: ts.Expression): boolean {
  const { parent } = node;
  if ((node.flags & ts.NodeFlags.OptionalChain) === 0) return true;
  return (parent.flags & ts.NodeFlags.OptionalChain) === 0 || !("expression" in parent) || parent.expression !== node;
}

/** The other way round, where the parts are lists: one number beside another one is a pair, and has no order. */
function arrayChanges({ elements }: ts.ArrayLiteralExpression, file: ts.SourceFile): readonly string[] {
  if (elements.length < 2 || !elements.some(ts.isSpreadElement)) return [];
  const texts = elements.map((element) => element.getText(file));
  return [`[${texts.toReversed().join(", ")}]`];
}

function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) && parent.condition === node;
}

/** A loop that never ends is no slip that needs a test. */
function conditionChanges({ parent }: ts.Node): readonly string[] {
  return ts.isWhileStatement(parent) || ts.isForStatement(parent) ? ["false"] : ["true", "false"];
}

function isSigned({ parent }: ts.Node): boolean {
  return ts.isPrefixUnaryExpression(parent) && parent.operator === SyntaxKind.MinusToken;
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}
