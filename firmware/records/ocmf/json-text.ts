/**
 * JSON as it was written (RFC 8259): numbers keep their digits, members their order and repetitions. A meter's
 * `2935.600` says more than 2935.6, and what is signed is the text. `JSON.parse` would lose all of it.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { TextRefusal } from "./text-refusal.ts";

export type JsonText =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** The digits as they stand in the text. */
  | { readonly kind: "number"; readonly digits: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly JsonText[] }
  | { readonly kind: "object"; readonly members: readonly JsonMember[] };

export type JsonMember = readonly [name: string, value: JsonText];

export interface JsonFault {
  readonly code: "JSON_NOT_READABLE";
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly reason: string;
}

export interface ReadJson {
  readonly value: JsonText;
  /** Where the value ends: behind its last character. */
  readonly end: number;
}

/** Reads the one value that begins at `start`, blanks before it allowed; what follows it is the caller's. */
export function readJson(text: string, start = 0): Result<ReadJson, JsonFault> {
  const reader = new Reader(text, start);
  try {
    const value = reader.value(0);
    return ok({ value, end: reader.place });
  } catch (refusal) {
    if (refusal instanceof TextRefusal) return fail({ code: "JSON_NOT_READABLE", ...refusal.at });
    throw refusal;
  }
}

/** The first member of that name; `undefined` for anything but an object that has one. */
export function memberOf(value: JsonText | undefined, name: string): JsonText | undefined {
  if (value?.kind !== "object") return undefined;
  return value.members.find(([each]) => each === name)?.[1];
}

/** Names that stand more than once, also in objects within: readers differ in which of them they take. */
export function repeatedNames(value: JsonText): readonly string[] {
  if (value.kind === "list") return value.items.flatMap(repeatedNames);
  if (value.kind !== "object") return [];
  const names = value.members.map(([name]) => name);
  const repeated = names.filter((name, place) => names.indexOf(name) !== place);
  return [...repeated, ...value.members.flatMap(([, member]) => repeatedNames(member))];
}

/** More than any record of a meter has, and few enough for the stack. */
const DEPTH_MAX = 16;

class Reader {
  readonly #text: string;
  place: number;

  constructor(text: string, start: number) {
    this.#text = text;
    this.place = start;
  }

  value(depth: number): JsonText {
    if (depth > DEPTH_MAX) this.#refuse(`nested deeper than ${DEPTH_MAX}`);
    this.#skipBlanks();
    const first = this.#text[this.place];
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#list(depth);
    if (first === '"') return { kind: "text", text: this.#string() };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: "number", digits: number };
    const word = this.#match(WORD);
    if (word === "true" || word === "false") return { kind: "boolean", value: word === "true" };
    return word === "null" ? { kind: "null" } : this.#refuse("no value");
  }

  #object(depth: number): JsonText {
    const members: JsonMember[] = [];
    this.place += 1;
    if (this.#takes("}")) return { kind: "object", members };
    do {
      this.#skipBlanks();
      if (this.#text[this.place] !== '"') this.#refuse("no name");
      const name = this.#string();
      if (!this.#takes(":")) this.#refuse("no colon behind a name");
      members.push([name, this.value(depth + 1)]);
    } while (this.#takes(","));
    return this.#takes("}") ? { kind: "object", members } : this.#refuse("an object without an end");
  }

  #list(depth: number): JsonText {
    const items: JsonText[] = [];
    this.place += 1;
    if (this.#takes("]")) return { kind: "list", items };
    do items.push(this.value(depth + 1));
    while (this.#takes(","));
    return this.#takes("]") ? { kind: "list", items } : this.#refuse("a list without an end");
  }

  /** By hand: a text may be longer than the stack of a regular expression. */
  #string(): string {
    const start = this.place;
    this.place += 1;
    for (;;) {
      const unit = this.#text.charCodeAt(this.place);
      // Control characters are those below U+0020 (section 7); the end of the text is no number.
      if (Number.isNaN(unit) || unit < 0x20)
        this.#refuse("a text without an end, or with a character that it may not have");
      if (unit === QUOTE) break;
      if (unit !== BACKSLASH) this.place += 1;
      else if (this.#match(ESCAPED) === undefined) this.#refuse("an escape that there is not");
    }
    this.place += 1;
    return this.#text.slice(start + 1, this.place - 1).replaceAll(ESCAPE, unescaped);
  }

  #takes(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.place] !== character) return false;
    this.place += 1;
    return true;
  }

  #skipBlanks(): void {
    this.#match(BLANKS);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.place;
    const found = pattern.exec(this.#text)?.[0];
    this.place += found?.length ?? 0;
    return found;
  }

  #refuse(reason: string): never {
    throw new TextRefusal(this.place, reason);
  }
}

const BLANKS = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[a-z]+/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPED = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const LETTERS = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function unescaped(_: string, unit: string | undefined, letter: string | undefined): string {
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
  return LETTERS.get(letter ?? "") ?? letter ?? "";
}
