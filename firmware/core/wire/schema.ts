/**
 * Shapes of signed objects, written once: a shape both writes a value as CBOR and reads it back, and refuses whatever
 * it does not describe (a missing or unknown key, a wrong type, a number out of range).
 */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { decodeCbor, encodeCbor, isMap, type CborFault, type CborValue } from "./cbor.ts";
import { encodeUtf8 } from "./utf8.ts";

export interface ShapeFault {
  readonly code: "WIRE_WRONG_SHAPE";
  /** Where in the object, from the outside in: field names and list indexes with dots between; empty for the whole. */
  readonly path: string;
  readonly expected: string;
}

export type WireFault = CborFault | ShapeFault;

export interface Shape<Value> {
  write(value: Value): CborValue;
  /** @throws Mismatch, which never leaves this file. */
  read(item: CborValue): Value;
}

export type ValueOf<S> = S extends Shape<infer Value> ? Value : never;

/** Encodes a value of our own making; a value outside the shape is a bug of ours and throws. */
export function encodeShape<Value>(shape: Shape<Value>, value: Value): Uint8Array {
  const item = shape.write(value);
  const readBack = readShape(shape, item);
  assert(readBack.ok, readBack.ok ? "" : `${readBack.fault.path} is not ${readBack.fault.expected}`);
  return encodeCbor(item);
}

/** Decodes bytes of anybody's making. */
export function decodeShape<Value>(shape: Shape<Value>, bytes: Uint8Array): Result<Value, WireFault> {
  const item = decodeCbor(bytes);
  return item.ok ? readShape(shape, item.value) : item;
}

export function readShape<Value>(shape: Shape<Value>, item: CborValue): Result<Value, ShapeFault> {
  try {
    return ok(shape.read(item));
  } catch (mismatch) {
    if (!(mismatch instanceof Mismatch)) throw mismatch;
    return fail({ code: "WIRE_WRONG_SHAPE", path: mismatch.path.join("."), expected: mismatch.message });
  }
}

class Mismatch extends Error {
  readonly path: string[] = [];
}

/** Of a key that is not there: what is wrong is the map, not a place in it. */
class Missing extends Mismatch {}

/** An integer from `min` to `max`, both included. */
export function integer(min: number, max: number): Shape<number> {
  return {
    write: (value) => value,
    read: (item) => {
      if (typeof item === "number" && Number.isSafeInteger(item) && item >= min && item <= max) return item;
      throw new Mismatch(`an integer from ${min} to ${max}`);
    },
  };
}

export const unsigned = integer(0, Number.MAX_SAFE_INTEGER);
export const signed = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

export const boolean: Shape<boolean> = {
  write: (value) => value,
  read: (item) => {
    if (typeof item === "boolean") return item;
    throw new Mismatch("true or false");
  },
};

/** A byte string of `min` to `max` bytes; of exactly `min` without `max`. */
export function bytes(min: number, max = min): Shape<Uint8Array> {
  return {
    write: (value) => value,
    read: (item) => {
      if (item instanceof Uint8Array && item.length >= min && item.length <= max) return item;
      throw new Mismatch(min === max ? `${min} bytes` : `${min} to ${max} bytes`);
    },
  };
}

/** Text of at most `max` bytes of UTF-8: the one length that every language counts alike. */
export function text(max: number): Shape<string> {
  return {
    write: (value) => value,
    read: (item) => {
      // A character has at least as many bytes as UTF-16 units, so the cheap comparison comes first.
      if (typeof item === "string" && item.length <= max && encodeUtf8(item).length <= max) return item;
      throw new Mismatch(`text of at most ${max} bytes`);
    },
  };
}

/** The shape, for values of which `holds` is true. */
export function where<Value>(of: Shape<Value>, holds: (value: Value) => boolean, expected: string): Shape<Value> {
  return {
    write: (value) => of.write(value),
    read: (item) => {
      const value = of.read(item);
      if (holds(value)) return value;
      throw new Mismatch(expected);
    },
  };
}

/** One of the given words, written as its number; no two words share one. */
export function choice<const Words extends Readonly<Record<string, number>>>(
  words: Words,
): Shape<keyof Words & string> {
  const codes = new Map(Object.entries(words));
  const names = new Map(Object.entries(words).map(([word, code]) => [code, word]));
  assert(names.size === codes.size, "two words have one number");
  return {
    // null is the number of no word, so `encodeShape` refuses a word that is not in the list.
    write: (value) => codes.get(value) ?? null,
    read: (item) => {
      const word = typeof item === "number" ? names.get(item) : undefined;
      if (word !== undefined) return word;
      throw new Mismatch(`one of ${Object.keys(words).join(", ")}`);
    },
  };
}

export function list<Item>(of: Shape<Item>, max: number, min = 0): Shape<readonly Item[]> {
  return {
    write: (value) => value.map((item) => of.write(item)),
    read: (item) => {
      if (!Array.isArray(item) || item.length > max || item.length < min)
        throw new Mismatch(`a list of ${min} to ${max}`);
      const items: Item[] = [];
      try {
        for (const entry of item as readonly CborValue[]) items.push(of.read(entry));
      } catch (mismatch) {
        throw placed(mismatch, String(items.length));
      }
      return items;
    },
  };
}

type Tuple<Shapes extends readonly Shape<unknown>[]> = { readonly [Index in keyof Shapes]: ValueOf<Shapes[Index]> };

/** A list whose places have their own shapes. */
export function tuple<const Shapes extends readonly Shape<unknown>[]>(...shapes: Shapes): Shape<Tuple<Shapes>> {
  return {
    write: (value) => shapes.map((shape, index) => shape.write(value[index])),
    read: (item) => {
      if (!Array.isArray(item) || item.length !== shapes.length) throw new Mismatch(`a list of ${shapes.length}`);
      const places: unknown[] = [];
      try {
        for (const shape of shapes) places.push(shape.read(item[places.length] as CborValue));
      } catch (mismatch) {
        throw placed(mismatch, String(places.length));
      }
      return places as unknown as Tuple<Shapes>;
    },
  };
}

/** The shape, or null. */
export function nullable<Value>(of: Shape<Value>): Shape<Value | null> {
  return {
    write: (value) => (value === null ? null : of.write(value)),
    read: (item) => (item === null ? null : of.read(item)),
  };
}

/** A field of a `record`: its integer key on the wire, its shape, and whether it may be absent. */
export interface Field<Value, Optional extends boolean = boolean> {
  readonly key: number;
  readonly shape: Shape<Value>;
  readonly optional: Optional;
}

export function field<Value>(key: number, shape: Shape<Value>): Field<Value, false> {
  return { key, shape, optional: false };
}

export function optional<Value>(key: number, shape: Shape<Value>): Field<Value, true> {
  return { key, shape, optional: true };
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type Required<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<unknown, false> ? Name : never }[keyof F];
type Optional<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<unknown, true> ? Name : never }[keyof F];
export type RecordOf<F extends Fields> = { readonly [Name in Required<F>]: ValueOf<F[Name]["shape"]> } & {
  readonly [Name in Optional<F>]?: ValueOf<F[Name]["shape"]>;
};

/** A map with exactly the described integer keys. */
export function record<const F extends Fields>(fields: F): Shape<RecordOf<F>> {
  const entries = Object.entries(fields);
  const known = new Set(entries.map(([, { key }]) => key));
  assert(known.size === entries.length, "two fields have one key");
  return {
    write: (value) => {
      const map = new Map<number, CborValue>();
      for (const [name, { key, shape }] of entries) {
        const content = (value as Readonly<Record<string, unknown>>)[name];
        if (content !== undefined) map.set(key, shape.write(content));
      }
      return map;
    },
    read: (item) => {
      if (!isMap(item)) throw new Mismatch("a map");
      for (const key of item.keys()) if (!known.has(key)) throw new Mismatch(`no key ${key}`);
      const result: Record<string, unknown> = {};
      let place = "";
      try {
        for (const [name, { key, shape, optional: mayMiss }] of entries) {
          const content = item.get(key);
          place = name;
          if (content !== undefined) result[name] = shape.read(content);
          else if (!mayMiss) throw new Missing(`key ${key} (${name})`);
        }
      } catch (mismatch) {
        throw placed(mismatch, place);
      }
      return result as RecordOf<F>;
    },
  };
}

/** The mismatch, one step further out; one try for all parts of a value is cheaper than one for each. */
function placed(mismatch: unknown, place: string): unknown {
  if (mismatch instanceof Missing) return new Mismatch(mismatch.message);
  if (mismatch instanceof Mismatch) mismatch.path.unshift(place);
  return mismatch;
}
