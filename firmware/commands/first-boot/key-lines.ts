/**
 * On which line of a TOML text each key stands: `meter.unit` is line 12, `meter` the line of its header. It reads line
 * by line and judges nothing, so it also serves texts that are no TOML; of a key that is there twice it has the first.
 */
export type KeyLines = ReadonlyMap<string, number>;

export function keyLines(text: string): KeyLines {
  const lines = new Map<string, number>();
  const note = (path: string, line: number): void => {
    if (!lines.has(path)) lines.set(path, line);
  };
  let tableName = "";
  let quote: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const isInText = quote !== undefined;
    quote = quoteAfter(line, quote);
    if (isInText) continue;
    const header = HEADER.exec(line)?.groups?.["name"];
    const key = header === undefined ? KEY.exec(line)?.groups?.["key"] : undefined;
    if (header !== undefined) tableName = plainPath(header);
    if (header !== undefined) note(tableName, index + 1);
    if (key !== undefined) note(tableName === "" ? plainPath(key) : `${tableName}.${plainPath(key)}`, index + 1);
  }
  return lines;
}

/** The line of the key, or of the table that it belongs in. */
export function lineOfKey(lines: KeyLines, path: string): number | undefined {
  const parts = path.replaceAll(/\[\d+\]/g, "").split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const line = lines.get(parts.slice(0, length).join("."));
    if (line !== undefined) return line;
  }
  return undefined;
}

const HEADER = /^\s*\[{1,2}(?<name>[^\]=]+)\]{1,2}\s*(#.*)?$/;
const KEY = /^\s*(?<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/;

function plainPath(path: string): string {
  return path
    .split(".")
    .map((part) => part.trim().replaceAll(/^["']|["']$/g, ""))
    .join(".");
}

/** A text over several lines is open when its three quotes stand there an odd number of times. */
function quoteAfter(line: string, open: string | undefined): string | undefined {
  let current = open;
  for (const [mark] of line.matchAll(/"""|'''/g)) {
    if (current === undefined) current = mark;
    else if (current === mark) current = undefined;
  }
  return current;
}
