/** What a chain finds on flash: old blocks, which stay there until they are asked for, and where its tree begins. */
import type { BlockIds } from "./block-ids.ts";
import type { OldBlocks } from "./block-tree.ts";
import type { Block } from "./block.ts";
import type { LinkStore } from "./link-store.ts";
import { Link } from "./link.ts";
import type { RecordArchive } from "./record-archive.ts";
import type { LedgerState } from "./state.ts";

/** What is on flash of a chain. */
export interface StoredBlocks {
  readonly archive: RecordArchive;
  /** Where the tree is to begin instead of the genesis: the blocks before it stay where they are. */
  readonly start?: ChainStart | undefined;
}

/** A checkpoint with the state after it; final, where any is. */
export interface ChainStart {
  readonly block: Block;
  readonly state: LedgerState;
  /** Of the chain up to the block. */
  readonly score: number;
  /** Those before it. */
  readonly ids: BlockIds;
}

/** The base of a tree that does not begin with the genesis; undefined when it does. */
export function oldBlocksOf(stored: StoredBlocks | undefined, store: LinkStore | undefined): OldBlocks | undefined {
  const start = stored?.start;
  if (start === undefined || store === undefined) return undefined;
  const { block, state, score, ids } = start;
  const base = new Link({ key: block.key, block, parent: undefined, state, score }, store);
  return { base, ids, load: (key) => store.load(key) };
}
