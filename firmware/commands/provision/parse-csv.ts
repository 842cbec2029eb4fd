/** A table from a spreadsheet (RFC 4180), with commas, semicolons or tabs, whichever its header has. */
import { fail, ok, type Result } from "#base/result.ts";
import type { ListFault } from "./gateway-list.ts";

export interface CsvRow {
  /** Where it begins, from 1: a field in quotes may hold line ends. */
  readonly line: number;
  /** Without blanks at their ends. */
  readonly fields: readonly string[];
}

/** @param text with plain line ends */
export function parseCsv(text: string): Result<readonly CsvRow[], ListFault> {
  const [header = ""] = text.split("\n");
  const separator = [";", "\t", ","].find((each) => header.includes(each)) ?? ",";
  const rows: CsvRow[] = [];
  let place = 0;
  let line = 1;
  while (place < text.length) {
    const row = readRow(text, place, separator);
    if (row === undefined) return fail({ line, path: "", problem: 'a quote " is not closed again' });
    if (row.fields.some((field) => field !== "")) rows.push({ line, fields: row.fields });
    line += text.slice(place, row.end).split("\n").length - 1;
    place = row.end;
  }
  return ok(rows);
}

interface ReadRow {
  readonly fields: readonly string[];
  readonly end: number;
}

/** Undefined where a quote is not closed. */
function readRow(text: string, start: number, separator: string): ReadRow | undefined {
  const fields: string[] = [];
  let place = start;
  for (;;) {
    const field = readField(text, place, separator);
    if (field === undefined) return undefined;
    fields.push(field.text.trim());
    place = field.end + 1;
    if (text[field.end] !== separator) return { fields, end: place };
  }
}

/** `end` is the separator, the line end or the end of the text. */
function readField(text: string, start: number, separator: string): { text: string; end: number } | undefined {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && text[end] !== separator && text[end] !== "\n") end += 1;
    return { text: text.slice(start, end), end };
  }
  let place = start + 1;
  let field = "";
  for (;;) {
    const quote = text.indexOf('"', place);
    if (quote < 0) return undefined;
    field += text.slice(place, quote);
    if (text[quote + 1] !== '"') return afterQuote(text, field, quote + 1, separator);
    field += '"';
    place = quote + 2;
  }
}

function afterQuote(text: string, field: string, start: number, separator: string): { text: string; end: number } {
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== "\n") end += 1;
  return { text: field + text.slice(start, end), end };
}
