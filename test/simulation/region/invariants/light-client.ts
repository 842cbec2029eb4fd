/**
 * S17: who has nothing but the genesis and a receipt is told that a block is final only where some honest gateway holds
 * it final. And the other way about: the receipt of every result that is final shows it, by itself.
 */
import { toHex } from "#base/bytes.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { hasBeginning } from "#core/ledger/stored-blocks.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import type { RegionNode } from "../region-node.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

/** Of one gateway an hour: the newest, and one of the others, which change only when a branch is left. */
const NEWEST = 2;
/** At the end. */
const RECEIPTS_MAX = 24;

export function provenFinal(world: RegionWorld): Invariant {
  const { crypto } = world.cryptography;
  // A gateway whose card was set back may hold what nobody else has heard of yet.
  const isFinalSomewhere = (serial: number, id: string): boolean =>
    world.nodes.some(({ name, running }) => {
      const chain = world.plan.liars.has(name) ? undefined : running?.ledger.chain;
      return chain !== undefined && serial <= chain.final.serial && chain.idAt(serial) === id;
    });
  const lookAt = (
    node: RegionNode,
    choose: (ended: readonly Transaction[]) => readonly Transaction[],
  ): string | undefined => {
    const chain = node.running?.ledger.chain;
    if (chain === undefined) return undefined;
    const ended = [...chain.head.state.transactions.entries().values()].filter(({ result }) => result !== undefined);
    for (const { address } of choose(ended)) {
      const file = makeReceipt(chain, address);
      const whose = `${node.name}'s receipt of ${toHex(address).slice(0, 8)}`;
      // Who has not all blocks from the beginning, or has let one rot, may lack a word of it.
      if (
        file === undefined &&
        hasBeginning(chain) &&
        !node.hasRotted &&
        chain.sealingOf(toHex(address)) !== undefined
      ) {
        return `${whose} cannot be made`;
      }
      // While a later revision of the result waits for its block there is none to show.
      if (file === undefined) continue;
      const read = verifyReceipt(crypto, file);
      if (!read.ok) return `${whose} does not hold: ${JSON.stringify(read.fault).slice(0, 200)}`;
      const { genesis, header, blockId, finality } = read.value;
      if (toHex(genesis.network) !== toHex(world.genesis.network)) return `${whose} is of another region`;
      const isShown = finality.kind === "final";
      if (isShown && !isFinalSomewhere(header.serial, toHex(blockId))) {
        return `${whose} shows block ${header.serial} as final, which it is nowhere`;
      }
      if (!isShown && world.isHonest(node) && header.serial <= chain.final.serial) {
        return `${whose} does not show that block ${header.serial} is final (${finality.kind})`;
      }
    }
    return undefined;
  };
  let turn = 0;
  return {
    name: "S17",
    rarely: (report) => {
      turn += 1;
      const node = world.nodes[turn % world.nodes.length];
      const found =
        node && lookAt(node, (ended) => [...ended.slice(-NEWEST), ...ended.slice(turn % ended.length).slice(0, 1)]);
      if (found !== undefined) report(found);
    },
    atEnd: (report) => {
      const doubted = world.nodes.filter((node) => !world.isHonest(node)).slice(0, 1);
      for (const node of [...world.honest.slice(0, 1), ...doubted]) {
        const found = lookAt(node, (ended) => ended.slice(-RECEIPTS_MAX));
        if (found !== undefined) report(found);
      }
    },
  };
}
