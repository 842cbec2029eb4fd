/** Which car on which line: from the options of `vehicle probe` and `vehicle watch`, or from a configuration. */
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { ADAPTER_BAUD_RATES, AUTOMATIC_BAUD, type VehicleLine } from "#config/vehicle-line-config.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { AUTOMATIC_PROFILE, configuredProfile, loadVehicleProfile, problemText } from "../../load-vehicle-profile.ts";
import { type CommandArguments, notAmong } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { readConfigFile } from "../config-file.ts";
import { CONFIG_NAME } from "../config-text.ts";
import { EXIT } from "../exit-code.ts";

export interface VehicleOptions {
  readonly line: VehicleLine;
  /** Undefined: the car is asked. */
  readonly profile: VehicleProfile | undefined;
  readonly json: boolean;
}

const ADAPTER_TCP_PORT = 35_000;

/** Options win over the configuration, so that somebody in the car can try another line at once. */
export async function vehicleOptions(given: CommandArguments, io: CommandIo): Promise<VehicleOptions> {
  const configured = await configuredVehicle(given, io);
  const line = givenLine(given, configured?.line) ?? configured?.line;
  if (line === undefined) {
    throw new CommandError(
      EXIT.usage,
      "which adapter? --port PATH, --host HOST or --can INTERFACE, or --config FILE; " +
        "adapters on USB are below /dev/serial/by-id, those on Wi-Fi mostly at 192.168.0.10",
    );
  }
  const profile = await givenProfile(given, io);
  return { line, profile: profile === "not given" ? configured?.profile : profile, json: given.flag("json") };
}

interface ConfiguredVehicle {
  readonly line: VehicleLine;
  readonly profile: VehicleProfile | undefined;
}

async function configuredVehicle(given: CommandArguments, io: CommandIo): Promise<ConfiguredVehicle | undefined> {
  const named = given.text("config");
  const hasLine = ["port", "host", "can"].some((name) => given.text(name) !== undefined);
  if (named === undefined && (hasLine || !(await isThere(resolve(io.cwd, CONFIG_NAME))))) return undefined;
  const { config, home } = await readConfigFile(io.cwd, named ?? CONFIG_NAME);
  if (config.role !== "vehicle") {
    throw new CommandError(EXIT.usage, "this is a charger's configuration; only a vehicle has an adapter");
  }
  return { line: config.vehicle.line, profile: await configuredProfile(config.vehicle, home) };
}

function givenLine(given: CommandArguments, configured: VehicleLine | undefined): VehicleLine | undefined {
  const [port, host, can] = [given.text("port"), given.text("host"), given.text("can")];
  if ([port, host, can].filter((each) => each !== undefined).length > 1) {
    throw new CommandError(EXIT.usage, "--port, --host or --can: one of them");
  }
  const baudRate = givenBaud(given);
  if (can !== undefined) return { kind: "can", interfaceName: can };
  if (host !== undefined) {
    return { kind: "tcp", host, port: given.wholeNumber("tcp-port", 1, 65_535) ?? ADAPTER_TCP_PORT };
  }
  if (port !== undefined) {
    return { kind: "serial", path: port, baudRate: baudRate ?? AUTOMATIC_BAUD, parity: "none", stopBits: 1 };
  }
  return configured?.kind === "serial" && baudRate !== undefined ? { ...configured, baudRate } : undefined;
}

function givenBaud(given: CommandArguments): number | typeof AUTOMATIC_BAUD | undefined {
  const text = given.text("baud");
  if (text === undefined || text === AUTOMATIC_BAUD) return text;
  const rate = ADAPTER_BAUD_RATES.find((each) => String(each) === text);
  if (rate !== undefined) return rate;
  const known = `${AUTOMATIC_BAUD}, ${ADAPTER_BAUD_RATES.join(", ")}`;
  throw new CommandError(EXIT.usage, `--baud: found "${text}", expected one of ${known}`);
}

async function givenProfile(
  given: CommandArguments,
  io: CommandIo,
): Promise<ConfiguredVehicle["profile"] | "not given"> {
  const [name, file] = [given.text("profile"), given.text("profile-file")];
  if (name !== undefined && file !== undefined) {
    throw new CommandError(EXIT.usage, "--profile or --profile-file, not both");
  }
  if (file !== undefined) {
    const loaded = await loadVehicleProfile(resolve(io.cwd, file));
    if (loaded.ok) return loaded.value;
    const [first] = loaded.fault.map(problemText);
    throw new CommandError(EXIT.badData, `${file}: ${first ?? ""} (\`tallystick vehicle check\` tells all)`);
  }
  if (name === undefined) return "not given";
  if (name === AUTOMATIC_PROFILE) return undefined;
  const profile = vehicleProfile(name);
  if (profile !== undefined) return profile;
  const known = [AUTOMATIC_PROFILE, ...vehicleProfiles.flatMap((each) => [each.name, ...each.aliases])];
  throw new CommandError(EXIT.usage, `--profile: ${notAmong(name, known)}`);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
