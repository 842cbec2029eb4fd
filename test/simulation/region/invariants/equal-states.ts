/** S4: whoever holds the same chain has the same state and the same results. */
import { toHex } from "#base/bytes.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

export function equalStates(world: RegionWorld): Invariant {
  const { crypto } = world.cryptography;
  const seen = new Map<string, { readonly by: string; readonly says: string }>();
  return {
    name: "S4",
    onHead: (node, change, report) => {
      for (const { block, results, state } of change?.added ?? []) {
        if (block === undefined) continue;
        // Of the state below a checkpoint everybody has the root at hand.
        const isRooted = (state.serial + 1) % state.rules.checkpointBlocks === 0;
        const root = isRooted ? toHex(stateRoot((message) => crypto.sha256(message), state)) : "";
        const said = results.map((result) => [
          toHex(result.address),
          result.state,
          result.billedMilliWh,
          result.amount,
        ]);
        const says = `${root} ${JSON.stringify(said)}`;
        const before = seen.get(block.key);
        if (before !== undefined && before.says !== says) {
          report(`${before.by} and ${node.name} hold block ${state.serial} and differ in what follows from it`);
        }
        if (before === undefined) seen.set(block.key, { by: node.name, says });
      }
    },
  };
}
