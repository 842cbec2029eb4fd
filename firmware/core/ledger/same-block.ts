/**
 * A block of the head's chain of which something has rotted here, and which somebody has sent again. Its id says which
 * facts, results and links it has. The signatures it does not cover, and what is stored is believed from then on: so
 * they are verified once more, with the keys that the chain knows.
 */
import type { Committees } from "#core/finality/finality-state.ts";
import { checkQuorum, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { otherContent } from "./block-content.ts";
import type { Block } from "./block.ts";
import type { Chain } from "./chain.ts";
import { isGenuine } from "./fact-signers.ts";
import { isSignedByItsMiner } from "./header-signer.ts";
import { keysOf } from "./membership.ts";
import { trustAfter, trustOfGenesis } from "./trusted-committee.ts";

/** False as well where that cannot be told: of a charge that the state has forgotten nobody knows the signers. */
export function isAsItStood(chain: Chain, block: Block): boolean {
  const { header, key, facts, certificates } = block;
  if (chain.idAt(header.serial) !== key) return false;
  if (otherContent((message) => chain.context.crypto.sha256(message), block) !== undefined) return false;
  return (
    isSignedByItsMiner(chain.head.state, block, chain.context) &&
    facts.every((fact) => isGenuine(chain.head.state, fact, chain.context)) &&
    areVotedFor(chain, certificates)
  );
}

/** By the committees of their epochs, which the handoffs of this chain lead to. */
function areVotedFor(chain: Chain, certificates: readonly QuorumCertificate[]): boolean {
  const { crypto, network } = chain.context;
  const context = { crypto, network, keysOf: (did: string) => keysOf(chain.head.state, did) };
  const epochs = new Set(certificates.map(({ body }) => body.epoch));
  const committees = new Map(Array.from(epochs, (epoch) => [epoch, committeesOf(chain, epoch)] as const));
  return certificates.every((certificate) => {
    const voters = committees.get(certificate.body.epoch);
    return voters !== undefined && checkQuorum(context, voters, certificate).ok;
  });
}

function committeesOf(chain: Chain, epoch: number): Committees | undefined {
  const context = { crypto: chain.context.crypto, genesis: chain.genesis };
  const { trust } = trustAfter(context, trustOfGenesis(context), chain.handoffs.from(0).slice(0, epoch));
  return trust.epoch === epoch ? trust.committees : undefined;
}
