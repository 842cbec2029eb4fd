/**
 * S12: serials go up by one, each block names its parent, and its miner is the one whom the parent's schedule names for
 * the rank, not before its time, in a slot of its own. Looked at for each block that any honest gateway follows.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { schedule } from "#core/ledger/schedule.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

export function chainForm(world: RegionWorld): Invariant {
  const { crypto } = world.cryptography;
  const looked = new Set<string>();
  return {
    name: "S12",
    onHead: (node, change, report) => {
      if (world.plan.liars.has(node.name)) return;
      for (const { block, parent } of change?.added ?? []) {
        if (block === undefined || parent === undefined || looked.has(block.key)) continue;
        looked.add(block.key);
        const { serial, previous, miner, rank, sealedAt, slot } = block.header;
        const at = `block ${serial} ${block.key.slice(0, 8)}`;
        const { rules, genesis } = parent.state;
        if (serial !== parent.serial + 1) report(`${at} follows ${parent.serial}`);
        if (!equalBytes(previous, parent.id)) report(`${at} names another parent`);
        const place = schedule((message) => crypto.sha256(message), parent.state)[rank[0]];
        if (place?.did !== toHex(miner)) report(`${at} is not sealed by whom its parent names for rank ${rank[0]}`);
        const due = parent.sealedAt + rules.blockSeconds + rank[0] * rules.slotSeconds;
        if (sealedAt < due) report(`${at} is sealed ${due - sealedAt} s too early`);
        if (slot !== Math.floor((sealedAt - genesis.startedAt) / rules.slotSeconds)) report(`${at} names another slot`);
        // Who has the time from others' words cannot tell a minute.
        if (!world.isHonest(node) || node.running?.ledger.time.dateSource !== "clock") continue;
        const nowSeconds = Math.floor(world.clock.wallMs() / 1000);
        const errorMs = Math.max(0, node.dateErrorMs);
        if (sealedAt > nowSeconds + 3 + Math.ceil(errorMs / 1000) && errorMs < 1000) {
          report(`${at} is ${sealedAt - nowSeconds} s from the future at ${node.name}`);
        }
      }
    },
  };
}
