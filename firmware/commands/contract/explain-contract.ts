/** `contract explain`: who may do what and when, what is waited for, and what it comes to, in plain words. */
import type { PrintedNames } from "#authoring/print-expression.ts";
import type { Expression } from "#core/script/expression.ts";
import type { Program } from "#core/script/program.ts";
import { runOutcome } from "#core/script/run-program.ts";
import type { Value } from "#core/script/value.ts";
import { kwhText } from "#records/quantity-text.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { COMMAND_WORDS, wordsOf } from "./contract-words.ts";
import type { LoadedContract } from "./load-contract.ts";
import { SESSION_CASES } from "./session-cases.ts";

export function explainContract({ program, codeHash }: LoadedContract, asJson: boolean): readonly string[] {
  const names = { inputs: program.inputs.map(({ name }) => name), lets: program.lets.map(({ name }) => name) };
  const explained = {
    contract: program.name,
    codeHash,
    words: program.lets.map(({ name, value }) => ({ name, is: casesOf(value, names) })),
    commands: inOrder(Object.keys(ENERGY_SURFACE.commands), program.commands, ({ name }) => name).map((command) => {
      const { name, from, guard } = command;
      const states = inOrder(ENERGY_SURFACE.commands[name]?.states ?? [], command.states, (state) => state);
      return { name, from, states, guard: guard.op === "true" ? "" : wordsOf(guard, names) };
    }),
    timers: program.timers.map(({ name, value }) => ({ name, until: wordsOf(value, names) })),
    outcome: program.outcome.map(({ name, value }) => ({ name, is: casesOf(value, names) })),
    examples: SESSION_CASES.map(({ name, values }) => ({ name, ...exampleOf(program, values) })),
  };
  return asJson ? [JSON.stringify(explained)] : linesOf(explained);
}

interface Explained {
  readonly contract: string;
  readonly codeHash: string;
  readonly words: readonly Rule[];
  readonly commands: readonly {
    readonly name: string;
    readonly from: readonly string[];
    readonly states: readonly string[];
    readonly guard: string;
  }[];
  readonly timers: readonly { readonly name: string; readonly until: string }[];
  readonly outcome: readonly Rule[];
  readonly examples: readonly ({ readonly name: string } & Example)[];
}

interface Rule {
  readonly name: string;
  readonly is: readonly OutcomeCase[];
}

interface OutcomeCase {
  readonly value: string;
  /** Empty for the one that is left when no other holds. */
  readonly when: string;
}

interface Example {
  readonly state: string;
  readonly billed: string;
  readonly contested: string;
  readonly ending: string;
  readonly silent: string;
}

function linesOf(explained: Explained): readonly string[] {
  return [
    `The contract "${explained.contract}", code hash ${explained.codeHash}`,
    "",
    "What may be said, by whom and when:",
    ...explained.commands.flatMap(({ name, from, states, guard }) => [
      `  ${name}: ${COMMAND_WORDS[name] ?? ""}`,
      `      by ${from.join(" or ")}, while ${states.join(", ")}${guard === "" ? "" : `, if ${guard}`}`,
    ]),
    "",
    "How long is waited:",
    ...explained.timers.map(({ name, until }) => `  ${name}: until ${until}`),
    "",
    "Words that the rules use; of each list, the first line that holds:",
    ...explained.words.flatMap(ruleLines),
    "",
    "How it ends:",
    ...explained.outcome.flatMap(ruleLines),
    "",
    "What that comes to, for a station that signed 20 kWh:",
    ...table([
      ["case", "state", "billed", "contested", "by", "silent"],
      ...explained.examples.map((each) => {
        return [each.name, each.state, each.billed, each.contested, each.ending, each.silent];
      }),
    ]),
  ];
}

function ruleLines({ name, is }: Rule): readonly string[] {
  const [only] = is;
  if (is.length === 1 && only !== undefined) return [`  ${name}: ${only.value}`];
  return [
    `  ${name}:`,
    ...is.map(({ value, when }) => `      ${value}${when === "" ? ", otherwise" : `, if ${when}`}`),
  ];
}

/** A program has its tables in the order of names; people expect that of the charge. */
function inOrder<Entry>(
  words: readonly string[],
  entries: readonly Entry[],
  wordOf: (entry: Entry) => string,
): readonly Entry[] {
  return [...entries].sort((left, right) => words.indexOf(wordOf(left)) - words.indexOf(wordOf(right)));
}

/** a ? b : c ? d : e, written out as the cases that it is. */
function casesOf(tree: Expression, names: PrintedNames): readonly OutcomeCase[] {
  if (tree.op !== "if") return [{ value: wordsOf(tree, names), when: "" }];
  const [condition, yes, no] = tree.operands;
  if (condition === undefined || yes === undefined || no === undefined) return [];
  return [{ value: wordsOf(yes, names), when: wordsOf(condition, names) }, ...casesOf(no, names)];
}

function exampleOf(program: Program, values: Readonly<Record<string, Value>>): Example {
  const { fields } = runOutcome(program, values);
  if (!fields.ok) return { state: fields.fault.code, billed: "", contested: "", ending: "", silent: "" };
  const { state, billed, contested, ending, stationSilent, vehicleSilent } = fields.value;
  const silent = [stationSilent === true ? "station" : "", vehicleSilent === true ? "vehicle" : ""];
  return {
    state: String(state),
    billed: kwhText(Number(billed)),
    contested: kwhText(Number(contested)),
    ending: String(ending),
    silent: silent.filter((role) => role !== "").join(", "),
  };
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
