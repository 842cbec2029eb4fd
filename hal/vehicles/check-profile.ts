/** Judges a profile that somebody wrote: every problem at once, each with its place. */
import { fail, ok, type Result } from "#base/result.ts";
import type { VehicleProfile } from "./profile.ts";
import { ruleProblems } from "./profile-rules.ts";
import { type ProfileProblem, readProfileShape } from "./profile-shape.ts";

export type { ProfileProblem } from "./profile-shape.ts";

/** `value`: as parsed from JSON or TOML. Nothing of a profile with a problem is used. */
export function checkVehicleProfile(value: unknown): Result<VehicleProfile, readonly ProfileProblem[]> {
  const problems: ProfileProblem[] = [];
  const profile = readProfileShape(value, problems);
  // What a broken shape means is not worth asking.
  if (problems.length > 0) return fail(problems);
  const broken = ruleProblems(profile);
  return broken.length > 0 ? fail(broken) : ok(profile);
}
