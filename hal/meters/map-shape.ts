/**
 * Reading a table that somebody else wrote: unknown in, typed out, and every mistake in it noted with its path, what
 * was found and what is expected. Whoever wrote it wants to see all of them at once.
 */

export interface MapProblem {
  /** The key as it stands in the file: `quantities.voltage[1].scale`. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** Where a value stands, and where its mistakes are noted. */
export interface Place {
  readonly path: string;
  readonly problems: MapProblem[];
}

/** Undefined when the value is not there, or when it is wrong and that has been noted. */
export type Reader<Value> = (value: unknown, place: Place) => Value | undefined;

export function note(place: Place, found: unknown, expected: string): void {
  place.problems.push({ path: place.path, found: show(found), expected });
}

export function below(place: Place, key: string): Place {
  return { ...place, path: place.path === "" || key.startsWith("[") ? place.path + key : `${place.path}.${key}` };
}

/** A value may be left out. */
export function optional<Value>(reader: Reader<Value>): Reader<Value> {
  return (value, place) => (value === undefined ? undefined : reader(value, place));
}

export function withDefault<Value>(reader: Reader<Value>, fallback: Value): Reader<Value> {
  return (value, place) => (value === undefined ? fallback : reader(value, place));
}

/** A whole number; 0x and digits in a text as well, for files that have no hexadecimal numbers. */
export function wholeNumber(min: number, max: number): Reader<number> {
  return (value, place) => {
    const number = Number(integerOf(value) ?? Number.NaN);
    if (number >= min && number <= max) return number;
    note(place, value, `a whole number from ${min} to ${max}`);
    return undefined;
  };
}

export function wideInteger(min: bigint, max: bigint): Reader<bigint> {
  return (value, place) => {
    const integer = integerOf(value);
    if (integer !== undefined && integer >= min && integer <= max) return integer;
    note(place, value, `a whole number from ${min} to ${max}, in quotes where it is large ("0xFFFFFFFF")`);
    return undefined;
  };
}

export const aboveZero: Reader<number> = (value, place) => {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && number > 0 && Number.isFinite(number)) return number;
  note(place, value, "a number above 0");
  return undefined;
};

export function oneOf<const Choice extends string | number>(...choices: readonly Choice[]): Reader<Choice> {
  return (value, place) => {
    const plain = typeof value === "bigint" ? Number(value) : value;
    const choice = choices.find((candidate) => candidate === plain);
    if (choice === undefined) note(place, value, `one of ${choices.map((each) => JSON.stringify(each)).join(", ")}`);
    return choice;
  };
}

export function text(expected: string, pattern: RegExp): Reader<string> {
  return (value, place) => {
    if (typeof value === "string" && pattern.test(value)) return value;
    note(place, value, expected);
    return undefined;
  };
}

/** True, or left out; false is the same as left out. */
export const flag: Reader<true> = (value, place) => {
  if (value !== undefined && typeof value !== "boolean") note(place, value, "true or false");
  return value === true ? true : undefined;
};

export function listOf<Value>(reader: Reader<Value>, max: number): Reader<readonly Value[]> {
  return (value, place) => {
    if (!Array.isArray(value) || value.length > max) {
      note(place, value, `a list of at most ${max}`);
      return undefined;
    }
    const items = value.map((item: unknown, index) => reader(item, below(place, `[${index}]`)));
    return items.flatMap((item) => (item === undefined ? [] : [item]));
  };
}

/** A table with these keys and no others. */
export function table<Shape extends object>(readers: {
  readonly [Key in keyof Shape]-?: Reader<NonNullable<Shape[Key]>>;
}): Reader<Shape> {
  return (value, place) => {
    const known = Object.keys(readers);
    if (!isTable(value)) {
      note(place, value, `a table with ${known.join(", ")}`);
      return undefined;
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(readers, key)) {
        note(below(place, key), value[key], `no such key; known here: ${known.join(", ")}`);
      }
    }
    const entries = Object.entries<Reader<unknown>>(readers).map(
      ([key, reader]) => [key, reader(Object.hasOwn(value, key) ? value[key] : undefined, below(place, key))] as const,
    );
    return Object.fromEntries(entries.filter(([, its]) => its !== undefined)) as Shape;
  };
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const isDigits = typeof value === "string" && value.length <= TEXT_LENGTH_MAX && /^-?(0x[0-9a-f]+|\d+)$/i.test(value);
  if (!isDigits) return undefined;
  return value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value);
}

/** A number of 64 bits has at most 21 characters. */
const TEXT_LENGTH_MAX = 24;
const SHOWN_MAX = 60;

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "bigint" || typeof value === "number") return String(value);
  if (typeof value === "string") return JSON.stringify(value.slice(0, SHOWN_MAX));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "boolean") return String(value);
  return value === null ? "null" : "a table";
}
