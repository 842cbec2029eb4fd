/**
 * Every fault of a card's configuration, not only the first: what is faulty is taken from the card, so that the default
 * stands in its place, and the rest is judged again.
 */
import { stringify } from "smol-toml";
import { parseGatewayConfig, type GatewayConfig } from "#config/gateway-config.ts";
import type { ConfigFault } from "#config/shape.ts";
import type { GatewayRole } from "../init.ts";
import { decidesOverDefaults, valueAt, without } from "./gives-way.ts";
import { mergeCard, type DevicePlaces } from "./merge-card.ts";
import type { Table } from "./read-card.ts";

export interface Judged {
  /** The whole, with files named as on the card. */
  readonly merged: Table;
  /** Of what is left without the faulty keys; undefined where no default can stand in. */
  readonly config: GatewayConfig | undefined;
  readonly faults: readonly ConfigFault[];
}

/** A card with more has another illness. */
const FAULTS_MAX = 20;

export function collectFaults(role: GatewayRole, card: Table, places: DevicePlaces): Judged {
  const faults: ConfigFault[] = [];
  let left = card;
  for (;;) {
    const merged = mergeCard(role, left, places);
    const parsed = parseGatewayConfig(stringify(merged));
    if (parsed.ok) return { merged, config: parsed.value, faults };
    const { fault } = parsed;
    if (!follows(fault, faults)) faults.push(fault);
    const next = withoutFault(left, fault.path);
    if (next === left || faults.length === FAULTS_MAX) return { merged, config: undefined, faults };
    left = next;
  }
}

/** Something that is missing beside a key that was taken away is no mistake of the card's. */
function follows(fault: ConfigFault, before: readonly ConfigFault[]): boolean {
  const tableOf = (path: string): string => path.split(".")[0] ?? "";
  return fault.found === "nothing" && before.some(({ path }) => tableOf(path) === tableOf(fault.path));
}

/**
 * Without the key, or when it is not there, without the table that something is missing from. A key that decides what
 * else belongs into its table takes all of it along: the rest could not be judged.
 */
function withoutFault(card: Table, path: string): Table {
  if (decidesOverDefaults(path) && valueAt(card, path) !== undefined) return without(card, path.split(".")[0] ?? "");
  const parts = path.replace(/\[\d+\].*$/, "").split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const at = parts.slice(0, length).join(".");
    if (valueAt(card, at) !== undefined) return without(card, at);
  }
  return card;
}
