/**
 * A CBOR writer that strays from the canonical form at one chosen item, so that a test can try every way of straying at
 * every item of a value. Written apart from our encoder, which cannot stray.
 */
import { concatBytes } from "#base/bytes.ts";
import { isMap, type CborValue } from "#core/wire/cbor.ts";

export const STRAYS = [
  "longer head",
  "longest head",
  "without end",
  "tagged",
  "as a float",
  "keys reversed",
  "key repeated",
  "undefined for null",
  "simple in two bytes",
  "overlong text",
] as const;
export type Stray = (typeof STRAYS)[number];

/** Every encoding of the value that strays in one way at one item. */
export function* strayEncodings(value: CborValue): Generator<{ readonly stray: Stray; readonly bytes: Uint8Array }> {
  for (const stray of STRAYS) {
    for (let at = 0, isPastEnd = false; !isPastEnd; at += 1) {
      const writer = new LooseWriter(stray, at);
      const bytes = writer.item(value);
      if (writer.hasStrayed) yield { stray, bytes };
      isPastEnd = at >= writer.items;
    }
  }
}

/** The canonical encoding, by this writer. */
export function looseEncoding(value: CborValue): Uint8Array {
  return new LooseWriter("tagged", -1).item(value);
}

class LooseWriter {
  readonly #stray: Stray;
  readonly #at: number;
  items = 0;
  hasStrayed = false;

  constructor(stray: Stray, at: number) {
    this.#stray = stray;
    this.#at = at;
  }

  item(value: CborValue): Uint8Array {
    const strays = this.items === this.#at;
    this.items += 1;
    const one = (stray: Stray, applies = true): boolean => {
      const does = strays && stray === this.#stray && applies;
      this.hasStrayed ||= does;
      return does;
    };
    if (one("tagged")) return concatBytes(Uint8Array.of(0xc1), this.item(value));
    if (value === null) return Uint8Array.of(one("undefined for null") ? 0xf7 : 0xf6);
    if (typeof value === "boolean") {
      const code = value ? 21 : 20;
      return one("simple in two bytes") ? Uint8Array.of(0xf8, code) : Uint8Array.of(0xe0 | code);
    }
    const head = (major: number, argument: number): Uint8Array => {
      if (one("longest head", argument < 0x100000000)) return headOf(major, argument, 8);
      const width = widthOf(argument);
      return headOf(major, argument, one("longer head", width < 8) ? Math.max(1, 2 * width) : width);
    };
    if (typeof value === "number") {
      if (one("as a float")) return float(value);
      return value < 0 ? head(1, -1 - value) : head(0, value);
    }
    if (value instanceof Uint8Array || typeof value === "string") {
      const major = value instanceof Uint8Array ? 2 : 3;
      const content = value instanceof Uint8Array ? value : new TextEncoder().encode(value);
      if (one("without end")) return concatBytes(Uint8Array.of((major << 5) | 31), chunk(major, content), BREAK);
      if (major === 3 && one("overlong text", (content[0] ?? 0x80) < 0x80)) return overlong(content);
      return concatBytes(head(major, content.length), content);
    }
    return this.#container(value, head, one);
  }

  #container(
    value: readonly CborValue[] | ReadonlyMap<number, CborValue>,
    head: (major: number, argument: number) => Uint8Array,
    one: (stray: Stray, applies?: boolean) => boolean,
  ): Uint8Array {
    const major = isMap(value) ? 5 : 4;
    let entries = isMap(value) ? [...value].sort(([left], [right]) => left - right) : value.map((item) => [item]);
    if (one("keys reversed", isMap(value) && entries.length > 1)) entries = entries.reverse();
    if (one("key repeated", isMap(value) && entries.length > 0)) entries = [...entries.slice(0, 1), ...entries];
    const isEndless = one("without end");
    const start = isEndless ? Uint8Array.of((major << 5) | 31) : head(major, entries.length);
    const content = entries.flat().map((item) => this.item(item));
    return concatBytes(start, ...content, isEndless ? BREAK : new Uint8Array(0));
  }
}

const BREAK = Uint8Array.of(0xff);

/** Bytes of the argument beside the initial byte: 0, 1, 2, 4 or 8. */
function widthOf(argument: number): number {
  if (argument < 24) return 0;
  if (argument < 0x100) return 1;
  if (argument < 0x10000) return 2;
  return argument < 0x100000000 ? 4 : 8;
}

function headOf(major: number, argument: number, width: number): Uint8Array {
  if (width === 0) return Uint8Array.of((major << 5) | argument);
  const digits = argument.toString(16).padStart(2 * width, "0");
  return Uint8Array.of((major << 5) | (24 + Math.log2(width)), ...Buffer.from(digits, "hex"));
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xfb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

function chunk(major: number, content: Uint8Array): Uint8Array {
  return concatBytes(headOf(major, content.length, widthOf(content.length)), content);
}

/** The first letter in two bytes instead of one. */
function overlong(content: Uint8Array): Uint8Array {
  const first = content[0] ?? 0;
  return chunk(3, concatBytes(Uint8Array.of(0xc0 | (first >>> 6), 0x80 | (first & 0x3f)), content.subarray(1)));
}
