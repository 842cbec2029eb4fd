/** Reads a profile from unknown data: every key known, every value of its kind. What it means is checked elsewhere. */
import type { VehicleProfile } from "./profile.ts";
import { isQuantity, QUANTITIES } from "./quantity.ts";

export interface ProfileProblem {
  /** Where in the file: `requests[1].signals.batteryVoltageV.offset`. */
  readonly path: string;
  /** What is wrong there, as a sentence. */
  readonly problem: string;
}

/** Only believed when no problem was added. */
export function readProfileShape(value: unknown, problems: ProfileProblem[]): VehicleProfile {
  // The readers below are the definition's twin; what they return is what it says.
  return profile(value, "", problems) as VehicleProfile;
}

type Read = (value: unknown, path: string, problems: ProfileProblem[]) => unknown;

function record(readers: Readonly<Record<string, Read>>): Read {
  return (value, path, problems) => {
    if (!isTable(value)) return refuse(path, value, `a table with ${Object.keys(readers).join(", ")}`, problems);
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(readers, key)) continue;
      problems.push({ path: at(path, key), problem: `There is no such key; known here: ${nameList(readers)}.` });
    }
    const entries = Object.entries(readers).map(([key, reader]) => {
      const own = Object.hasOwn(value, key) ? value[key] : undefined;
      return [key, reader(own, at(path, key), problems)] as const;
    });
    return Object.fromEntries(entries.filter(([, read]) => read !== undefined));
  };
}

function list(reader: Read, least: number, most: number): Read {
  return (value, path, problems) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      return refuse(path, value, `a list of ${least} to ${most}`, problems);
    }
    return value.map((item: unknown, index) => reader(item, `${path}[${index}]`, problems));
  };
}

function absentOr(reader: Read): Read {
  return (value, path, problems) => (value === undefined ? undefined : reader(value, path, problems));
}

/** TOML has no null: there a key is left out. */
function nullOr(reader: Read): Read {
  return (value, path, problems) => (value === undefined || value === null ? null : reader(value, path, problems));
}

function withDefault(reader: Read, fallback: unknown): Read {
  return (value, path, problems) => (value === undefined ? fallback : reader(value, path, problems));
}

function text(pattern: RegExp, expected: string): Read {
  return (value, path, problems) =>
    typeof value === "string" && pattern.test(value) ? value : refuse(path, value, expected, problems);
}

function whole(least: number, most: number): Read {
  return (value, path, problems) => {
    const number = typeof value === "bigint" ? Number(value) : value;
    const isIn = typeof number === "number" && Number.isInteger(number) && number >= least && number <= most;
    return isIn ? number : refuse(path, value, `a whole number from ${least} to ${most}`, problems);
  };
}

const decimal: Read = (value, path, problems) => {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : refuse(path, value, "a number", problems);
};

function oneOf(...words: readonly (string | number | boolean)[]): Read {
  return (value, path, problems) => {
    const given = typeof value === "bigint" ? Number(value) : value;
    return words.find((word) => word === given) ?? refuse(path, value, `one of ${words.join(", ")}`, problems);
  };
}

/** JSON has no hexadecimal numbers, and nobody writes identifiers in decimal: text is taken for hex. */
const identifier: Read = (value, path, problems) => {
  if (typeof value === "string" && /^(0x)?[0-9A-Fa-f]{1,8}$/.test(value)) return Number.parseInt(value, 16);
  return whole(0, 0x1fffffff)(value, path, problems);
};

const quantity: Read = (value, path, problems) =>
  typeof value === "string" && isQuantity(value)
    ? value
    : refuse(path, value, `a quantity: ${nameList(QUANTITIES)}`, problems);

const requestText: Read = (value, path, problems) =>
  typeof value === "string" && /^([0-9A-Fa-f]{2}){2,3}$/.test(value)
    ? value.toUpperCase()
    : refuse(path, value, "service and identifier in hex, such as 220101", problems);

const grade = oneOf("A", "B", "C", "untrusted");
const byte = whole(0, 255);
const dataBytes = whole(1, 4092);

const ecu = record({
  idBits: oneOf(11, 29),
  requestId: identifier,
  responseId: identifier,
  extension: absentOr(record({ ecu: byte, tester: byte })),
});

const signal = record({
  offset: whole(0, 4091),
  bytes: oneOf(1, 2, 3, 4),
  isSigned: absentOr(oneOf(true)),
  mask: absentOr(whole(1, 0x7fffffff)),
  multiply: absentOr(decimal),
  divide: absentOr(decimal),
  add: absentOr(decimal),
  invalid: absentOr(list(whole(0, 0xffffffff), 0, 16)),
  min: decimal,
  max: decimal,
  grade: absentOr(grade),
});

const signals: Read = (value, path, problems) => {
  if (!isTable(value) || Object.keys(value).length === 0) {
    return refuse(path, value, "a table with at least one quantity", problems);
  }
  const entries = Object.entries(value).map(([name, own]) => {
    if (!isQuantity(name)) {
      const known = nameList(QUANTITIES);
      problems.push({ path: at(path, name), problem: `There is no quantity of this name; known: ${known}.` });
    }
    return [name, signal(own, at(path, name), problems)] as const;
  });
  return Object.fromEntries(entries);
};

const variant = {
  ecu,
  request: requestText,
  grade,
  dataBytesMin: dataBytes,
  dataBytesMax: absentOr(dataBytes),
  signals,
};

/** Either a range or a list; which of them is there decides. */
const condition: Read = (value, path, problems) => {
  const subject = { quantity, mask: absentOr(whole(1, 0x7fffffff)) };
  const isList = isTable(value) && Object.hasOwn(value, "values");
  return record(isList ? { ...subject, values: list(decimal, 1, 32) } : { ...subject, min: decimal, max: decimal })(
    value,
    path,
    problems,
  );
};

const conditions = list(condition, 0, 8);

/** A pair: from where on, and the factor. */
const step: Read = (value, path, problems) => list(decimal, 2, 2)(value, path, problems);

const inlet = record({
  kind: oneOf("active", "apparent", "direct-current"),
  grade,
  when: withDefault(conditions, []),
  sumOf: list(list(quantity, 1, 4), 1, 8),
  factors: absentOr(list(record({ by: quantity, steps: list(step, 1, 64) }), 0, 4)),
});

const name = text(/^[a-z0-9][a-z0-9-]{1,31}$/, "2 to 32 characters of a-z, 0-9 and -");

const profile = record({
  name,
  aliases: withDefault(list(name, 0, 16), []),
  covers: text(/^.{1,200}$/, "1 to 200 characters"),
  requests: list(
    record({
      ...variant,
      pace: oneOf("power", "inlet", "state", "slow"),
      otherwise: absentOr(list(record(variant), 0, 4)),
    }),
    1,
    64,
  ),
  session: nullOr(record({ type: byte })),
  charging: record({
    any: list(
      record({
        whileUnknown: absentOr(list(quantity, 1, 4)),
        all: conditions,
        heldMs: withDefault(whole(0, 600_000), 0),
      }),
      1,
      8,
    ),
  }),
  plugged: nullOr(record({ yes: condition, no: absentOr(condition) })),
  inlet: withDefault(list(inlet, 0, 8), []),
  counter: nullOr(record({ resolutionMilliWh: whole(1, 10_000_000), includesRegeneration: oneOf(true, false) })),
  usableMilliWh: absentOr(whole(1_000_000, 1_000_000_000)),
  cellCounts: withDefault(list(whole(20, 500), 0, 16), []),
  currentMaxA: whole(10, 5000),
  powerMaxW: whole(1000, 2_000_000),
  identification: withDefault(
    list(
      record({
        ecu,
        request: requestText,
        dataBytes: record({ min: dataBytes, max: dataBytes }),
        conditions: withDefault(conditions, []),
      }),
      0,
      8,
    ),
    [],
  ),
});

function refuse(path: string, value: unknown, expected: string, problems: ProfileProblem[]): unknown {
  const found = value === undefined ? "This is missing" : `Found ${shown(value)}`;
  problems.push({ path: path === "" ? "file" : path, problem: `${found}; expected ${expected}.` });
  return undefined;
}

function shown(value: unknown): string {
  const words = typeof value === "bigint" ? value.toString() : JSON.stringify(value);
  return words.length > 60 ? `${words.slice(0, 60)}…` : words;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function nameList(names: Readonly<Record<string, unknown>>): string {
  return Object.keys(names).join(", ");
}
