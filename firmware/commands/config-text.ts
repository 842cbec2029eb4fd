/** The configuration file that `init` writes: every key that a gateway needs, each with what it is for. */

import { KEEP_DAYS_DEFAULT, type KeepDays } from "#config/keep-days.ts";
import type { SerialSettings } from "#hal/ports/byte-link.ts";

/** Where a device is connected. */
export type DeviceLine =
  | { readonly kind: "serial"; readonly path: string; readonly baud: number }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

interface ConfigTextBase {
  /** Where keys, genesis and ledger lie, when not beside the file. */
  readonly state?: string;
  readonly name: string;
  readonly organisation: string;
  readonly keepDays?: KeepDays | undefined;
  readonly site: string;
  /** A broker elsewhere; a charger without one runs its own. */
  readonly brokerUrl?: string;
}

interface MeterText {
  readonly model: string;
  readonly line: DeviceLine;
  /** On a bus. */
  readonly unit?: number;
  /** Of a meter that speaks by itself: how it usually does. */
  readonly usual?: Pick<SerialSettings, "baudRate" | "dataBits" | "parity" | "stopBits">;
}

export interface ChargerText extends ConfigTextBase {
  readonly role: "charger";
  readonly meter: MeterText;
  readonly chargePoint: { readonly driver: string; readonly unit: number; readonly line: DeviceLine };
  readonly currency: string;
  /** Decimal, such as 0.35. */
  readonly pricePerKwh: string;
  readonly brokerPort: number;
}

export interface VehicleText extends ConfigTextBase {
  readonly role: "vehicle";
  readonly profile: string;
  readonly start: "automatic" | "asked";
  readonly line: DeviceLine;
}

export interface ArbiterText extends ConfigTextBase {
  readonly role: "arbiter";
}

type GatewayText = ChargerText | VehicleText | ArbiterText;

export function configText(settings: GatewayText): string {
  const base = `${baseText(settings)}\n${brokerText(settings)}`;
  if (settings.role === "arbiter") return base;
  const own = settings.role === "charger" ? chargerText(settings) : vehicleText(settings);
  return `${base}\n${own}\n${BOARD_TEXT}`;
}

const BOARD_TEXT = `# Lamps and a stop button at the board's own lines; \`tallystick board list\` has the names:
#   [board]
#   name = "rpi4b"
`;

export const CONFIG_NAME = "tallystick.toml";
export const KEY_NAME = "gateway.key";
export const GENESIS_NAME = "genesis.tally";
export const FLASH_NAME = "flash";

function baseText(settings: ConfigTextBase & { readonly role: string }): string {
  const { role, name, organisation, site, state } = settings;
  const keepDays = settings.keepDays === "all" ? quoted("all") : (settings.keepDays ?? KEEP_DAYS_DEFAULT);
  const base = state === undefined ? "this file" : "this file, or to state";
  return `# Configuration of a ${role} gateway. Paths are relative to ${base}.
# Check it, then start the gateway: tallystick run --config ${CONFIG_NAME}

role = ${quoted(role)}
# 1 to 32 letters, digits or dashes; only for people, and for logs.
name = ${quoted(name)}
# Who runs this gateway, at most 32 characters; told to everybody in the region, may be empty.
organisation = ${quoted(organisation)}
${stateText(state)}# The folder of the ledger. One running gateway owns it. Best on its own partition.
flash = ${quoted(FLASH_NAME)}
# So many days of others' charges are kept there (70 or more), then they are dropped; "all" keeps everything. What this
# gateway has traded itself, evidence and who is a member are never dropped.
keep_days = ${keepDays}
# The private keys, readable by their owner only. Whoever has this file is this gateway: make one backup, no copies.
key = ${quoted(KEY_NAME)}

[region]
# The region's rules and first sealers: the same file in every gateway of the region.
genesis = ${quoted(GENESIS_NAME)}
# The place within the region whose gateways talk through one broker: a-z, 0-9 and -, at most 16.
site = ${quoted(site)}
`;
}

function stateText(state: string | undefined): string {
  if (state === undefined) return "";
  return `# The folder that the gateway writes to; flash, key and genesis start from it.
state = ${quoted(state)}
`;
}

function brokerText(settings: GatewayText): string {
  if (settings.brokerUrl !== undefined) {
    return `[broker]
# MQTT 3.1.1, mqtt:// or mqtts://. What it carries is signed; a broker can only lose it.
url = ${quoted(settings.brokerUrl)}
# For mqtts:// at a site: who signed the broker's certificate, and what this gateway shows of itself (PEM files).
#   ca_file = "broker-ca.pem"
#   certificate_file = "broker-client.pem"
#   key_file = "broker-client.key"
${SECOND_BROKER}`;
  }
  if (settings.role !== "charger") {
    return `[broker]
# The charger gateway runs a broker: its address and port. What it carries is signed; a broker can only lose it.
url = "mqtt://192.168.1.10:1883"
${SECOND_BROKER}`;
  }
  return `# This gateway runs the site's broker. For one elsewhere, write instead:
#   [broker]
#   url = "mqtt://192.168.1.10:1883"
[broker.embedded]
# 127.0.0.1 lets only programs of this machine in.
host = "0.0.0.0"
port = ${settings.brokerPort}
${SECOND_BROKER}`;
}

const SECOND_BROKER = `# A further broker, used at the same time; facts and blocks are carried between the two.
#   [broker.second]
#   url = "mqtt://192.168.1.11:1883"
`;

function chargerText({ meter, chargePoint, currency, pricePerKwh }: ChargerText): string {
  return `[charger]
# Number of the outlet, as printed on it.
evse = 1
power_max_w = 11000
phases = 3
# What the cable, the contactor and the fuse allow.
current_max_a = 16
# One charge ends at the latest after so long and so much.
session_max_hours = 24
session_max_kwh = 200

# The energy meter. \`tallystick meter read --config ${CONFIG_NAME}\` tries these settings.
[meter]
model = ${quoted(meter.model)}
${unitText(meter)}
# Accuracy class by MID, as printed on the meter, and how cold and hot it gets where it hangs, in °C. Together they say
# what it may err by, which is signed: class B 2 % at "5..30", 2.5 % at "-10..40", 3.5 % at "-25..55", 4 % at "-40..70".
# Cars do not trade with more than 3.5 %.
class = "B"
temperature = "5..30"
# A meter behind the rectifier of a direct-current charger has "charger-output".
measuring_point = "mains"
${meterLineText(meter)}
# What lets current flow. On the meter's line it may be the same path, with another unit.
[charge_point]
driver = ${quoted(chargePoint.driver)}
unit = ${chargePoint.unit}
# A process beside the gateway switches the controller off when the gateway cannot; guard = false does without it.
guard = true
${lineText(chargePoint.line)}
# What a charge costs. \`tallystick tariff explain\` tells what an OCPI tariff says, and prices a session by it.
[tariff]
# ISO 4217.
currency = ${quoted(currency)}
# In quotes, at most 6 decimals: prices are exact. Tax is in them.
price_per_kwh = ${quoted(pricePerKwh)}
# Or by the time since the charge began, in place of price_per_kwh:
#   bands = [{ from_minute = 0, price_per_kwh = "0.35" }, { from_minute = 240, price_per_kwh = "0.60" }]
# Besides, each only where it is asked for: once, for an hour of charging, and for an hour that the car stands on after
# it has enough, until its plug is pulled; and the rate of the tax in the prices.
#   start_price = "0.50"
#   price_per_hour = "1.20"
#   parking_per_hour = "6.00"
#   tax_percent = "19"
# Or, in place of all these, a tariff as other systems have it (OCPI 2.2.1 or 2.3.0), by the clock of this place:
#   file = "tariff.json"
#   time_zone = "Europe/Amsterdam"
# For a tariff that depends on the current, the voltage of a phase; and how amounts are rounded to cents, for which OCPI
# has no rule: half-away (of zero) or half-even, of the total or of each component.
#   voltage = 230
#   rounding = "half-away"
#   rounding_per = "total"
# How long a side that has fallen silent may still complete a charge, before it is settled without it.
grace_hours = 72
# Who judges what the two cannot settle between themselves: the device id of an arbiter's gateway. Both sides sign it,
# so only cars that accept this arbiter charge here. Without one, what is contested lapses after 30 days.
#   arbiter = "0123…"
`;
}

function vehicleText({ profile, start, line }: VehicleText): string {
  return `[vehicle]
# Which of the car's values are read, and how.
profile = ${quoted(profile)}
# automatic: agree with the station that offers, when only one does. asked: wait for \`tallystick charge\`.
start = ${quoted(start)}
# What the car draws from the mains at most: decides how much may be lost on the way to the battery.
power_max_w = 11000
# Most that one charge may deliver.
energy_max_kwh = 100
# By one identity the car is known for so many days, then by another with nothing in common on the chain; 0 is one for
# ever. The next is made beforehand by: tallystick key pseudonyms (or, where nobody certifies, by itself).
#   pseudonym_days = 90
# The most that is paid, with tax, in one currency. Without these any price is signed; with them, what is not named is
# not paid: an hour of standing on, a fee to begin. A price for charging time is taken at power_max_w.
#   currency = "EUR"
#   price_max_per_kwh = "0.60"
#   parking_max_per_hour = "6.00"
#   start_max = "1.00"
# The most for one whole charge.
#   charge_max = "50.00"
# Arbiters whom this car accepts, by their device ids, or "any". Without it only offers that name none are signed.
#   arbiters = ["0123…"]
# The OBD adapter.
${lineText(line)}`;
}

function unitText({ unit }: MeterText): string {
  return unit === undefined
    ? "# It speaks by itself, on a line of its own."
    : `# Modbus unit id, 1 to 247.\nunit = ${unit}`;
}

/** Of a meter that speaks by itself only the place is written down; the rest is as usual for its model. */
function meterLineText({ line, usual }: MeterText): string {
  if (usual === undefined || line.kind === "tcp") return lineText(line);
  const { baudRate, dataBits, parity, stopBits } = usual;
  const text = `${baudRate} ${dataBits}${parity.slice(0, 1).toUpperCase()}${stopBits}`;
  return `# /dev/serial/by-id/… stays the same when adapters change places. Over TCP write instead: host and tcp_port
# Without baud, data_bits, parity and stop_bits it is ${text}, as is usual for the model.
serial = ${quoted(line.path)}
${line.baud === baudRate ? "" : `baud = ${line.baud}\n`}`;
}

function lineText(line: DeviceLine): string {
  if (line.kind === "tcp") {
    return `# Over TCP; for a serial line write instead: serial = "/dev/ttyUSB0", baud = 9600, parity, stop_bits
host = ${quoted(line.host)}
tcp_port = ${line.port}
`;
  }
  return `# /dev/serial/by-id/… stays the same when adapters change places. Over TCP write instead: host and tcp_port
serial = ${quoted(line.path)}
baud = ${line.baud}
parity = "none"
stop_bits = 1
`;
}

/** A basic string of TOML: JSON's escapes are all among TOML's, and U+007F is the one that JSON leaves as it is. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}
