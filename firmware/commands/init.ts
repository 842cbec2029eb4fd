/** `init`: makes the files of a new gateway, and says what to do with them. */
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { equalBytes, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { DEVICE_ROLE_OF, parseGatewayConfig } from "#config/gateway-config.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { governors, type Governors } from "#core/governance/governors.ts";
import { decodeGenesis, type Genesis, type Membership } from "#core/ledger/genesis.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { GOVERNORS_MAX } from "#core/limits.ts";
import { readShape } from "#core/wire/schema.ts";
import { chargePointModelNames } from "#hal/charge-points/registry.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { vehicleProfiles } from "#hal/vehicles/registry.ts";
import { allMeterModelNames, meterModelNamed } from "../load-meter-model.ts";
import { AUTOMATIC_PROFILE } from "../load-vehicle-profile.ts";
import { readAuthorityKey } from "./ca/office.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { CONFIG_NAME, configText, GENESIS_NAME, type DeviceLine } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";
import { readGovernorKey } from "./governor/governor-key.ts";
import { makeGatewayFolder, type NewIdentity } from "./gateway-folder.ts";
import { keepDaysOption } from "./keep-days-option.ts";
import { makeRegionGenesis, REGION_PROFILES } from "./region-genesis.ts";

/** USB adapters get this name as long as there is only one. */
const SERIAL_PATH = "/dev/ttyUSB0";
const OTHER_PATH = "/dev/ttyUSB1";
const METER_BAUD = 9600;
/** What ELM327 adapters come with; and the address and port of those on Wi-Fi. */
const OBD_BAUD = 38_400;
const OBD_WIFI: DeviceLine = { kind: "tcp", host: "192.168.0.10", port: 35_000 };
const BROKER_PORT = 1883;

export async function runInit(given: CommandArguments, io: CommandIo): Promise<number> {
  const role = given.oneOf("role", ["charger", "vehicle", "arbiter"]);
  if (role === undefined) throw new CommandError(EXIT.usage, "--role is missing: charger, vehicle or arbiter");
  const places = placesOf(given, io);
  const crypto = new NodeCryptography();
  const region = await regionOf(given, io, crypto);
  const config = initialConfigText(role, given, isApart(places) ? places.state : undefined);
  const checked = parseGatewayConfig(config);
  if (!checked.ok) {
    const { path, found, expected } = checked.fault;
    throw new CommandError(EXIT.usage, `${path}: found ${found}, expected ${expected}`);
  }
  const made = await makeGatewayFolder(
    { ...places, role: DEVICE_ROLE_OF[role], config, genesisFor: region },
    { crypto, randomness: new SystemRandomness() },
  );
  for (const line of report({ ...made, role, ...shownPlaces(io.cwd, places) })) io.out(line);
  return EXIT.ok;
}

interface Places {
  readonly configPath: string;
  readonly state: string;
}

/** One folder for all, or the configuration and what the gateway writes apart, as where a system runs it. */
function placesOf(given: CommandArguments, io: CommandIo): Places {
  const folder = resolve(io.cwd, given.text("folder") ?? ".");
  const configPath = given.text("config");
  const state = given.text("state");
  return {
    configPath: configPath === undefined ? join(folder, CONFIG_NAME) : resolve(io.cwd, configPath),
    state: state === undefined ? folder : resolve(io.cwd, state),
  };
}

function isApart({ configPath, state }: Places): boolean {
  return dirname(configPath) !== state;
}

/** The genesis that the gateway gets: the given one, or for a charger without one that of a new region. */
async function regionOf(
  given: CommandArguments,
  io: CommandIo,
  crypto: Cryptography,
): Promise<(identity: NewIdentity) => Genesis> {
  const profile = given.oneOf("profile", ["hardened", "paper"]);
  const file = given.text("genesis");
  if (file === undefined) {
    const role = given.text("role") ?? "";
    if (role !== "charger") throw new CommandError(EXIT.usage, genesisAdvice(role));
    const name = given.text("region") ?? given.text("site") ?? SITE_DEFAULT;
    const startedAt = Math.floor(new SystemClock().wallMs() / 1000);
    const organisation = given.text("organisation") ?? "";
    const rules = REGION_PROFILES[profile ?? "hardened"];
    const membership = await membershipOf(given, io);
    const chosen = await governorsOf(given, io, rules);
    return ({ inception }) =>
      makeRegionGenesis(crypto, {
        ...{ name, rules, startedAt, authorities: [{ inception, organisation }] },
        ...(membership && { membership }),
        ...(chosen && { governors: chosen }),
      });
  }
  const ofNewRegion = ["region", "ca", "admit-uncertified", "governors", "governors-needed"];
  if (profile !== undefined || ofNewRegion.some((option) => given.flag(option))) {
    const problem =
      "--profile, --region, --ca and --governors are of a new region; with --genesis the file says all of them";
    throw new CommandError(EXIT.usage, problem);
  }
  const path = resolve(io.cwd, file);
  const genesis = decodeGenesis(crypto, await readFile(path));
  if (genesis.ok) return () => genesis.value;
  throw new CommandError(EXIT.badData, `${path}: not the genesis of a region (${genesis.fault.code})`);
}

/** Who enrols the members of a new region; undefined where anybody may join. */
async function membershipOf(given: CommandArguments, io: CommandIo): Promise<Membership | undefined> {
  const files = given.text("ca")?.split(",");
  const admitsUncertified = given.flag("admit-uncertified");
  if (files === undefined) {
    if (admitsUncertified)
      throw new CommandError(EXIT.usage, "--admit-uncertified goes with --ca: without, all are taken");
    return undefined;
  }
  const enrolmentKeys = await Promise.all(files.map((file) => readAuthorityKey(resolve(io.cwd, file))));
  return { enrolmentKeys, admitsUncertified, countsUncertified: false };
}

/** Who may change the rules of a new region; undefined where nobody may. */
async function governorsOf(given: CommandArguments, io: CommandIo, rules: LedgerRules): Promise<Governors | undefined> {
  const files = given.text("governors")?.split(",");
  const needed = given.wholeNumber("governors-needed", 1, GOVERNORS_MAX);
  if (files === undefined) {
    if (needed !== undefined) throw new CommandError(EXIT.usage, "--governors-needed goes with --governors");
    return undefined;
  }
  if (rules.finality === "off") {
    throw new CommandError(
      EXIT.usage,
      "--governors: only where a committee votes, which --profile paper does not know",
    );
  }
  const keys = await Promise.all(files.map((file) => readGovernorKey(resolve(io.cwd, file))));
  const chosen = { keys, threshold: needed ?? Math.floor(keys.length / 2) + 1 };
  if (readShape(governors, governors.write(chosen)).ok) return chosen;
  const expected = `1 to ${GOVERNORS_MAX} different keys, and more than half of them to decide`;
  throw new CommandError(EXIT.usage, `--governors: expected ${expected}`);
}

const SITE_DEFAULT = "site-1";

function genesisAdvice(role: string): string {
  return (
    `--genesis is missing: ${role === "arbiter" ? "an arbiter" : "a vehicle"} joins the region of a charger. ` +
    `Copy ${GENESIS_NAME} from the charger gateway's folder, and give it here: --genesis ${GENESIS_NAME}`
  );
}

function chargerConfig(given: CommandArguments, state?: string): string {
  const model = given.oneOf("meter", allMeterModelNames()) ?? "eastron-sdm630";
  const named = meterModelNamed(model);
  const speaks = named?.kind === "telegrams" ? named.model.line : undefined;
  const meterBaud = speaks?.baudRate ?? METER_BAUD;
  const meterLine = lineOf(given, "meter-line", meterBaud) ?? { kind: "serial", path: SERIAL_PATH, baud: meterBaud };
  // A meter that speaks by itself has its line for itself.
  const shared: DeviceLine = speaks === undefined ? meterLine : { kind: "serial", path: OTHER_PATH, baud: METER_BAUD };
  return configText({
    role: "charger",
    ...baseOf(given, "charger", state),
    meter: {
      ...{ model, line: meterLine },
      ...(speaks === undefined ? { unit: given.wholeNumber("meter-unit", 1, 247) ?? 1 } : { usual: speaks }),
    },
    chargePoint: {
      driver: given.oneOf("charge-point", chargePointModelNames()) ?? "simple-evse-wb",
      unit: given.wholeNumber("charge-point-unit", 1, 247) ?? 2,
      line: lineOf(given, "charge-point-line", METER_BAUD) ?? shared,
    },
    currency: given.text("currency") ?? "EUR",
    pricePerKwh: given.text("tariff") ?? "0.35",
    brokerPort: given.wholeNumber("broker-port", 0, 65_535) ?? BROKER_PORT,
  });
}

function vehicleConfig(given: CommandArguments, state?: string): string {
  const profiles = vehicleProfiles.map(({ name }) => name);
  return configText({
    role: "vehicle",
    ...baseOf(given, "vehicle", state),
    profile: given.oneOf("car", [...profiles, AUTOMATIC_PROFILE]) ?? profiles[0] ?? "",
    start: given.oneOf("start", ["automatic", "asked"]) ?? "automatic",
    line: lineOf(given, "obd-line", OBD_BAUD) ?? OBD_WIFI,
  });
}

function arbiterConfig(given: CommandArguments, state?: string): string {
  return configText({ role: "arbiter", ...baseOf(given, "arbiter", state) });
}

export type GatewayRole = keyof typeof DEVICE_ROLE_OF;

/** The configuration of a new gateway, with what the options say; `first-boot` lays the card's keys over it. */
export function initialConfigText(role: GatewayRole, given: CommandArguments, state?: string): string {
  return CONFIG_OF[role](given, state);
}

const CONFIG_OF: Readonly<Record<GatewayRole, (given: CommandArguments, state?: string) => string>> = {
  charger: chargerConfig,
  vehicle: vehicleConfig,
  arbiter: arbiterConfig,
};

function baseOf(
  given: CommandArguments,
  role: string,
  state?: string,
): Pick<Parameters<typeof configText>[0], BaseKey> {
  const brokerUrl = given.text("broker");
  return {
    name: given.text("name") ?? role,
    organisation: given.text("organisation") ?? "",
    keepDays: keepDaysOption(given),
    site: given.text("site") ?? SITE_DEFAULT,
    ...(brokerUrl === undefined ? {} : { brokerUrl }),
    ...(state === undefined ? {} : { state }),
  };
}

type BaseKey = "state" | "name" | "organisation" | "keepDays" | "site" | "brokerUrl";

/** `/dev/ttyUSB0`, `/dev/ttyUSB0@19200` or `192.168.1.20:502`. */
function lineOf(given: CommandArguments, option: string, baud: number): DeviceLine | undefined {
  const text = given.text(option);
  if (text === undefined) return undefined;
  const serial = /^(\/[^@]+)(?:@(\d{3,6}))?$/.exec(text);
  if (serial?.[1] !== undefined) return { kind: "serial", path: serial[1], baud: Number(serial[2] ?? baud) };
  const tcp = /^(.+):(\d{1,5})$/.exec(text);
  if (tcp?.[1] !== undefined) return { kind: "tcp", host: tcp[1], port: Number(tcp[2]) };
  const expected = `a serial line such as ${SERIAL_PATH}@${baud}, or an address such as 192.168.1.20:502`;
  throw new CommandError(EXIT.usage, `--${option}: found "${text}", expected ${expected}`);
}

function shownPlaces(cwd: string, places: Places): Places & { readonly isService: boolean } {
  const { configPath, state } = places;
  return { configPath: shownPath(cwd, configPath), state: shownPath(cwd, state), isService: isApart(places) };
}

/** Relative while that is the shorter way to say it. */
function shownPath(cwd: string, folder: string): string {
  const path = relative(cwd, folder);
  return path.startsWith("..") ? folder : path || ".";
}

interface Made extends NewIdentity, Places {
  readonly genesis: Genesis;
  readonly role: GatewayRole;
  /** A system's service runs it. */
  readonly isService: boolean;
}

function report({ did, inception, genesis, role, configPath: config, state, isService }: Made): readonly string[] {
  const isAuthority = genesis.body.authorities.some(([authority]) => equalBytes(authority, inception));
  const run = isService
    ? "start the gateway:     systemctl enable --now tallystick.service"
    : `start the gateway:     tallystick run --config ${config}`;
  const next: Readonly<Record<GatewayRole, readonly string[]>> = {
    charger: [
      `look through ${config}: meter, charge point, tariff`,
      `try the meter:         tallystick meter read --config ${config}`,
      run,
      `for each vehicle:      copy ${join(state, GENESIS_NAME)} and give it to tallystick init --role vehicle`,
    ],
    vehicle: [`look through ${config}: broker, car, OBD adapter`, run],
    arbiter: [
      `look through ${config}: broker`,
      run,
      `at each charger:       [tariff] arbiter = "${toHex(did)}"`,
      "at each vehicle:       the same id among [vehicle] arbiters",
      `when there is one:     tallystick dispute list --config ${config}`,
    ],
  };
  return [
    `A new ${role} gateway in ${state}`,
    `  device   ${shortDeviceId(did)}  (${toHex(did)})`,
    `  network  ${toHex(genesis.network)}  "${genesis.body.name}", rules: ${genesis.body.rules.profile}`,
    ...(isAuthority ? ["  This gateway may seal blocks while nobody has a history."] : []),
    "Next:",
    ...next[role].map((line, index) => `  ${index + 1}. ${line}`),
  ];
}
