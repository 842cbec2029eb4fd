/**
 * What certificates say about a tree of blocks, whether they stand in a block of any of its branches or were heard:
 * which checkpoints are justified, and which one is final. More than a chain says of itself, and never less; it only
 * grows.
 *
 * A function of the blocks and certificates, not of the order in which they came: the justified ones are all to which
 * certified links lead from the genesis, the final one is the highest whose link to the very next checkpoint is
 * certified.
 */
import { compareBytes, toHex } from "#base/bytes.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Link } from "./link.ts";

/**
 * What came before a tree that begins with a later block than the genesis. That block is final, but no certificate need
 * be about it: the one that made a later checkpoint final may have led past it, from a justified one below.
 */
export interface BeforeTheTree {
  /** By what the chain of the first block says. */
  readonly justified: readonly Checkpoint[];
  /** Whether a checkpoint is of that chain, and before the tree. */
  holds(checkpoint: Checkpoint): boolean;
}

export class KnownFinality {
  readonly #checkpointBlocks: number;
  readonly #linkOf: (key: string) => Link | undefined;
  readonly #before: BeforeTheTree | undefined;
  /** Ids of justified checkpoints before the tree, in hex. */
  readonly #justifiedBefore: Set<string>;
  /** Links of justified checkpoints that lie in the final one's part of the tree, by their keys. */
  readonly #justifiedLinks: Map<string, Link>;
  /** By the ids that they link, in hex: of one link one certificate is as good as any. */
  readonly #certificates = new Map<string, QuorumCertificate>();
  readonly #bySource = new Map<string, QuorumCertificate[]>();
  #final: Link;
  #justified: Link;

  /**
   * @param first the genesis, or the final block with which the tree begins
   * @param linkOf a block of the tree by its id in hex
   */
  constructor(
    first: Link,
    checkpointBlocks: number,
    linkOf: (key: string) => Link | undefined,
    before?: BeforeTheTree,
  ) {
    this.#checkpointBlocks = checkpointBlocks;
    this.#linkOf = linkOf;
    this.#before = before;
    this.#justifiedBefore = new Set(before?.justified.map(({ id }) => toHex(id)));
    this.#justifiedLinks = new Map([[first.key, first]]);
    this.#final = first;
    this.#justified = first;
  }

  /** The highest that is final. */
  get final(): Link {
    return this.#final;
  }

  /** The highest that is justified and descends from the final one, or is it; of two the lower id. */
  get justified(): Link {
    return this.#justified;
  }

  isJustified(link: Link): boolean {
    return this.#justifiedLinks.get(link.key) === link;
  }

  holds({ body: { source, target } }: Linked): boolean {
    return this.#certificates.has(linkKey(source, target));
  }

  /** Those with a target above the serial, lowest target first. */
  certificatesAbove(serial: number): readonly QuorumCertificate[] {
    return [...this.#certificates.values()]
      .filter(({ body }) => body.target.serial > serial)
      .sort((left, right) => left.body.target.serial - right.body.target.serial);
  }

  /** Takes a certificate whose votes were verified and whose two checkpoints are in the tree, one above the other. */
  take(certificate: QuorumCertificate): void {
    const { source, target } = certificate.body;
    if (this.holds(certificate)) return;
    this.#certificates.set(linkKey(source, target), certificate);
    const sourceKey = toHex(source.id);
    this.#bySource.set(sourceKey, [...(this.#bySource.get(sourceKey) ?? []), certificate]);
    if (this.#justifiedLinks.has(sourceKey) || this.#justifiedBefore.has(sourceKey)) this.#follow([certificate]);
  }

  /** Certificates of which nothing can come any more: no branch that may still be followed lacks what they say. */
  forget(upToTargetSerial: number): void {
    for (const [key, { body }] of this.#certificates) {
      if (body.target.serial > upToTargetSerial) continue;
      this.#certificates.delete(key);
      const sourceKey = toHex(body.source.id);
      const others = (this.#bySource.get(sourceKey) ?? []).filter((each) => each.body.target !== body.target);
      if (others.length === 0) this.#bySource.delete(sourceKey);
      else this.#bySource.set(sourceKey, others);
    }
  }

  /** Certificates with a justified source, and those that come to have one by them. */
  #follow(certificates: readonly QuorumCertificate[]): void {
    const waiting = [...certificates];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { source, target } = next.body;
      const key = toHex(target.id);
      const to = this.#linkOf(key);
      const isNew = to === undefined ? this.#noteBefore(target) : !this.#justifiedLinks.has(key);
      if (to !== undefined) this.#justifiedLinks.set(key, to);
      const from = this.#justifiedLinks.get(toHex(source.id));
      const isAdjacent = source.serial + this.#checkpointBlocks === target.serial;
      if (to !== undefined && from !== undefined && isAdjacent) this.#finalise(from);
      if (isNew) waiting.push(...(this.#bySource.get(key) ?? []));
    }
    this.#choose();
  }

  /** Whether it is a checkpoint before the tree of which it was not known that it is justified. */
  #noteBefore(target: Checkpoint): boolean {
    const key = toHex(target.id);
    if (this.#before?.holds(target) !== true || this.#justifiedBefore.has(key)) return false;
    this.#justifiedBefore.add(key);
    return true;
  }

  /** What is final stays so: another one beside it, which more than a third must have lied for, is not followed. */
  #finalise(link: Link): void {
    if (link.serial <= this.#final.serial || !descendsFrom(link, this.#final)) return;
    this.#final = link;
  }

  #choose(): void {
    let highest = this.#final;
    for (const [key, link] of this.#justifiedLinks) {
      if (link.serial < this.#final.serial || !descendsFrom(link, this.#final)) this.#justifiedLinks.delete(key);
      else if (isHigher(link, highest)) highest = link;
    }
    this.#justified = highest;
  }
}

type Linked = Pick<QuorumCertificate, "body">;

/** Whether the block is the other one or comes after it. */
export function descendsFrom(link: Link, ancestor: Link): boolean {
  let each: Link | undefined = link;
  while (each !== undefined && each.serial > ancestor.serial) each = each.parent;
  return each === ancestor;
}

function isHigher(link: Link, than: Link): boolean {
  return link.serial > than.serial || (link.serial === than.serial && compareBytes(link.id, than.id) < 0);
}

function linkKey(source: Checkpoint, target: Checkpoint): string {
  return `${toHex(source.id)}:${toHex(target.id)}`;
}
