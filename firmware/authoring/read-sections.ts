/** The sections of a contract's map, read one by one: what is wrong with one does not hide the others' faults. */
import type { NamedExpression, Program } from "#core/script/program.ts";
import { compareTexts, type ValueType } from "#core/script/value.ts";
import type { Expression } from "#core/script/expression.ts";
import type { SourceMap } from "./compile-contract.ts";
import { compileExpression } from "./compile-expression.ts";
import type { ASTNode } from "./parse-source.ts";
import { Refusal, type OffsetProblem } from "./source-problem.ts";

export interface ReadContract {
  readonly program: Program;
  readonly problems: readonly OffsetProblem[];
  readonly map: SourceMap;
}

export function readSections(
  whole: ASTNode,
  source: string,
  inputs: Readonly<Record<string, ValueType>>,
): ReadContract {
  const reader = new SectionReader(source, inputs);
  const program = reader.program(whole);
  return { program, problems: reader.problems, map: { ofTree: reader.offsets, ofPlace: reader.places } };
}

const SECTIONS = ["contract", "let", "commands", "timers", "outcome", "queries"] as const;
/** Stands for an expression that could not be read, so that the rest is looked at, too. */
const NOTHING: Expression = { op: "false" };

interface Entry {
  readonly key: string;
  readonly node: ASTNode;
}

class SectionReader {
  readonly problems: OffsetProblem[] = [];
  readonly offsets = new Map<Expression, number>();
  readonly places = new Map<string, number>();
  readonly #source: string;
  readonly #inputs: Readonly<Record<string, ValueType>>;
  readonly #lets: string[] = [];
  /** Uses of inputs, by name: their places in the table are known when all are. */
  readonly #uses: { readonly name: string; readonly leaf: { op: "input"; index: number } }[] = [];

  constructor(source: string, inputs: Readonly<Record<string, ValueType>>) {
    this.#source = source;
    this.#inputs = inputs;
  }

  program(whole: ASTNode): Program {
    const sections = new Map(this.#entries("", whole).map(({ key, node }) => [key, node]));
    for (const [key, node] of sections) {
      const known: readonly string[] = SECTIONS;
      if (!known.includes(key)) this.#structure(node, `no section "${key}"`, { word: key, known });
    }
    const read = (section: (typeof SECTIONS)[number]): readonly Entry[] => {
      const node = sections.get(section);
      return node === undefined ? [] : this.#entries(section, node);
    };
    const lets = read("let").map(({ key, node }) => {
      const value = this.#expression(node);
      const isInput = Object.keys(this.#inputs).some((name) => name === key || name.startsWith(`${key}.`));
      if (isInput) this.#structure(node, `inputs are called "${key}" already`, undefined, "choose another name");
      this.#lets.push(key);
      return { name: key, value };
    });
    const named = (entries: readonly Entry[]): readonly NamedExpression[] =>
      byName(entries.map(({ key, node }) => ({ name: key, value: this.#expression(node) })));
    const program = {
      name: this.#name(whole, sections.get("contract")),
      lets,
      commands: byName(read("commands").map(({ key, node }) => this.#command(key, node))),
      timers: named(read("timers")),
      outcome: named(read("outcome")),
      queries: named(read("queries")),
    };
    return { ...program, inputs: this.#inputTable() };
  }

  #name(whole: ASTNode, node: ASTNode | undefined): string {
    const name: unknown = node?.op === "value" ? node.args : undefined;
    if (typeof name === "string" && /^[a-z][a-z0-9-]{0,47}$/.test(name)) return name;
    this.#structure(node ?? whole, '"contract" is no name', undefined, 'begin with "contract": "my-contract", …');
    return "";
  }

  #command(name: string, node: ASTNode): Program["commands"][number] {
    const parts = this.#parts(`commands.${name}`, node, ["from", "states", "guard"]);
    const guard = parts.get("guard");
    return {
      name,
      from: this.#words(parts.get("from")),
      states: this.#words(parts.get("states")),
      guard: guard === undefined ? NOTHING : this.#expression(guard),
    };
  }

  /** The entries of a map that has exactly these. */
  #parts(place: string, node: ASTNode, expected: readonly string[]): ReadonlyMap<string, ASTNode> {
    const parts = new Map(this.#entries(place, node).map((entry) => [entry.key, entry.node]));
    for (const [key, part] of parts) {
      if (!expected.includes(key)) this.#structure(part, `${place}: no "${key}"`, { word: key, known: expected });
    }
    for (const key of expected) {
      if (!parts.has(key)) this.#structure(node, `${place}: "${key}" is missing`);
    }
    return parts;
  }

  #words(node: ASTNode | undefined): readonly string[] {
    if (node === undefined) return [];
    const words = node.op === "list" ? node.args.map((item): unknown => (item.op === "value" ? item.args : 0)) : [];
    const texts = words.filter((word) => typeof word === "string");
    if (texts.length === 0 || texts.length < words.length || new Set(texts).size < texts.length) {
      this.#structure(node, "no list of different words", undefined, 'write ["station", "vehicle"]');
      return [];
    }
    return texts.sort(compareTexts);
  }

  /** Keys are literals, each there once. */
  #entries(place: string, node: ASTNode): readonly Entry[] {
    if (node.op !== "map") {
      const where = place === "" ? "the contract" : `"${place}"`;
      this.#structure(node, `${where} is no map`, undefined, 'write { "name": …, … }');
      return [];
    }
    const entries = new Map<string, ASTNode>();
    for (const [keyNode, value] of node.args) {
      const key: unknown = keyNode.op === "value" ? keyNode.args : undefined;
      if (typeof key !== "string") {
        this.#structure(keyNode, "a key that is no literal text", undefined, "put quotes around it");
      } else if (entries.has(key)) this.#structure(keyNode, `"${key}" for the second time`);
      else {
        entries.set(key, value);
        this.places.set(place === "" ? key : `${place}.${key}`, keyNode.pos);
      }
    }
    return [...entries].map(([key, value]) => ({ key, node: value }));
  }

  #expression(node: ASTNode): Expression {
    const names = {
      resolve: (name: string): Expression | undefined => this.#resolve(name),
      known: (): readonly string[] => [...this.#lets, ...Object.keys(this.#inputs)],
    };
    try {
      const { tree, offsets } = compileExpression(node, this.#source, names);
      for (const [part, offset] of offsets) this.offsets.set(part, offset);
      return tree;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.problems.push(refusal.problem);
      return NOTHING;
    }
  }

  #resolve(name: string): Expression | undefined {
    const index = this.#lets.indexOf(name);
    if (index >= 0) return { op: "let", index };
    if (!Object.hasOwn(this.#inputs, name)) return undefined;
    const leaf = { op: "input" as const, index: 0 };
    this.#uses.push({ name, leaf });
    return leaf;
  }

  /** The inputs that are used, in the order of their names; every use learns its number. */
  #inputTable(): Program["inputs"] {
    const names = [...new Set(this.#uses.map(({ name }) => name))].sort(compareTexts);
    for (const { name, leaf } of this.#uses) leaf.index = names.indexOf(name);
    return names.map((name) => ({ name, type: this.#inputs[name] ?? "any" }));
  }

  #structure(
    { pos }: ASTNode,
    message: string,
    unknown?: OffsetProblem["unknown"],
    advice = unknown === undefined ? "see the README of core/script" : `there are ${unknown.known.join(", ")}`,
  ): void {
    const problem = { code: "CONTRACT_STRUCTURE", offset: pos, message, advice } as const;
    this.problems.push(unknown === undefined ? problem : { ...problem, unknown });
  }
}

function byName<Named extends { readonly name: string }>(entries: readonly Named[]): readonly Named[] {
  return [...entries].sort((left, right) => compareTexts(left.name, right.name));
}
