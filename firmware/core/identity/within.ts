/** A fault of a message that stands as bytes inside another: its path starts there. */
import { fail, type Result } from "#base/result.ts";
import type { WireFault } from "#core/wire/schema.ts";

export function within(place: string, fault: WireFault): Result<never, WireFault> {
  return fail(fault.code === "WIRE_WRONG_SHAPE" ? { ...fault, path: `${place}.${fault.path}` } : fault);
}
