/**
 * As much XML 1.0 as a container of signed values needs: elements, attributes, text, CDATA, comments and the named
 * characters of XML itself. Declarations of types and entities are refused: nothing good needs them, and they are how
 * an XML file makes its reader fetch or grow things.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { TextRefusal } from "./text-refusal.ts";

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children; line ends as U+000A. */
  readonly text: string;
}

export interface XmlFault {
  readonly code: "XML_NOT_READABLE";
  /** In UTF-16 units. */
  readonly offset: number;
  readonly reason: string;
}

export function readXml(text: string): Result<XmlElement, XmlFault> {
  try {
    return ok(new Reader(text.replaceAll(/\r\n?/g, "\n").replace(/^\ufeff/, "")).document());
  } catch (refusal) {
    if (refusal instanceof TextRefusal) return fail({ code: "XML_NOT_READABLE", ...refusal.at });
    throw refusal;
  }
}

/** `&`, `<`, `>` and quotes as XML writes them. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

const ELEMENTS_MAX = 16_384;
const DEPTH_MAX = 16;
const ATTRIBUTES_MAX = 32;

class Reader {
  readonly #text: string;
  #place = 0;
  #elements = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): XmlElement {
    this.#skipProlog();
    const root = this.#element(0);
    this.#skipProlog();
    if (this.#place < this.#text.length) this.#refuse("something behind the end of the document");
    return root;
  }

  #skipProlog(): void {
    for (;;) {
      this.#match(BLANKS);
      if (this.#text.startsWith("<?", this.#place)) this.#skipTo("?>");
      else if (this.#text.startsWith("<!--", this.#place)) this.#skipTo("-->");
      else if (this.#text.startsWith("<!", this.#place)) this.#refuse("a declaration of types or entities");
      else return;
    }
  }

  #element(depth: number): XmlElement {
    this.#elements += 1;
    if (depth > DEPTH_MAX || this.#elements > ELEMENTS_MAX) this.#refuse("too many elements");
    const name = this.#match(OPENING)?.[1];
    if (name === undefined) return this.#refuse("no element");
    const attributes = this.#attributes();
    if (this.#match(EMPTY_END) !== undefined) return { name: bare(name), attributes, children: [], text: "" };
    if (this.#match(TAG_END) === undefined) this.#refuse("a tag without an end");
    const children: XmlElement[] = [];
    let text = "";
    for (;;) {
      const closing = this.#match(CLOSING)?.[1];
      if (closing === name) return { name: bare(name), attributes, children, text };
      if (closing !== undefined) this.#refuse(`</${closing}> for <${name}>`);
      if (this.#text.startsWith("<!--", this.#place)) this.#skipTo("-->");
      else if (this.#text.startsWith("<?", this.#place)) this.#skipTo("?>");
      else if (this.#text[this.#place] === "<" && !this.#text.startsWith(CDATA, this.#place))
        children.push(this.#element(depth + 1));
      else text += this.#characters();
    }
  }

  #attributes(): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>();
    for (let match = this.#match(ATTRIBUTE); match !== undefined; match = this.#match(ATTRIBUTE)) {
      const name = bare(match[1] ?? "");
      if (attributes.has(name) || attributes.size >= ATTRIBUTES_MAX) this.#refuse("an attribute twice, or too many");
      attributes.set(name, this.#decoded(match[2] ?? match[3] ?? ""));
    }
    return attributes;
  }

  #characters(): string {
    if (this.#text.startsWith(CDATA, this.#place)) {
      const start = this.#place + CDATA.length;
      this.#skipTo("]]>");
      return this.#text.slice(start, this.#place - 3);
    }
    const end = this.#text.indexOf("<", this.#place);
    if (end < 0) this.#refuse("an element without an end");
    const text = this.#text.slice(this.#place, end);
    const decoded = this.#decoded(text);
    this.#place = end;
    return decoded;
  }

  #decoded(text: string): string {
    return text.replaceAll(/&([^;]{0,10});?/g, (whole, name: string) => {
      const named = ENTITIES.get(name);
      const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
      if (!whole.endsWith(";") || (named === undefined && number === null)) this.#refuse(`${whole} is no character`);
      if (named !== undefined) return named;
      const point = Number.parseInt(number?.[1] ?? number?.[2] ?? "0", number?.[1] === undefined ? 10 : 16);
      const isOne = point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
      return isOne ? String.fromCodePoint(point) : this.#refuse(`${whole} is no character`);
    });
  }

  #skipTo(end: string): void {
    const place = this.#text.indexOf(end, this.#place);
    if (place < 0) this.#refuse(`no ${end}`);
    this.#place = place + end.length;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#place;
    const found = pattern.exec(this.#text) ?? undefined;
    this.#place += found?.[0].length ?? 0;
    return found;
  }

  #refuse(reason: string): never {
    throw new TextRefusal(this.#place, reason);
  }
}

const CDATA = "<![CDATA[";
const BLANKS = /[ \t\n]*/y;
const NAME = "[A-Za-z_:][\\w:.-]*";
const OPENING = new RegExp(`<(${NAME})`, "y");
const CLOSING = new RegExp(`</(${NAME})[ \\t\\n]*>`, "y");
const ATTRIBUTE = new RegExp(`[ \\t\\n]+(${NAME})[ \\t\\n]*=[ \\t\\n]*(?:"([^"<]*)"|'([^'<]*)')`, "y");
const EMPTY_END = /[ \t\n]*\/>/y;
const TAG_END = /[ \t\n]*>/y;
const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function bare(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
