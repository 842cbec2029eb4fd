/**
 * Which of the defaults a card's own key displaces: a meter in the network has no serial line, a tariff in a file no
 * price. Without this, whoever writes one of two would be told that both are there.
 */
import type { Table } from "./read-card.ts";

/** @returns the defaults without what the card's keys displace */
export function withoutDisplaced(defaults: Table, card: Table): Table {
  let left = defaults;
  for (const { given, is, displaced } of DISPLACED) {
    const value = valueAt(card, given);
    if (value === undefined || (is !== undefined && !is(value))) continue;
    for (const path of displaced) left = without(left, path);
  }
  return left;
}

export function decidesOverDefaults(path: string): boolean {
  return DISPLACED.some(({ given }) => given === path);
}

export function valueAt(table: Table, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((at, key) => (isTable(at) && Object.hasOwn(at, key) ? at[key] : undefined), table);
}

/** The same tables without this key; the same object when it is not there. */
export function without(table: Table, path: string): Table {
  const [key = "", ...rest] = path.split(".");
  if (!Object.hasOwn(table, key)) return table;
  if (rest.length === 0) return Object.fromEntries(Object.entries(table).filter(([each]) => each !== key));
  const inner = table[key];
  if (!isTable(inner)) return table;
  const left = without(inner, rest.join("."));
  return left === inner ? table : { ...table, [key]: left };
}

/** The card's values over the defaults, table by table. */
export function overlaid(defaults: Table, card: Table): Table {
  const over = Object.entries(card).map(([key, value]) => {
    const usual = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    return [key, isTable(usual) && isTable(value) ? overlaid(usual, value) : value] as const;
  });
  return Object.fromEntries([...Object.entries(defaults), ...over]);
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

interface Displaced {
  readonly given: string;
  readonly is?: (value: unknown) => boolean;
  readonly displaced: readonly string[];
}

const SERIAL_KEYS = ["serial", "baud", "parity", "stop_bits"];

const DISPLACED: readonly Displaced[] = [
  { given: "broker.url", displaced: ["broker.embedded"] },
  { given: "broker.embedded", displaced: ["broker.url"] },
  ...["meter", "charge_point", "vehicle"].flatMap((name) => [
    { given: `${name}.host`, displaced: SERIAL_KEYS.map((key) => `${name}.${key}`) },
    { given: `${name}.serial`, displaced: [`${name}.host`, `${name}.tcp_port`] },
  ]),
  // What is not given of a meter's line is as usual for its model.
  { given: "meter.model_file", displaced: ["meter.model", "meter.baud", "meter.parity", "meter.stop_bits"] },
  {
    given: "charge_point.driver",
    is: (driver) => driver === "gpio-contactor",
    displaced: ["unit", "guard", "host", "tcp_port", ...SERIAL_KEYS].map((key) => `charge_point.${key}`),
  },
  { given: "tariff.file", displaced: ["tariff.currency", "tariff.price_per_kwh"] },
  { given: "tariff.bands", displaced: ["tariff.price_per_kwh"] },
  { given: "vehicle.profile_file", displaced: ["vehicle.profile"] },
  {
    given: "vehicle.can",
    displaced: ["host", "tcp_port", ...SERIAL_KEYS].map((key) => `vehicle.${key}`),
  },
];
