/**
 * A card's tables, parted by who reads them: the network, the region, and the rest, which is the gateway's own
 * configuration. Where things are stored is the device's business and no key of a card.
 */
import { absentOr, oneOf, readConfig, table, text, yesOrNo, type ConfigFault, type Reader } from "#config/shape.ts";
import { fail, type Result } from "#base/result.ts";
import type { GatewayRole } from "../init.ts";
import { isTable, without } from "./gives-way.ts";
import { readNetworkSettings, type NetworkSettings } from "./network-settings.ts";
import type { Table } from "./read-card.ts";

export interface CardParts {
  /** Undefined where it is faulty. */
  readonly role: GatewayRole | undefined;
  readonly region: RegionKeys;
  readonly network: NetworkSettings | undefined;
  /** What stands of the gateway's configuration on the card. */
  readonly gateway: Table;
  readonly faults: readonly ConfigFault[];
}

/** Of a new region; where there is one already, what it must be. */
export interface RegionKeys {
  readonly name?: string | undefined;
  readonly profile?: "hardened" | "paper" | undefined;
  /** Whether members without a certificate are taken, too; only beside the key of an office. */
  readonly admitUncertified?: boolean | undefined;
}

export function cardParts(card: Table): CardParts {
  const faults: ConfigFault[] = [];
  const taken = <Value>(result: Result<Value, ConfigFault>): Value | undefined => {
    if (!result.ok) faults.push(result.fault);
    return result.ok ? result.value : undefined;
  };
  let left = card;
  for (const { path, expected } of DEVICE_KEYS) {
    const next = without(left, path);
    if (next !== left) taken(fail({ code: "CONFIG_INVALID", path, found: "a value", expected }));
    left = next;
  }
  const role = taken(readConfig((value) => aRole(value, "role"), left["role"]));
  const region = taken(readConfig((value) => regionKeys(value, "region"), left["region"]));
  const network = networkOf(left["network"], faults);
  let gateway = without(left, "network");
  for (const key of ["name", "profile", "admit_uncertified"]) gateway = without(gateway, `region.${key}`);
  if (region === undefined) gateway = without(gateway, "region");
  return { role, region: isTable(left["region"]) && region !== undefined ? region : {}, network, gateway, faults };
}

const aRole: Reader<GatewayRole> = oneOf("charger", "vehicle", "arbiter");

/** All faults, as far as one hides no other: what is faulty is left out, and the rest read again. */
function networkOf(table: unknown, faults: ConfigFault[]): NetworkSettings | undefined {
  let left = table;
  for (let round = 0; round < NETWORK_FAULTS_MAX; round += 1) {
    const read = readNetworkSettings(left);
    if (read.ok) return round === 0 ? read.value : undefined;
    if (round === 0 || read.fault.found !== "nothing") faults.push(read.fault);
    const key = read.fault.path.replace("network.", "").replace(/\[\d+\]$/, "");
    const next = isTable(left) ? without(left, key) : left;
    if (next === left) return undefined;
    left = next;
  }
  return undefined;
}

const NETWORK_FAULTS_MAX = 10;

/** `site` is read with the gateway's configuration. */
const regionKeys: Reader<RegionKeys> = (value, path) => {
  const anything: Reader<unknown> = (site) => site;
  const found = absentOr(
    table({
      name: absentOr(text("1 to 64 characters", /^[^\p{C}]{1,64}$/u)),
      profile: absentOr(oneOf("hardened", "paper")),
      admit_uncertified: absentOr(yesOrNo),
      site: anything,
    }),
  )(value, path);
  return { name: found?.name, profile: found?.profile, admitUncertified: found?.admit_uncertified };
};

const DEVICE_KEYS = [
  { path: "state", expected: "nothing: the gateway knows where it stores" },
  { path: "flash", expected: "nothing: the gateway knows where it stores" },
  { path: "key", expected: "nothing: the gateway knows where its keys are" },
  { path: "region.genesis", expected: "nothing: the file is called genesis.tally, and lies on the card" },
  { path: "bench", expected: "nothing: only the bench has it" },
] as const;
