/** The governors of a simulated region, with keys of their names. */
import type { Signer } from "#core/identity/cryptography.ts";
import type { GenesisBody } from "#core/ledger/genesis.ts";
import { named } from "#test/builders/ledger-actors.ts";
import type { RegionPlan } from "./region-plan.ts";
import type { RegionCryptography } from "./simulated-cryptography.ts";

export function governorSigners({ governors }: RegionPlan, { signerOf }: RegionCryptography): readonly Signer[] {
  return Array.from({ length: governors?.count ?? 0 }, (_, index) => signerOf(named(`governor ${index + 1}`)));
}

/** What the genesis says of them: nothing where there are none. */
export function governorsIn({ governors }: RegionPlan, signers: readonly Signer[]): Pick<GenesisBody, "governors"> {
  if (governors === undefined) return {};
  return { governors: { keys: signers.map(({ publicKey }) => publicKey), threshold: governors.threshold } };
}
