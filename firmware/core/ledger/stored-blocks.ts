/** What a chain finds on flash: old blocks, which stay there until they are asked for, and where its tree begins. */
import { toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { LedgerContext } from "./apply-block.ts";
import type { BlockIds } from "./block-ids.ts";
import { BlockTree, type OldBlocks } from "./block-tree.ts";
import type { Block } from "./block.ts";
import type { Chain } from "./chain.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { HeardVotes } from "./heard-votes.ts";
import { LinkStore } from "./link-store.ts";
import { Link } from "./link.ts";
import type { RecordArchive } from "./record-archive.ts";
import { stateOfGenesis, type LedgerState } from "./state.ts";

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

/** What comes with a start and is about the time before it. */
export interface ChainPast {
  /** From the committee of the genesis on. */
  readonly handoffs: readonly Uint8Array[];
  /** That the state names. */
  readonly facts: readonly Fact[];
}

export interface TreeParts {
  readonly genesis: Genesis;
  readonly context: LedgerContext;
  readonly branchDepthMax: number;
  /** Without it all blocks stay in memory. */
  readonly archive: RecordArchive | undefined;
}

export interface BegunTree {
  readonly tree: BlockTree;
  readonly heard: HeardVotes;
  readonly store: LinkStore | undefined;
}

/** The tree of a chain at its genesis, or where it starts. */
export function beginTree(
  { genesis, context, branchDepthMax, archive }: TreeParts,
  start: ChainStart | undefined,
): BegunTree {
  const state = stateOfGenesis(context.crypto, genesis);
  const root = new Link({ key: toHex(genesis.id), block: undefined, parent: undefined, state, score: 0 }, undefined);
  const store = archive === undefined ? undefined : new LinkStore(archive, context, branchDepthMax);
  const tree = new BlockTree(root, start && oldBlocksOf(start, store));
  store?.standIn(tree);
  return { tree, heard: new HeardVotes(tree, context), store };
}

function oldBlocksOf({ block, state, score, ids }: ChainStart, store: LinkStore | undefined): OldBlocks {
  const base = new Link({ key: block.key, block, parent: undefined, state, score }, store);
  return { base, ids, load: (key) => store?.load(key) };
}

/** What a chain checks with; every signature is taken for good while it reads what it has verified before. */
export function believingContext(
  crypto: Cryptography,
  network: Uint8Array,
  trust: Pick<Chain, "believesSignatures" | "codeVersion">,
): LedgerContext {
  const verify: Cryptography["verify"] = (publicKey, message, signature) =>
    trust.believesSignatures || crypto.verify(publicKey, message, signature);
  const checking = Object.assign(Object.create(crypto) as Cryptography, { verify });
  return {
    ...{ crypto: checking, network, verified: new WeakMap() },
    get codeVersion() {
      return trust.codeVersion;
    },
  };
}

/** Whether the block of the head's chain at a serial is here with all of its facts. */
export function isHeld(chain: Chain, serial: number): boolean {
  const link = serial > 0 ? chain.at(serial) : undefined;
  return link instanceof Link && link.isWhole;
}

/** Whether all blocks from the genesis on are here: those before a state that was fetched, or were dropped, are not. */
export function hasBeginning(chain: Chain): boolean {
  return isHeld(chain, 1);
}

/** Whether the state after the block of the head's chain at a serial can be had. */
export function hasStateAt(chain: Chain, serial: number): boolean {
  return serial >= chain.base.serial || hasBeginning(chain);
}

/** Serial from which on blocks are held whole: there may be single older ones, but none that follow each other. */
export function horizonOf(chain: Chain): number {
  let held = Math.max(1, chain.base.serial);
  let step = 1;
  for (; isHeld(chain, held - step); step *= 2) held -= step;
  for (; step >= 1; step /= 2) if (isHeld(chain, held - step)) held -= step;
  return held;
}

/** The facts of a chain that no final block holds: of the blocks above it, and those that wait. */
export function unfinalFacts(chain: Chain): readonly Fact[] {
  const inBlocks: Fact[] = [];
  for (let serial = chain.final.serial + 1; serial <= chain.head.serial; serial += 1) {
    inBlocks.push(...(chain.at(serial)?.block?.facts ?? []));
  }
  return [...inBlocks, ...chain.mempool.facts(), ...chain.mempool.parked()];
}
