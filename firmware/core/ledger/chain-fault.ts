/** Why a block is not put into the tree. */
import type { BlockFault } from "./apply-block.ts";

export type ChainFault =
  | BlockFault
  | { readonly code: "CHAIN_UNKNOWN_PARENT"; readonly parent: string; readonly serial: number }
  | { readonly code: "CHAIN_BRANCH_TOO_DEEP"; readonly serial: number; readonly head: number }
  /** It stands beside what is final here: nobody follows its branch any more. */
  | { readonly code: "CHAIN_CONTRADICTS_FINAL"; readonly serial: number; readonly final: number }
  | { readonly code: "CHAIN_FROM_THE_FUTURE"; readonly sealedAt: number; readonly now: number };
