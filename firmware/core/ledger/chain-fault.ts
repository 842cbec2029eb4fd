/** Why a block is not put into the tree. */
import { toHex } from "#base/bytes.ts";
import { FUTURE_SECONDS_MAX } from "#core/limits.ts";
import { equalCheckpoints, type Checkpoint } from "#core/finality/checkpoint.ts";
import type { BlockFault } from "./apply-block.ts";
import type { FactFault } from "./fact-fault.ts";
import type { Fact } from "./fact.ts";
import type { HeaderBody } from "./block.ts";

export type ChainFault =
  | BlockFault
  | { readonly code: "CHAIN_UNKNOWN_PARENT"; readonly parent: string; readonly serial: number }
  | { readonly code: "CHAIN_BRANCH_TOO_DEEP"; readonly serial: number; readonly head: number }
  /** It stands beside what is final here: nobody follows its branch any more. */
  | { readonly code: "CHAIN_CONTRADICTS_FINAL"; readonly serial: number; readonly final: number }
  | { readonly code: "CHAIN_FROM_THE_FUTURE"; readonly sealedAt: number; readonly now: number };

/**
 * What governors say about what is final last, held against all that is known to be final here: that may be more than
 * the head's chain says yet.
 */
export function objectionToLate(fact: Fact, final: Checkpoint): FactFault | undefined {
  if (fact.kind !== "RECONFIG") return undefined;
  const { checkpoint } = fact.body;
  const isBeside =
    checkpoint.serial < final.serial || (checkpoint.serial === final.serial && !equalCheckpoints(checkpoint, final));
  return isBeside ? { code: "FACT_CONTRADICTS_FINAL", serial: checkpoint.serial, final: final.serial } : undefined;
}

/** Where a block would stand in the tree. */
interface BlockPlace {
  readonly parent: { readonly serial: number } | undefined;
  readonly final: { readonly serial: number };
  readonly head: { readonly serial: number };
  readonly branchDepthMax: number;
  /** Unix seconds; undefined when stored blocks are read back. */
  readonly now: number | undefined;
}

/** Why a block has no place there, whatever is in it. */
export function objectionToPlace(
  { serial, previous, sealedAt }: HeaderBody,
  { parent, final, head, branchDepthMax, now }: BlockPlace,
): ChainFault | undefined {
  // What is not here of the heights up to the final one is beside it.
  if ((parent?.serial ?? serial - 1) < final.serial) {
    return { code: "CHAIN_CONTRADICTS_FINAL", serial, final: final.serial };
  }
  if (parent === undefined) return { code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial };
  if (serial + branchDepthMax <= head.serial) return { code: "CHAIN_BRANCH_TOO_DEEP", serial, head: head.serial };
  if (now !== undefined && sealedAt > now + FUTURE_SECONDS_MAX) return { code: "CHAIN_FROM_THE_FUTURE", sealedAt, now };
  return undefined;
}
