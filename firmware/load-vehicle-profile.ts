/** A car's profile, built in or from a file that somebody wrote. */
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { parse as parseToml } from "smol-toml";
import { fail, ok, type Result } from "#base/result.ts";
import { checkVehicleProfile, type ProfileProblem } from "#hal/vehicles/check-profile.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { GatewayError } from "./gateway-error.ts";

/** The profile that is found out by asking the car. */
export const AUTOMATIC_PROFILE = "auto";

/** More is no profile, whatever it is. */
const PROFILE_BYTES_MAX = 256 * 1024;

/** Of a file: JSON when its name ends so, TOML otherwise. */
export async function loadVehicleProfile(path: string): Promise<Result<VehicleProfile, readonly ProfileProblem[]>> {
  const whole = (problem: string): Result<never, readonly ProfileProblem[]> => fail([{ path: "file", problem }]);
  const bytes = await readFile(path).catch((error: unknown) => messageOf(error));
  if (typeof bytes === "string") return whole(`It cannot be read: ${bytes}.`);
  if (bytes.length > PROFILE_BYTES_MAX)
    return whole(`${bytes.length} bytes; at most ${PROFILE_BYTES_MAX} are a profile.`);
  const parsed = parseText(bytes.toString("utf8"), extname(path).toLowerCase() === ".json");
  return parsed.ok ? checkVehicleProfile(parsed.value) : whole(parsed.fault);
}

/**
 * The one that a configuration names, or undefined where the car is to be asked.
 *
 * @throws GatewayError CONFIG_INVALID for a profile that is not known, and for a file with mistakes.
 */
export async function configuredProfile(
  vehicle: { readonly profile: string; readonly profileFile: string | undefined },
  home: string,
): Promise<VehicleProfile | undefined> {
  if (vehicle.profileFile !== undefined) {
    const path = resolve(home, vehicle.profileFile);
    const loaded = await loadVehicleProfile(path);
    if (loaded.ok) return loaded.value;
    throw new GatewayError(
      "CONFIG_INVALID",
      `vehicle.profile_file: ${path}: ${loaded.fault.map(problemText).join(" ")}`,
    );
  }
  if (vehicle.profile === AUTOMATIC_PROFILE) return undefined;
  const profile = vehicleProfile(vehicle.profile);
  if (profile !== undefined) return profile;
  const known = [AUTOMATIC_PROFILE, ...vehicleProfiles.map(({ name }) => name)].join(", ");
  throw new GatewayError("CONFIG_INVALID", `vehicle.profile: found "${vehicle.profile}", allowed: ${known}`);
}

export function problemText({ path, problem }: ProfileProblem): string {
  return `${path}: ${problem}`;
}

function parseText(text: string, isJson: boolean): Result<unknown, string> {
  try {
    return ok(isJson ? JSON.parse(text) : parseToml(text, { integersAsBigInt: "asNeeded" }));
  } catch (error) {
    return fail(`It is no ${isJson ? "JSON" : "TOML"}: ${messageOf(error).trim().split("\n")[0] ?? ""}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
