/**
 * Puts all mutants of a file into its source at once, each behind a question: `$m(7)` is true while mutant 7 is active.
 * So one process loads code and tests once and tries many mutants, and the run without any tells which test reaches
 * which mutant.
 *
 *     left < right      ->      ($m(7) ? (left <= right) : $m(8) ? (left >= right) : (left < right))
 *
 * Types, imports, messages of `assert` and what it asserts stay as they are: what cannot fail has no test.
 */
import ts from "typescript";
import { changesOf } from "./change-expression.ts";
import { keyOf, type Mutant } from "./mutant.ts";

export interface Instrumented {
  readonly text: string;
  readonly mutants: readonly Mutant[];
}

/** @param firstId of the mutants, which count up from it */
export function instrumentSource(path: string, text: string, firstId: number): Instrumented {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const mutants: Mutant[] = [];
  const sameNames = new Map<string, number>();
  const add = (node: ts.Node, replacement: string): number => {
    const id = firstId + mutants.length;
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const name = { file: path, within: nameAround(node), ...inContext(node, replacement, file) };
    const place = (sameNames.get(keyOf(name)) ?? 0) + 1;
    sameNames.set(keyOf(name), place);
    // What stands twice in one function is two mutants: one of them may be seen where the other cannot.
    mutants.push({ id, line, ...name, within: place === 1 ? name.within : `${name.within} (${place})` });
    return id;
  };
  return { text: emitChildren({ file, add }, file), mutants };
}

interface Emission {
  readonly file: ts.SourceFile;
  readonly add: (node: ts.Node, replacement: string) => number;
}

function emit(emission: Emission, node: ts.Node): string {
  const { file, add } = emission;
  if (isLeftAlone(node)) return node.getText(file);
  const changes = isReplaceable(node) ? changesOf(node, file).map((change) => ({ change, id: add(node, change) })) : [];
  const removal = isRemovable(node) ? add(node, "") : undefined;
  const inner = emitChildren(emission, node);
  if (removal !== undefined) return `{ if (!$m(${removal})) ${inner} }`;
  if (changes.length === 0) return inner;
  return `(${changes.map(({ change, id }) => `$m(${id}) ? (${change}) : `).join("")}(${inner}))`;
}

function emitChildren(emission: Emission, node: ts.Node): string {
  const { file } = emission;
  const source = file.text;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  let at = node.getStart(file);
  let text = "";
  for (const child of children.toSorted((left, right) => left.pos - right.pos)) {
    text += source.slice(at, child.getStart(file)) + emit(emission, child);
    at = child.end;
  }
  return text + source.slice(at, node.end);
}

function isLeftAlone(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  const isCase = ts.isCaseClause(node.parent) && node.parent.expression === node;
  return isCase || isAssert(node) || isTarget(node);
}

function isAssert(node: ts.Node): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "assert";
}

/** What is assigned to, counted up or named: no place for another value. */
function isTarget(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && parent.left === node) return isAssignment(parent.operatorToken.kind);
  return ts.isPropertyAssignment(parent) && parent.name === node && !ts.isComputedPropertyName(node);
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** The step of a loop always counts: any other one would never end. */
function isReplaceable(node: ts.Node): boolean {
  return !(ts.isForStatement(node.parent) && node.parent.incrementor === node);
}

function isRemovable(node: ts.Node): boolean {
  // Removing all that a condition guards is what the change of the condition to `false` does.
  if (ts.isIfStatement(node.parent) && node.parent.elseStatement === undefined) return false;
  if (ts.isExpressionStatement(node)) return !isAssert(node.expression) && !isSuperCall(node.expression);
  if (ts.isContinueStatement(node)) return true;
  if (ts.isBreakStatement(node)) return !ts.isCaseClause(node.parent);
  return ts.isReturnStatement(node) && node.expression === undefined;
}

function isSuperCall(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}

function nameAround(node: ts.Node): string {
  let each = node.parent;
  while (!ts.isSourceFile(each)) {
    const name = nameOf(each);
    if (name !== undefined) return name;
    each = each.parent;
  }
  return "";
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const isFunction =
    ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isGetAccessorDeclaration(node);
  if (isFunction) return node.name?.getText();
  // Constants inside of functions are steps of these.
  const isOfFile = ts.isVariableDeclaration(node) && ts.isSourceFile(node.parent.parent.parent);
  return isOfFile ? node.name.getText() : undefined;
}

/** A bare `1` names nothing: small pieces are shown with what is around them. */
function inContext(
  node: ts.Node,
  replacement: string,
  file: ts.SourceFile,
): { readonly original: string; readonly replacement: string } {
  let anchor = node;
  while (anchor.getText(file).length < CONTEXT_MIN && hasShortParent(anchor, file)) anchor = anchor.parent;
  const text = anchor.getText(file);
  const from = node.getStart(file) - anchor.getStart(file);
  const changed = text.slice(0, from) + replacement + text.slice(from + node.getWidth(file));
  return { original: inOneLine(text), replacement: inOneLine(changed) || REMOVED };
}

function hasShortParent({ parent }: ts.Node, file: ts.SourceFile): boolean {
  const text = parent.getText(file);
  return !ts.isSourceFile(parent) && !ts.isBlock(parent) && text.length <= CONTEXT_MAX && !text.includes("\n");
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

const REMOVED = "(removed)";
const CONTEXT_MIN = 20;
const CONTEXT_MAX = 110;
