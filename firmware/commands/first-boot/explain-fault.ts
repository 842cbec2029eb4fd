/** A fault of the configuration as one of the card: with its line, what is most likely meant, and a right example. */
import type { ConfigFault } from "#config/shape.ts";
import { closestWord } from "../closest-word.ts";
import { EXAMPLES } from "./card-examples.ts";
import type { CardFault } from "./card-fault.ts";
import { isTable, valueAt } from "./gives-way.ts";
import { lineOfKey, type KeyLines } from "./key-lines.ts";
import type { Table } from "./read-card.ts";

/** @param usual the defaults of the gateway's role */
export function explainFault({ path, found, expected }: ConfigFault, lines: KeyLines, usual: Table): CardFault {
  const line = lineOfKey(lines, path);
  const words = knownKeys(expected);
  const told =
    words === undefined
      ? { expected: PLAINER[`${path}: ${found}`] ?? expected, ...meantOf({ path, found, expected }, usual) }
      : unknownKey(path, words, line === undefined);
  return { path, found, ...(line === undefined ? {} : { line }), ...told };
}

/** Where the reader of a table can only say which keys it has. */
const PLAINER: Readonly<Record<string, string>> = {
  "broker: nothing": "the address of the region's broker: that of the charger, whose gateway runs it",
  "role: nothing": "what this gateway is: charger or vehicle",
};

const KNOWN_HERE = "no such key; known here: ";

function knownKeys(expected: string): readonly string[] | undefined {
  return expected.startsWith(KNOWN_HERE) ? expected.slice(KNOWN_HERE.length).split(", ") : undefined;
}

function unknownKey(
  path: string,
  known: readonly string[],
  isNowhere: boolean,
): Pick<CardFault, "expected" | "advice"> {
  const isTop = !path.includes(".");
  const words = isTop ? [...known.filter((word) => !DEVICE_ONLY.includes(word)), "network"] : known;
  const last = path.slice(path.lastIndexOf(".") + 1);
  const meant = closestWord(last, words);
  const place = isTop ? "at the top of the file or as a [table]" : `in [${path.slice(0, path.lastIndexOf("."))}]`;
  const expected = `a key that is known ${place}: ${words.join(", ")}`;
  // A key that was written below a [table] belongs to that table, whatever was meant.
  if (meant !== undefined) return { expected, advice: `Most likely ${meant} is meant` };
  return isNowhere ? { expected } : { expected, advice: "Delete the line, or move it below the [table] it belongs to" };
}

const DEVICE_ONLY = ["state", "flash", "key", "bench"];

/** What most likely is meant: a word of the list, the same number in quotes, the written example, or the default. */
function meantOf({ path, found, expected }: Omit<ConfigFault, "code">, usual: Table): Pick<CardFault, "example"> {
  if (expected.startsWith("nothing")) return {};
  const plain = path.replaceAll(/\[\d+\]/g, "");
  const key = plain.slice(plain.lastIndexOf(".") + 1);
  if (/\bin quotes\b/.test(expected) && /^\d+(\.\d+)?$/.test(found)) return { example: `${key} = "${found}"` };
  const words = /^one of (.*)$/.exec(expected)?.[1]?.split(", ") ?? [];
  const meant = closestWord(unquoted(found), words.map(unquoted));
  if (meant !== undefined) return { example: `${key} = "${meant}"` };
  const written = EXAMPLES[plain];
  if (written !== undefined) return { example: written };
  const value = valueAt(usual, plain);
  if (value === undefined || isTable(value) || Array.isArray(value)) return {};
  return { example: `${key} = ${JSON.stringify(value)}` };
}

function unquoted(word: string): string {
  return word.replaceAll(/^"|"$/g, "");
}
