/** Which facts must find room, however many others wait: those of a gateway's own charges. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";

/** Whether the fact is of a charge of this gateway's own, or of one that it may have to judge. */
export function isOfOurs({ pending }: Pick<Chain, "pending">, did: Uint8Array, fact: Fact): boolean {
  if (fact.kind === "JOIN") return false;
  // A revocation is the authority's word alone, and must not wait for room; nor must what proves a lie or governs.
  if (fact.kind === "REVOKE" || fact.kind === "EVIDENCE") return true;
  if (fact.kind === "PARAMS" || fact.kind === "RECONFIG") return true;
  if (fact.kind === "ROTATE") return equalBytes(fact.body.device, did);
  if (fact.kind === "CODE") return equalBytes(fact.body.member, did);
  const open = fact.kind === "OPEN" ? fact.body : pending.transactions.get(toHex(fact.body.address))?.open;
  return (
    open !== undefined && [open.station, open.vehicle, open.terms.arbiter ?? NOBODY].some((id) => equalBytes(id, did))
  );
}

const NOBODY = new Uint8Array();
