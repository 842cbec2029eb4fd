/** What the chain and this gateway's own words say of the time: no right date is before it. */
import { equalBytes } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { chainTime, newestLinks } from "#core/ledger/chain-time.ts";
import type { WorldTime } from "./world-time.ts";

/**
 * Of blocks of others only the median counts: one of them alone could say anything. What this gateway has sealed or
 * reported itself has been.
 */
export function hearPastOf(
  chain: Chain,
  { clock, did }: { readonly clock: Pick<WorldTime, "hearPast">; readonly did: Uint8Array },
): void {
  const { head, pending } = chain;
  clock.hearPast(chainTime(head));
  for (const { block, sealedAt } of newestLinks(head)) {
    if (block !== undefined && equalBytes(block.header.miner, did)) clock.hearPast(sealedAt);
  }
  for (const key of pending.unsettled) {
    const { open, logs } = pending.transactions.get(key) ?? {};
    if (open === undefined || logs === undefined) continue;
    for (const role of ["station", "vehicle"] as const) {
      const report = logs[role].reports.at(-1);
      const isOwn = report !== undefined && equalBytes(open[role], did);
      if (isOwn) clock.hearPast(open.startedAt + Math.floor(report.atMs / 1000));
    }
  }
}
