/**
 * Believes every signature and notes what it was asked, so that the questions can be put to all cores at once. Nothing
 * that was found with it counts before all of them have been answered with yes.
 */
import type { Cryptography } from "./cryptography.ts";
import type { SignatureJob } from "./signature-verifier.ts";

export interface CollectingCryptography extends Cryptography {
  /** What was asked since the last call. */
  take(): readonly SignatureJob[];
}

export function collectingCryptography(crypto: Cryptography): CollectingCryptography {
  let jobs: SignatureJob[] = [];
  const verify: Cryptography["verify"] = (publicKey, message, signature) => {
    jobs.push({ publicKey, message, signature });
    return true;
  };
  const take = (): readonly SignatureJob[] => {
    const taken = jobs;
    jobs = [];
    return taken;
  };
  return Object.assign(Object.create(crypto) as Cryptography, { verify, take });
}
