/** A device id as a configuration has it, checked there to be 64 hex digits, as the protocol has it. */
import { assert } from "#base/assert.ts";
import { fromHex } from "#base/bytes.ts";

export function configuredDeviceId(digits: string): Uint8Array {
  const bytes = fromHex(digits);
  assert(bytes !== undefined, "the configuration has whole device ids only");
  return bytes;
}
