/** A profile's requests with the variants that are tried in their place. */
import { assert } from "#base/assert.ts";
import { fromHex } from "#base/bytes.ts";
import type { ProfileRequest, RequestVariant, VehicleProfile } from "./profile.ts";

/** In the order in which they are tried. */
export function variantsOf(request: ProfileRequest): readonly [RequestVariant, ...RequestVariant[]] {
  return [request, ...(request.otherwise ?? [])];
}

export function allVariants(profile: Pick<VehicleProfile, "requests">): readonly RequestVariant[] {
  return profile.requests.flatMap(variantsOf);
}

/** Service and identifier. Of a profile that `checkVehicleProfile` has passed, they are hex. */
export function requestBytes(request: string): Uint8Array {
  const bytes = fromHex(request);
  assert(bytes !== undefined && bytes.length > 0, `a request is hex, not "${request}"`);
  return bytes;
}
