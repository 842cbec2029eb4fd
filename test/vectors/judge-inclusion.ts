/** Judges a vector of proofs: what somebody with nothing but the genesis makes of it. */
import { toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { checkInclusion, type InclusionFault } from "#core/ledger/inclusion-proof.ts";
import { trustOfGenesis } from "#core/ledger/trusted-committee.ts";

export interface InclusionGiven {
  readonly crypto: Cryptography;
  readonly genesis: Uint8Array;
}

/** The id, in hex, of the block in which something is shown to be. */
export function judgeInclusion({ crypto, genesis }: InclusionGiven, proof: Uint8Array): Result<string, InclusionFault> {
  const region = decodeGenesis(crypto, genesis);
  if (!region.ok) throw new Error("bug of the vectors: no genesis");
  const context = { crypto, genesis: region.value };
  const checked = checkInclusion(context, trustOfGenesis(context), proof);
  return checked.ok ? ok(toHex(checked.value.blockId)) : checked;
}
