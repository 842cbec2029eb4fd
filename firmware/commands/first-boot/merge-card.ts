/** One configuration out of what `init` would write and what stands on the card. */
import { parse } from "smol-toml";
import { CommandArguments } from "../command.ts";
import { initialConfigText, type GatewayRole } from "../init.ts";
import { allMeterModelNames } from "../../load-meter-model.ts";
import { isTable, overlaid, valueAt, without, withoutDisplaced } from "./gives-way.ts";
import type { Table } from "./read-card.ts";

export interface DevicePlaces {
  /** The folder that the gateway writes to, absolute: keys, region and ledger are there under their usual names. */
  readonly state: string;
}

/** Files are still named as on the card. */
export function mergeCard(role: GatewayRole, card: Table, places: DevicePlaces): Table {
  const defaults = withoutDisplaced(usualTables(role, card), card);
  const merged = overlaid(defaults, card);
  return { role, state: places.state, ...without(without(merged, "role"), "state") };
}

/** What stands in the configuration when the card says nothing: also the right example for most keys. */
export function usualTables(role: GatewayRole, card: Table): Table {
  const usual = parse(initialConfigText(role, new CommandArguments([], usualOptions(role, card))));
  // `init` has the address of somebody's broker for an example; nobody's gateway is to look for it.
  return role === "charger" ? usual : without(usual, "broker");
}

/** What decides over other defaults: the charge point is on the meter's line, unless the meter needs it for itself. */
function usualOptions(role: GatewayRole, card: Table): ReadonlyMap<string, string | true> {
  const options = new Map<string, string | true>();
  if (role !== "charger") return options;
  const model = valueAt(card, "meter.model");
  if (typeof model === "string" && allMeterModelNames().includes(model)) options.set("meter", model);
  const { serial, baud, host, tcp_port: port } = isTable(card["meter"]) ? card["meter"] : {};
  if (typeof serial === "string" && /^\/[^@]+$/.test(serial)) {
    options.set("meter-line", typeof baud === "number" && /^\d{3,6}$/.test(`${baud}`) ? `${serial}@${baud}` : serial);
  }
  if (typeof host === "string" && host !== "" && typeof port === "number" && /^\d{1,5}$/.test(`${port}`)) {
    options.set("meter-line", `${host}:${port}`);
  }
  return options;
}
