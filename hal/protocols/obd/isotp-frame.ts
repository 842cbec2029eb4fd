/** The frames that a client sends (ISO 15765-2): requests that fit one frame, and flow control. */
import { assert } from "#base/assert.ts";
import type { EcuAddress } from "./ecu-address.ts";

/** Data bytes of a frame, the protocol byte included; extended addressing takes one of eight. */
export function frameBytesOf(ecu: EcuAddress): number {
  return ecu.extension === undefined ? 8 : 7;
}

/** Address byte where there is one, length, request. Not padded. */
export function singleFrame(request: Uint8Array, ecu: EcuAddress): Uint8Array {
  // Every request that may leave the driver has at most 3 bytes; longer ones would need segments.
  assert(request.length > 0 && request.length < frameBytesOf(ecu), "a request fits one frame");
  return Uint8Array.of(...addressBytes(ecu), request.length, ...request);
}

/**
 * Clear to send (ISO 15765-2, 9.6.5). `blockFrames` 0: all that there are. `separationMs` from one frame to the next, 0
 * to 127.
 */
export function flowControlFrame(ecu: EcuAddress, blockFrames = 0, separationMs = 0): Uint8Array {
  assert(separationMs >= 0 && separationMs <= 127 && blockFrames >= 0 && blockFrames <= 255, "fits the frame");
  return Uint8Array.of(...addressBytes(ecu), 0x30, blockFrames, separationMs);
}

function addressBytes(ecu: EcuAddress): readonly number[] {
  return ecu.extension === undefined ? [] : [ecu.extension.ecu];
}
