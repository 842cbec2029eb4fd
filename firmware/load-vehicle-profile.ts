/** A car's profile, built in or from a file that somebody wrote. */
import { resolve } from "node:path";
import { fail, type Result } from "#base/result.ts";
import { checkVehicleProfile, type ProfileProblem } from "#hal/vehicles/check-profile.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { GatewayError } from "./gateway-error.ts";
import { readTableFile } from "./read-table-file.ts";

/** The profile that is found out by asking the car. */
export const AUTOMATIC_PROFILE = "auto";

/** Of a file, TOML or JSON. */
export async function loadVehicleProfile(path: string): Promise<Result<VehicleProfile, readonly ProfileProblem[]>> {
  const written = await readTableFile(path);
  if (written.ok) return checkVehicleProfile(written.value);
  const { found, expected } = written.fault;
  return fail([{ path: "file", problem: `Expected ${expected}, found: ${found}.` }]);
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
