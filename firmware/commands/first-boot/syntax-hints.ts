/** What most likely happened to a line that is no TOML, and the line as it was meant. */
import { parse } from "smol-toml";

export interface SyntaxHint {
  readonly expected: string;
  readonly advice?: string;
  /** The line put right, where that is sure enough to be shown. */
  readonly example?: string;
}

/** @param reason what the parser says */
export function syntaxHint(line: string, reason: string): SyntaxHint {
  const found = HINTS.find(({ pattern, reason: wanted }) => pattern.test(line) && (wanted?.test(reason) ?? true));
  if (found === undefined) return { expected: 'a line of the form: key = value, or [table], or a comment behind "#"' };
  const { expected, advice, mend } = found;
  const mended = mend === undefined ? undefined : line.trim().replace(...mend);
  const isRight = mended !== undefined && isToml(mended);
  return { expected, ...(advice === undefined ? {} : { advice }), ...(isRight ? { example: mended } : {}) };
}

interface Hint {
  readonly pattern: RegExp;
  readonly reason?: RegExp;
  readonly expected: string;
  readonly advice?: string;
  /** What is replaced by what. */
  readonly mend?: readonly [RegExp, string];
}

/** The first that fits is told. */
const HINTS: readonly Hint[] = [
  {
    pattern: /[“”„‟«»″]/,
    expected: 'plain quotes ", not typographic ones',
    advice: "Phones and word processors change quotes while one types: switch smart punctuation off",
    mend: [/[“”„‟«»″]/g, '"'],
  },
  {
    pattern: /[‘’‚‛′`´]/,
    expected: 'plain quotes ", not typographic ones',
    advice: "Phones and word processors change quotes while one types: switch smart punctuation off",
    mend: [/[‘’‚‛′`´]/g, '"'],
  },
  {
    pattern: /[\u00a0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff]/,
    expected: "plain spaces: there is an invisible character in this line",
    advice: "Delete the line and type it again; it was copied from a page or a chat",
    mend: [/[\u00a0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff]/g, " "],
  },
  {
    pattern: /./,
    reason: /redefine/,
    expected: "each key and each [table] once",
    advice: "It stands above already: delete one of the two",
  },
  {
    pattern: /\\/,
    reason: /escape|control/,
    expected: "single quotes around a text with a backslash",
    mend: [/=\s*"([^'"]*)"/, "= '$1'"],
  },
  { pattern: /^\s*[\w.-]+\s*:/, expected: "= between key and value", mend: [/^([\w.-]+)\s*:\s*/, "$1 = "] },
  {
    pattern: /=\s*\d+,\d+/,
    expected: 'a point in a number with decimals; a price stands in quotes, such as "0.35"',
    mend: [/=\s*(\d+),(\d+)/, "= $1.$2"],
  },
  { pattern: /=\s*(#.*)?$/, expected: "a value behind the =" },
  { pattern: /^\s*\[[^\]]*$/, expected: "] at the end", mend: [/^\[\s*([\w.-]+)\s*$/, "[$1]"] },
  {
    pattern: /=\s*["'][^"']*$/,
    expected: "a quote at the end of the text, too",
    mend: [/=\s*(["'])([^"']*?)\s*$/, "= $1$2$1"],
  },
  {
    pattern: /=\s*(true|false|yes|no|on|off)\s*(#.*)?$/i,
    expected: "true or false, in small letters",
  },
  {
    pattern: /=\s*0\d+\s*(#.*)?$/,
    expected: "a number without a zero in front; text in quotes",
    mend: [/=\s*0+(\d)/, "= $1"],
  },
  {
    pattern: /=\s*\d+(\.\d+)?\s*[A-Za-z%°€$]/,
    expected: "the number alone: its unit is in the key's name",
    mend: [/=\s*(\d+(?:\.\d+)?).*$/, "= $1"],
  },
  { pattern: /=\s*[^"'\s]/, expected: "quotes around text", mend: [/=\s*([^"'#]*[^"'#\s])\s*(#.*)?$/, '= "$1"'] },
];

function isToml(line: string): boolean {
  try {
    parse(line);
    return true;
  } catch {
    return false;
  }
}
