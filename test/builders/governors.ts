/** Governors with keys drawn from their names, and what they decide. */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import type { Governors } from "#core/governance/governors.ts";
import { paramsBody, type ParamsBody } from "#core/governance/params-fact.ts";
import { reconfigBody } from "#core/governance/reconfig-fact.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { ParamsFact, ReconfigFact } from "#core/ledger/fact.ts";
import { named, signFact } from "./ledger-actors.ts";

export const GOVERNOR_SIGNERS: readonly Signer[] = [1, 2, 3].map((n) => new NobleSigner(named(`governor ${n}`)));

/** Two of the three decide. */
export const GOVERNORS: Governors = { keys: GOVERNOR_SIGNERS.map(({ publicKey }) => publicKey), threshold: 2 };

const TWO = GOVERNOR_SIGNERS.slice(0, 2);

export type Decided = Partial<ParamsBody> & Pick<ParamsBody, "number" | "activeFromEpoch">;

export function paramsFact(network: Uint8Array, said: Decided, signers = TWO): ParamsFact {
  const body = { network, rules: {}, ...said };
  return signFact(network, { kind: "PARAMS", shape: paramsBody, body }, signers);
}

export function reconfigFact(
  network: Uint8Array,
  { serial, id }: Checkpoint,
  committee: readonly Uint8Array[],
  signers = TWO,
): ReconfigFact {
  const body = { network, checkpoint: { serial, id }, committee };
  return signFact(network, { kind: "RECONFIG", shape: reconfigBody, body }, signers);
}
