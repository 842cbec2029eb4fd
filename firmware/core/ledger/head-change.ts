/** What a block, a vote or a certificate has changed for whoever follows the chain. */
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { VotePoolChange } from "#core/finality/vote-pool.ts";
import type { ChainLink, Link } from "./link.ts";

/** What a new block, vote or certificate did to the head. */
export interface HeadChange {
  readonly known: boolean;
  readonly added: readonly ChainLink[];
  readonly abandoned: readonly ChainLink[];
  /** That stand in no block of the tree and have come to count: to be stored, or a start would forget what is final. */
  readonly certificates: readonly QuorumCertificate[];
}

/** A vote that was taken. */
export interface VoteChange extends HeadChange {
  /** What it is among those that were heard before. */
  readonly pool: VotePoolChange;
}

/** C1: in a block, which may still be replaced. C2: final, which may not. */
export type Level = "C1" | "C2";

export const NO_CHANGE: HeadChange = { known: false, added: [], abandoned: [], certificates: [] };

/** What has come to the tree: a block or none, and certificates that stand in no block. */
export interface Taken {
  readonly added: Link | undefined;
  readonly certificates: readonly QuorumCertificate[];
}
