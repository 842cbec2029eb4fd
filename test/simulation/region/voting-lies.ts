/**
 * Voters who contradict themselves. Their votes go to each gateway apart, as if they had a line of their own to it: that
 * is what a cut does not stop.
 */
import type { Chain } from "#core/ledger/chain.ts";
import type { Block } from "#core/ledger/block.ts";
import { signVote } from "#core/finality/vote.ts";
import { meshRoot, topicName } from "#core/mesh/topics.ts";
import { encodeWrapper } from "#core/mesh/wrapper.ts";
import type { Lie } from "./lies.ts";
import type { RegionNode } from "./region-node.ts";
import type { RegionWorld } from "./region-world.ts";

/** Of these a committee of the first authorities bears one. */
export function isVotingLie(lie: Lie | undefined): boolean {
  return lie === "votes everywhere" || lie === "votes on each side";
}

/** Whoever votes so knows what this gateway has just taken in, and hands it the votes for that. */
export function handVotes(world: RegionWorld, at: RegionNode, block: Block): void {
  const [chain, site] = [at.running?.ledger.chain, world.siteOf(at)];
  if (chain === undefined || site === undefined) return;
  const topic = topicName(meshRoot(world.genesis.network, "sim"), { kind: "vote" });
  for (const liar of world.nodes) {
    const lie = world.plan.liars.get(liar.name);
    if (lie === undefined || !isVotingLie(lie) || liar.running === undefined) continue;
    for (const payload of votesFor(liar, chain, block, lie)) {
      world.counts.count("double vote");
      world.mesh.inject(site, topic, payload);
    }
  }
}

/**
 * What a liar can vote for a new checkpoint of somebody else's chain, on whichever branch it is, whatever it has said
 * elsewhere: payloads, the vote from the nearest checkpoint last. A gateway that lacks the block keeps that.
 */
function votesFor({ identity }: RegionNode, chain: Chain, block: Block, lie: Lie): readonly Uint8Array[] {
  const { checkpoints = [] } = chain.link(block.key)?.state.finality ?? {};
  const target = checkpoints.at(-1);
  if (target === undefined || target.serial !== block.header.serial) return [];
  const { serial, id, epoch } = target;
  const { justified } = chain;
  const below = checkpoints.slice(-1 - SOURCES_MAX, -1);
  const sources = lie === "votes everywhere" ? below : justified.serial < serial ? [justified] : [];
  return sources.map((source) => {
    const link = { source: { serial: source.serial, id: source.id }, target: { serial, id } };
    return encodeWrapper(0, signVote(chain.context, { epoch, ...link, member: identity.did }, identity.signer).bytes);
  });
}

const SOURCES_MAX = 4;
