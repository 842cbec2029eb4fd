/** A request as it is typed at the adapter. */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import type { EcuRequest } from "../decode-reply.ts";
import { singleFrame } from "../isotp-frame.ts";

/**
 * `countDigit`: how many lines to expect, or empty. It makes the number of digits odd, by which the adapter knows it;
 * hence a request itself is whole bytes.
 */
export function requestText(request: EcuRequest, framing: "adapter" | "own", countDigit: string): string {
  assert(/^[0-9A-F]?$/.test(countDigit), "the count is one digit");
  const bytes = framing === "own" ? singleFrame(request.bytes, request.ecu) : request.bytes;
  return `${toHex(bytes).toUpperCase()}${countDigit}`;
}
