/** What one side of a charge has signed last, from the facts of a receipt. */
import { equalBytes } from "#base/bytes.ts";
import { readingsOf, type Role } from "#core/session/facts.ts";
import type { VerifiedReceipt } from "./receipt.ts";

/** Its register at its COMPLETE, else at its last report, else at the start, in mWh. */
export function lastRegisterOf({ facts, transaction }: VerifiedReceipt, role: Role): number {
  const { address, open } = transaction;
  let lastMilliWh = open.startMilliWh[role === "station" ? 0 : 1];
  for (const fact of facts) {
    if (fact.kind !== "REPORT" && fact.kind !== "COMPLETE") continue;
    if (fact.body.role !== role || !equalBytes(fact.body.address, address)) continue;
    const readings = fact.kind === "REPORT" ? readingsOf(fact.body) : [{ registerMilliWh: fact.body.finalMilliWh }];
    lastMilliWh = Math.max(lastMilliWh, readings.at(-1)?.registerMilliWh ?? 0);
  }
  return lastMilliWh;
}
