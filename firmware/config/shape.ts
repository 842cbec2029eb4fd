/**
 * Reading a configuration file: unknown in, typed and frozen out, or a fault that names the key, what was found and
 * what is allowed. Unknown keys are faults too: a misspelt key must not silently mean the default.
 */
import { fail, ok, type Result } from "#base/result.ts";

export interface ConfigFault {
  readonly code: "CONFIG_INVALID";
  /** The key as it stands in the file: `meter.unit`. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** Reads one value; `undefined` stands for a key that is not there. */
export type Reader<Value> = (value: unknown, path: string) => Value;

export function readConfig<Value>(reader: Reader<Value>, value: unknown): Result<Value, ConfigFault> {
  try {
    return ok(reader(value, ""));
  } catch (refusal) {
    if (refusal instanceof Refusal) return fail(refusal.fault);
    throw refusal;
  }
}

class Refusal extends Error {
  readonly fault: ConfigFault;
  constructor(path: string, value: unknown, expected: string) {
    super(expected);
    this.fault = { code: "CONFIG_INVALID", path, found: show(value), expected };
  }
}

export function text(expected: string, pattern: RegExp): Reader<string> {
  return (value, path) => {
    if (typeof value === "string" && pattern.test(value)) return value;
    throw new Refusal(path, value, expected);
  };
}

export const anyText: Reader<string> = text("text", /[^]/);

export function wholeNumber(min: number, max: number): Reader<number> {
  return (value, path) => {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max) return number;
    throw new Refusal(path, value, `a whole number from ${min} to ${max}`);
  };
}

export function decimal(min: number, max: number): Reader<number> {
  return (value, path) => {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (typeof number === "number" && number >= min && number <= max) return number;
    throw new Refusal(path, value, `a number from ${min} to ${max}`);
  };
}

export const yesOrNo: Reader<boolean> = (value, path) => {
  if (typeof value === "boolean") return value;
  throw new Refusal(path, value, "true or false");
};

export function oneOf<const Words extends readonly string[]>(...words: Words): Reader<Words[number]> {
  return (value, path) => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    throw new Refusal(path, value, `one of ${words.map((candidate) => `"${candidate}"`).join(", ")}`);
  };
}

export function withDefault<Value>(reader: Reader<Value>, fallback: Value): Reader<Value> {
  return (value, path) => (value === undefined ? fallback : reader(value, path));
}

export function absentOr<Value>(reader: Reader<Value>): Reader<Value | undefined> {
  return (value, path) => (value === undefined ? undefined : reader(value, path));
}

type Table<Readers extends Readonly<Record<string, Reader<unknown>>>> = {
  readonly [Key in keyof Readers]: Readers[Key] extends Reader<infer Value> ? Value : never;
};

/** A table with exactly these keys; absent ones go to their reader as undefined. */
export function table<const Readers extends Readonly<Record<string, Reader<unknown>>>>(
  readers: Readers,
): Reader<Table<Readers>> {
  return (value, path) => {
    if (!isTable(value)) throw new Refusal(path, value, "a table with " + Object.keys(readers).join(", "));
    const unknown = Object.keys(value).find((key) => !Object.hasOwn(readers, key));
    if (unknown !== undefined) {
      const known = Object.keys(readers).join(", ");
      throw new Refusal(join(path, unknown), value[unknown], `no such key; known here: ${known}`);
    }
    const entries = Object.entries(readers).map(([key, reader]) => [key, reader(value[key], join(path, key))] as const);
    return Object.freeze(Object.fromEntries(entries)) as Table<Readers>;
  };
}

export function listOf<Value>(reader: Reader<Value>, max: number): Reader<readonly Value[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > max) throw new Refusal(path, value, `a list of at most ${max}`);
    return Object.freeze(value.map((item: unknown, index) => reader(item, `${path}[${index}]`)));
  };
}

/** Refuses for a reason that no single value shows. */
export function refuse(path: string, found: unknown, expected: string): never {
  throw new Refusal(path, found, expected);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "bigint") return value.toString();
  return JSON.stringify(value).slice(0, 80);
}
