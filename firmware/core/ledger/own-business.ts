/** Whether a device may be gone for good: nothing that its charges still need would be missing. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Chain } from "./chain.ts";

/**
 * A charge of the device is without a result, or its result stands in a block that may still be replaced where a
 * committee votes. What is contested under a result is no business that needs it: it lapses in the vehicle's favour.
 */
export function hasOwnBusiness(chain: Pick<Chain, "pending" | "head" | "final" | "at">, did: Uint8Array): boolean {
  const { pending, head, final } = chain;
  const isOwn = (key: string): boolean => {
    const open = pending.transactions.get(key)?.open;
    return open !== undefined && (equalBytes(open.vehicle, did) || equalBytes(open.station, did));
  };
  for (const key of pending.unsettled) {
    if (isOwn(key) && pending.transactions.get(key)?.result === undefined) return true;
  }
  if (head.state.rules.finality === "off") return false;
  for (let serial = final.serial + 1; serial <= head.serial; serial += 1) {
    const results = chain.at(serial)?.results ?? [];
    if (results.some(({ address }) => isOwn(toHex(address)))) return true;
  }
  return false;
}
