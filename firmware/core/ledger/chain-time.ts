/**
 * What a branch says of the time: the median of its newest blocks. A clock of low grade, always late, that no single
 * sealer can move (protocol 2.18).
 */
import type { ChainLink } from "./chain.ts";

/** One more than half of them would have to lie. */
export const CHAIN_TIME_BLOCKS = 11;

/** Unix seconds. Of an even number of blocks, genesis included, the later one in the middle. */
export function chainTime(head: ChainLink): number {
  const times = newestLinks(head).map(({ sealedAt }) => sealedAt);
  return times.sort((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0;
}

/** The newest blocks of the branch, at most as many as count, newest first. */
export function newestLinks(head: ChainLink): readonly ChainLink[] {
  const links: ChainLink[] = [];
  for (let link: ChainLink | undefined = head; link !== undefined; link = link.parent) {
    if (links.length === CHAIN_TIME_BLOCKS) break;
    links.push(link);
  }
  return links;
}
