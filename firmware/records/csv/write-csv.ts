/**
 * Tables for spreadsheets (RFC 4180): lines end with CR LF, fields are quoted where they must be. A text that a
 * spreadsheet would take for a formula gets an apostrophe in front, so that opening a file runs nothing.
 */
export interface CsvForm {
  /** With a comma, fields are parted by semicolons, as spreadsheets of those countries expect. */
  readonly decimal: "point" | "comma";
  /** A mark in front by which Excel knows that it is UTF-8. */
  readonly byteOrderMark: boolean;
}

/** A text, or a number by its digits; undefined is empty. */
export type CsvField = string | { readonly digits: string } | undefined;

export function writeCsv(rows: readonly (readonly CsvField[])[], form: CsvForm): string {
  const separator = form.decimal === "comma" ? ";" : ",";
  const lines = rows.map((row) => row.map((field) => fieldText(field, form, separator)).join(separator));
  return `${form.byteOrderMark ? "\ufeff" : ""}${lines.map((line) => `${line}\r\n`).join("")}`;
}

function fieldText(field: CsvField, { decimal }: CsvForm, separator: string): string {
  if (field === undefined) return "";
  if (typeof field !== "string") return decimal === "comma" ? field.digits.replace(".", ",") : field.digits;
  const harmless = FORMULA.test(field) ? `'${field}` : field;
  const mustQuote = /["\r\n]/.test(harmless) || harmless.includes(separator) || harmless !== harmless.trim();
  return mustQuote ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Signs by which a spreadsheet begins to calculate, also behind blanks, and in their wide forms. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/u;
