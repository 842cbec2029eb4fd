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

/** What a gateway has told of is durable by then; its chain may know of more a moment before. */
export function finalForEver(world: RegionWorld): Invariant {
  const highest = new Map<RegionNode, FinalMoved>();
  return {
    name: "S2",
    onEvent: (node, { name, content }) => {
      if (name !== "finalMoved" || !isFinalMoved(content) || !world.isHonest(node)) return;
      if (content.serial >= (highest.get(node)?.serial ?? 0)) highest.set(node, content);
    },
    onHead: (node, _change, report) => {
      const chain = node.running?.ledger.chain;
      const before = highest.get(node);
      if (chain === undefined || before === undefined || !world.isHonest(node)) return;
      const { serial } = chain.final;
      // What told it so may be what has rotted: then it has it from the others, and the same.
      if (node.hasRotted && serial < before.serial) return;
      if (serial >= before.serial && chain.idAt(before.serial) === before.id) return;
      report(`${node.name} held ${before.id.slice(0, 8)} final at ${before.serial}, and now ${serial} is its highest`);
    },
  };
}

interface FinalMoved {
  readonly serial: number;
  /** In hex. */
  readonly id: string;
}

function isFinalMoved(content: object): content is FinalMoved {
  return "serial" in content && "id" in content;
}
