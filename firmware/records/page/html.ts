/**
 * Pieces of an HTML page. Whatever is put into a template as text is escaped, so that no name, reason or number of a
 * stranger can become markup: only another piece is taken as it is.
 */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = string | number | Html | readonly Html[];

/** markup`<p title="${text}">${text}</p>`: values may stand between tags and inside quoted attributes. */
export function markup(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const pieces = parts.map((part, place) => `${part}${place < values.length ? markupOf(values[place] ?? "") : ""}`);
  return new Html(pieces.join(""));
}

export const NO_HTML = new Html("");

function markupOf(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return value.toString();
  return value.map(({ text }) => text).join("");
}

/** The five characters that can begin or end markup or a quoted attribute (HTML, 13.3). */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
