/** How often a device has rotated, as the blocks on its own flash say. */
import { toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { GatewayPlaces } from "../../gateway-places.ts";
import { verifyPath } from "../chain-source.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

/** Rejects with a CommandError when the chain does not hold. */
export async function storedKeyNumber(
  crypto: Cryptography,
  { flash }: GatewayPlaces,
  deviceId: Uint8Array,
): Promise<number> {
  const verification = await verifyPath(crypto, flash, ".");
  if (!verification.ok || !("chain" in verification)) {
    throw new CommandError(EXIT.verificationFailed, `the chain in ${flash} does not hold; see tallystick verify`);
  }
  return (verification.chain.head.state.members.get(toHex(deviceId))?.keys.length ?? 1) - 1;
}
