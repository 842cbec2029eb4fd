/**
 * Up to which block the ledger may be dropped: by the time of final blocks, which no wrong clock can hasten, and no
 * single liar.
 */
import type { Chain } from "./chain.ts";
import { horizonOf } from "./stored-blocks.ts";

/** Final checkpoints that stay below the newest one, however old they are. */
const FINALS_KEPT = 2;

/**
 * The newest block of the head's chain that is older than that, counted from the final one; undefined when there is
 * none that is here, and where nobody votes: there a branch may begin at any block.
 *
 * @param below serial of the block with which the oldest start begins that must remain possible
 */
export function droppableUpTo(
  chain: Chain,
  { keepSeconds, below }: { readonly keepSeconds: number; readonly below: number },
): number | undefined {
  const { finality, checkpointBlocks } = chain.head.state.rules;
  if (finality === "off") return undefined;
  const newest = Math.min(below - 1, chain.final.serial - FINALS_KEPT * checkpointBlocks);
  const until = chain.final.sealedAt - keepSeconds;
  const isOld = (serial: number): boolean => (chain.at(serial)?.sealedAt ?? Infinity) <= until;
  let low = horizonOf(chain);
  if (low > newest || !isOld(low)) return undefined;
  // The times of a chain only rise.
  for (let high = newest; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if (isOld(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
