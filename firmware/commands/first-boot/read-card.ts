/** The card's text as tables. A line that is no TOML is told and left out, so that all such lines are told at once. */
import { parse, TomlError } from "smol-toml";
import { keyLines, type KeyLines } from "./key-lines.ts";
import { syntaxHint } from "./syntax-hints.ts";
import { CARD_NAME, type CardFault } from "./card-fault.ts";

export type Table = Readonly<Record<string, unknown>>;

export interface Card {
  /** Without the lines that could not be read. */
  readonly tables: Table;
  readonly lines: KeyLines;
  readonly faults: readonly CardFault[];
}

/** @param text with plain line ends */
export function readCard(text: string): Card {
  const faults: CardFault[] = [];
  const original = text.split("\n");
  const lines = [...original];
  // Each round leaves out at least one line, or puts one right that goes in the next.
  for (let round = 0; round < 2 * SYNTAX_FAULTS_MAX; round += 1) {
    const read = tryParse(lines.join("\n"));
    if (read.tables !== undefined) return { tables: read.tables, lines: keyLines(text), faults };
    const { number, reason } = read;
    if (!faults.some(({ line }) => line === number)) faults.push(faultOf(original, number, reason));
    leaveOut(lines, number, original[number - 1] ?? "", reason);
  }
  return { tables: {}, lines: keyLines(text), faults };
}

/** So many are told; whoever made more is helped more by an example. */
const SYNTAX_FAULTS_MAX = 12;

type Read =
  { readonly tables: Table } | { readonly tables?: undefined; readonly number: number; readonly reason: string };

function tryParse(text: string): Read {
  try {
    return { tables: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { number: error.line, reason: (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "") };
  }
}

function faultOf(lines: readonly string[], number: number, reason: string): CardFault {
  const line = lines[number - 1] ?? "";
  const found = line.trim() === "" ? `an empty place (${reason})` : line.trim().slice(0, 80);
  const key = pathAt(lines, number) ?? CARD_NAME;
  const hint = syntaxHint(line, reason);
  if (!/password/i.test(line)) return { path: key, line: number, found, ...hint };
  // Reports are read aloud and sent around.
  return { path: key, line: number, found: `${key} = …`, expected: hint.expected };
}

/** The key that stands on this line, with the table that it belongs to; the sign between key and value may be wrong. */
function pathAt(lines: readonly string[], number: number): string | undefined {
  const key = /^\s*([\w.-]+)\s*[=:]/.exec(lines[number - 1] ?? "")?.[1];
  if (key === undefined) return undefined;
  const above = lines.slice(0, number).findLast((line) => /^\s*\[/.test(line));
  const table = /^\s*\[\s*([\w.-]+)/.exec(above ?? "")?.[1];
  return table === undefined ? key : `${table}.${key}`;
}

/**
 * The line as it was meant, if that is known: its key is then not told to be missing. Else nothing in its place. A
 * table whose header stands there twice would take its keys to the table above it: they go with it.
 */
function leaveOut(lines: string[], number: number, line: string, reason: string): void {
  const { example } = syntaxHint(line, reason);
  // What was put right once and still does not fit goes.
  lines[number - 1] = example !== undefined && lines[number - 1] === line ? example : "";
  if (!/^\s*\[/.test(line) || example !== undefined) return;
  for (let next = number; next < lines.length && !/^\s*\[/.test(lines[next] ?? ""); next += 1) lines[next] = "";
}
