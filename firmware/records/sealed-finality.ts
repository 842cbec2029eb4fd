/** What is known of whether a sealed result can still be replaced: the step from C1 to C2. */
import type { Chain } from "#core/ledger/chain.ts";
import { votersOn } from "./finality-proof.ts";

export type SealedFinality =
  /** C2. A quorum of so many voters has signed for it. */
  | { readonly kind: "final"; readonly voters: number }
  | { readonly kind: "not yet" }
  /** The region has no voters, so that nothing ever becomes final. */
  | { readonly kind: "never" }
  /** What is at hand does not say. */
  | { readonly kind: "not shown" }
  /** So many have signed, but that these are the voters of that epoch only the region's chain can show. */
  | { readonly kind: "claimed"; readonly signed: number; readonly voters: number; readonly epoch: number };

/** C1: a block holds the result, and another branch may replace it. C2: it is final. */
export type SealedLevel = "C1" | "C2";
export const SEALED_LEVELS: readonly SealedLevel[] = ["C1", "C2"];

/** Of a block of the head's chain. */
export function sealedFinality(chain: Chain, serial: number): SealedFinality {
  const committee = votersOf(chain, serial);
  if (committee.length === 0) return { kind: "never" };
  return chain.levelOf(serial) === "C2" ? { kind: "final", voters: committee.length } : { kind: "not yet" };
}

export function sealedLevel({ kind }: SealedFinality): SealedLevel {
  return kind === "final" ? "C2" : "C1";
}

/** The highest level that anything in this region can reach now. */
export function highestLevel({ genesis, head }: Chain): SealedLevel {
  const isVoting = genesis.body.rules.finality !== "off" && (head.state.finality.committees.at(-1) ?? []).length > 0;
  return isVoting ? "C2" : "C1";
}

function votersOf(chain: Chain, serial: number): readonly string[] {
  return chain.genesis.body.rules.finality === "off" ? [] : votersOn(chain, serial);
}
