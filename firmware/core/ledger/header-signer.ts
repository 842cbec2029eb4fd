/** Whether the miner that a header names has signed it. */
import { toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { Header } from "./block.ts";
import { keysOf } from "./membership.ts";
import type { LedgerState } from "./state.ts";

/** With some key that it has or had: which one was in force depends on blocks that may not be at hand. */
export function isSignedByItsMiner(
  state: Pick<LedgerState, "members">,
  { header, headerPayload, signature }: Header,
  { crypto, network }: { readonly crypto: Cryptography; readonly network: Uint8Array },
): boolean {
  const message = toBeSigned(network, PURPOSE.HEADER, headerPayload);
  return keysOf(state, toHex(header.miner)).some((key) => crypto.verify(key, message, signature));
}
