/** S18: what waits stays within its named limits. S10: no evidence is taken against an honest gateway. */
import { MEMPOOL_FACTS_MAX, PARKED_FACTS_MAX } from "#core/limits.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

/** Far above what a day of twelve gateways writes, far below a card. */
const FLASH_BYTES_PER_HOUR_MAX = 4 * 1024 * 1024;
const PEERS_MAX = 600;

export function caps(world: RegionWorld): Invariant {
  return {
    name: "S18",
    often: (report) => {
      for (const node of world.nodes) {
        const gateway = node.running;
        if (gateway === undefined) continue;
        const { mempool } = gateway.ledger.chain;
        if (mempool.size > MEMPOOL_FACTS_MAX) report(`${mempool.size} facts wait at ${node.name}`);
        if (mempool.parked().length > PARKED_FACTS_MAX)
          report(`${mempool.parked().length} facts are parked at ${node.name}`);
        if (gateway.sync.peers.size > PEERS_MAX)
          report(`${node.name} keeps the words of ${gateway.sync.peers.size} peers`);
      }
    },
    rarely: (report) => {
      const hours = 1 + world.nowMs / 3_600_000;
      for (const node of world.nodes) {
        const bytes = node.usedBytes;
        if (bytes > hours * FLASH_BYTES_PER_HOUR_MAX)
          report(`${node.name} has written ${bytes} bytes in ${hours.toFixed(0)} h`);
      }
    },
  };
}

export function noFalseEvidence(world: RegionWorld): Invariant {
  return {
    name: "S10",
    onHead: (node, change, report) => {
      for (const { block, state } of change?.added ?? []) {
        if (block?.facts.some(({ kind }) => kind === "EVIDENCE") !== true) continue;
        for (const accused of world.honest) {
          const shown = state.misconduct.get(accused.identity.key)?.shown ?? [];
          const [first] = shown;
          if (first !== undefined)
            report(`${node.name} takes evidence E${first.kind} against ${accused.name}, who is honest`);
        }
      }
    },
  };
}
