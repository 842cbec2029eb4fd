/**
 * S1: no two honest gateways have conflicting final blocks. S2: what is final at a gateway stays so, also over
 * restarts.
 */
import { toHex } from "#base/bytes.ts";
import type { RegionNode } from "../region-node.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

export function finalAgreement(world: RegionWorld): Invariant {
  /** By serial: what the first honest gateway held final there. */
  const finalAt = new Map<number, { readonly key: string; readonly by: string }>();
  const seenUpTo = new Map<RegionNode, number>();
  return {
    name: "S1",
    onHead: (node, _change, report) => {
      const chain = node.running?.ledger.chain;
      if (chain === undefined || !world.isHonest(node)) return;
      const { serial } = chain.final;
      const from = (seenUpTo.get(node) ?? 0) + 1;
      for (let at = from; at <= serial; at += 1) {
        const id = chain.at(at)?.id;
        if (id === undefined) continue;
        const key = toHex(id);
        const known = finalAt.get(at);
        if (known !== undefined && known.key !== key) {
          report(
            `serial ${at} is final as ${known.key.slice(0, 8)} at ${known.by} and ${key.slice(0, 8)} at ${node.name}`,
          );
          return;
        }
        finalAt.set(at, known ?? { key, by: node.name });
      }
      seenUpTo.set(node, Math.max(serial, seenUpTo.get(node) ?? 0));
    },
  };
}

export function finalForEver(world: RegionWorld): Invariant {
  const highest = new Map<RegionNode, { readonly serial: number; readonly key: string }>();
  return {
    name: "S2",
    onHead: (node, _change, report) => {
      const chain = node.running?.ledger.chain;
      if (chain === undefined || !world.isHonest(node)) return;
      const before = highest.get(node);
      const { serial, id } = chain.final;
      if (before !== undefined) {
        const still = chain.at(before.serial);
        const isThere = still !== undefined && toHex(still.id) === before.key;
        if (serial < before.serial || !isThere) {
          report(
            `${node.name} held ${before.key.slice(0, 8)} final at ${before.serial}, and now ${serial} is its highest`,
          );
        }
      }
      if (before === undefined || serial >= before.serial) highest.set(node, { serial, key: toHex(id) });
    },
  };
}
