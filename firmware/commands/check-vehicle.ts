/**
 * `vehicle check FILE`: whether a profile that somebody wrote can be believed, what a car would be asked by it, and
 * what is measured with which certainty. No car is asked. The name of a built-in profile does in place of a file.
 */
import { resolve } from "node:path";
import { ok } from "#base/result.ts";
import { describeProfile } from "#hal/vehicles/describe-profile.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import { loadVehicleProfile, problemText } from "../load-vehicle-profile.ts";
import type { CommandArguments } from "./command.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";

/** Exit 0 for a good profile, 65 for one with mistakes. */
export async function runVehicleCheck(file: string, given: CommandArguments, io: CommandIo): Promise<number> {
  const builtIn = vehicleProfile(file);
  const loaded = builtIn === undefined ? await loadVehicleProfile(resolve(io.cwd, file)) : ok(builtIn);
  if (!loaded.ok) {
    if (given.flag("json")) io.out(JSON.stringify({ file, problems: loaded.fault }));
    else for (const problem of loaded.fault) io.err(`${file}: ${problemText(problem)}`);
    return EXIT.badData;
  }
  const lines = describeProfile(loaded.value);
  if (given.flag("json")) io.out(JSON.stringify({ file, profile: loaded.value, lines }));
  else for (const line of lines) io.out(line);
  return EXIT.ok;
}
