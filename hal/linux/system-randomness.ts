/** The kernel's generator (getrandom), by way of OpenSSL's. */
import { randomFillSync } from "node:crypto";
import type { Randomness } from "#hal/ports/randomness.ts";

export class SystemRandomness implements Randomness {
  bytes(length: number): Uint8Array {
    return randomFillSync(new Uint8Array(length));
  }
}
