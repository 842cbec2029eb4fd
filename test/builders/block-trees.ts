/** Trees of blocks as a region makes them, and the ways in which they come to somebody else. */
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { certify, hear } from "./committee-votes.ts";
import { LedgerBuilder, type Region } from "./ledger-builder.ts";

export type Item = Block | QuorumCertificate;

export interface Grown {
  readonly builder: LedgerBuilder;
  /** Blocks, and certificates that are heard: some of these stand in blocks as well. */
  readonly items: readonly Item[];
}

/**
 * A tree as a region makes it: blocks on any tip that may be followed, and now and then the voters, who are honest,
 * certify a checkpoint above the one that they have justified last.
 */
export function grow(region: Region, steps: readonly (readonly [number, number, number])[]): Grown {
  const builder = new LedgerBuilder(region);
  const isVoting = region.rules?.finality === "votes";
  const links: ChainLink[] = [builder.chain.head];
  const items: Item[] = [];
  const alive = (): readonly ChainLink[] => links.filter((link) => builder.chain.has(toHex(link.id)));
  for (const [where, rank, votes] of steps) {
    // Mostly on one of the newest.
    const open = alive()
      .filter(({ serial }) => serial >= builder.chain.final.serial)
      .slice(-3);
    const parent = open[where % open.length] ?? builder.chain.head;
    // Where nobody votes, the third number is the time: two blocks of one rank on one parent are equally good.
    const at = isVoting ? 0 : parent.sealedAt + 100 + votes;
    const block = builder.make({ parent, rank, facts: [], at });
    builder.add(block);
    links.push(builder.linkOf(block));
    items.push(block);
    if (!isVoting) continue;
    const source = builder.chain.justified;
    const targets = alive().filter((link) => link.serial % 2 === 0 && link.serial > source.serial);
    const target = targets.filter((link) => isAbove(link, source))[votes % 3];
    if (target === undefined) continue;
    const certificate = certify(builder, [source, target]);
    hear(builder, certificate);
    items.push(certificate);
  }
  return { builder, items };
}

/** As a gateway does: what has no parent yet waits for it. Checks after each that what is final has only moved on. */
export function deliver(chain: Chain, items: readonly Item[]): void {
  let waiting = [...items];
  for (let before = Infinity; waiting.length > 0 && waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter((item) => {
      const { final } = chain;
      const taken = "header" in item ? chain.addBlock(item, undefined) : chain.addCertificate(item);
      assert.ok(chain.final.serial >= final.serial && chain.isOfHead(final) && chain.isOfHead(chain.justified));
      // A certificate is kept by the chain itself.
      return "header" in item && !taken.ok;
    });
  }
}

export function shuffled<Each>(items: readonly Each[], order: readonly number[]): readonly Each[] {
  const keyed = items.map((item, place) => ({ item, key: order[place % order.length] ?? 0, place }));
  return keyed.sort((left, right) => left.key - right.key || left.place - right.place).map(({ item }) => item);
}

export function isAbove(link: ChainLink, ancestor: ChainLink): boolean {
  let each: ChainLink | undefined = link;
  while (each !== undefined && each.serial > ancestor.serial) each = each.parent;
  return each === ancestor;
}
