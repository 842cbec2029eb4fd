/** Keys whose value is the name of another file on the card. The device keeps its own copy of each. */
import { SHIPPED_CONTRACTS } from "#core/contract/shipped-contracts.ts";
import { isTable, valueAt } from "./gives-way.ts";
import type { Table } from "./read-card.ts";

export interface NamedFile {
  /** `meter.model_file`, or `vehicle.contracts[1]`. */
  readonly path: string;
  readonly name: string;
  /** Nobody but the gateway may read its copy. */
  readonly isSecret: boolean;
}

/** All files that the configuration names, in the order of the table. */
export function namedFiles(config: Table): readonly NamedFile[] {
  return CARD_FILE_KEYS.flatMap(({ key, isSecret, builtIn }) => {
    const value = valueAt(config, key);
    if (typeof value === "string") return builtIn?.has(value) ? [] : [{ path: key, name: value, isSecret }];
    if (!Array.isArray(value)) return [];
    return value.flatMap((name: unknown, index) =>
      typeof name === "string" && !builtIn?.has(name) ? [{ path: `${key}[${index}]`, name, isSecret }] : [],
    );
  });
}

/** The configuration with each of these names replaced. */
export function withFilesAt(config: Table, place: (name: string) => string): Table {
  return CARD_FILE_KEYS.reduce((at, { key, builtIn }) => {
    return changedAt(at, key.split("."), (value) => {
      if (typeof value === "string") return builtIn?.has(value) ? value : place(value);
      if (!Array.isArray(value)) return value;
      return value.map((name: unknown) => (typeof name === "string" && !builtIn?.has(name) ? place(name) : name));
    });
  }, config);
}

function changedAt(table: Table, path: readonly string[], change: (value: unknown) => unknown): Table {
  const [key = "", ...rest] = path;
  const value = table[key];
  if (value === undefined) return table;
  if (rest.length === 0) return { ...table, [key]: change(value) };
  return isTable(value) ? { ...table, [key]: changedAt(value, rest, change) } : table;
}

interface CardFileKey {
  readonly key: string;
  readonly isSecret: boolean;
  /** Values that name no file. */
  readonly builtIn?: Pick<ReadonlyMap<string, unknown>, "has">;
}

const CARD_FILE_KEYS: readonly CardFileKey[] = [
  { key: "meter.model_file", isSecret: false },
  { key: "meter.key_file", isSecret: true },
  { key: "meter.authentication_key_file", isSecret: true },
  { key: "tariff.file", isSecret: false },
  { key: "tariff.contract_file", isSecret: false, builtIn: SHIPPED_CONTRACTS },
  { key: "vehicle.profile_file", isSecret: false },
  { key: "vehicle.contracts", isSecret: false, builtIn: SHIPPED_CONTRACTS },
  ...["broker", "broker.second"].flatMap((table) => [
    { key: `${table}.password_file`, isSecret: true },
    { key: `${table}.ca_file`, isSecret: false },
    { key: `${table}.certificate_file`, isSecret: false },
    { key: `${table}.key_file`, isSecret: true },
  ]),
];
