/**
 * A block of the head's chain of which something has rotted here, and which somebody has sent again. Its id says which
 * facts, results and links it has. The signatures it does not cover, and what is stored is believed from then on: so
 * they are verified once more, with the keys that the chain knows.
 */
import { toHex } from "#base/bytes.ts";
import { checkQuorum, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { otherContent } from "./block-content.ts";
import type { Block } from "./block.ts";
import type { Chain } from "./chain.ts";
import { isGenuine } from "./fact-signers.ts";
import { afterHandoff, trustOfGenesis, type TrustedCommittee } from "./trusted-committee.ts";

/** False as well where that cannot be told: of a charge that the state has forgotten nobody knows the signers. */
export function isAsItStood(chain: Chain, block: Block): boolean {
  const { header, key, facts, certificates } = block;
  if (chain.idAt(header.serial) !== key) return false;
  if (otherContent((message) => chain.context.crypto.sha256(message), block) !== undefined) return false;
  return (
    isSealed(chain, block) &&
    facts.every((fact) => isGenuine(chain.head.state, fact, chain.context)) &&
    certificates.every((certificate) => isVotedFor(chain, certificate))
  );
}

function keysOf(chain: Chain, did: string): readonly Uint8Array[] {
  return chain.head.state.members.get(did)?.keys.map(({ publicKey }) => publicKey) ?? [];
}

function isSealed(chain: Chain, { header, headerPayload, signature }: Block): boolean {
  const { crypto, network } = chain.context;
  const message = toBeSigned(network, PURPOSE.HEADER, headerPayload);
  return keysOf(chain, toHex(header.miner)).some((key) => crypto.verify(key, message, signature));
}

/** By the committees of its epoch, which the handoffs of this chain lead to. */
function isVotedFor(chain: Chain, certificate: QuorumCertificate): boolean {
  const { crypto, network } = chain.context;
  const trust = committeeOf(chain, certificate.body.epoch);
  const context = { crypto, network, keysOf: (did: string) => keysOf(chain, did) };
  return trust !== undefined && checkQuorum(context, trust.committees, certificate).ok;
}

function committeeOf(chain: Chain, epoch: number): TrustedCommittee | undefined {
  const context = { crypto: chain.context.crypto, genesis: chain.genesis };
  let trust: TrustedCommittee | undefined = trustOfGenesis(context);
  for (const handoff of chain.handoffs.from(0).slice(0, epoch)) {
    const next: ReturnType<typeof afterHandoff> | undefined = trust && afterHandoff(context, trust, handoff);
    trust = next?.ok === true ? next.value : undefined;
  }
  return trust?.epoch === epoch ? trust : undefined;
}
